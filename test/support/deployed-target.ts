import { json, startHttpTarget, type Target } from './http-target.ts';

/** A service that a deployed stack watches: it can be slow, and it counts what is asked of it. */
export type WatchedTarget = Target & {
  /** From now on each answer at this path takes this long. */
  slow(path: string, ms: number): void;
  /** … has this status … */
  break(path: string, status: number): void;
  /** … and is good and fast again. */
  mend(path: string): void;
};

export const startWatchedTarget = async (): Promise<WatchedTarget> => {
  const delays = new Map<string, number>();
  const statuses = new Map<string, number>();
  const target = await startHttpTarget(({ url = '' }, response) => {
    setTimeout(() => json(response, statuses.get(url) ?? 200, { status: 'ok' }), delays.get(url) ?? 0);
  });
  return {
    ...target,
    slow: (path, ms) => void delays.set(path, ms),
    break: (path, status) => void statuses.set(path, status),
    mend: (path) => {
      delays.delete(path);
      statuses.delete(path);
    },
  };
};
