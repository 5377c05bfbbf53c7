import type { Json } from '../../lib/config/plan.ts';
import type { Message, RawFrame } from '../../lib/sequence/codec/codec.ts';

/** One line of what happened, over all generations. `in` lines are messages, of which a frame may carry several. */
export type Line = { readonly generation: number; readonly auto?: true } & (
  | { readonly direction: 'in'; readonly raw: RawFrame; readonly message: Message }
  | { readonly direction: 'out'; readonly raw: RawFrame; readonly message?: Json }
  | { readonly direction: 'close'; readonly code: number; readonly reason: string }
);

export type Closed = { readonly code: number; readonly reason: string };

export type KeptFrame = { readonly direction: 'in' | 'out'; readonly raw: RawFrame };

/** Longer than anything takes on a slow machine that is busy elsewhere; reached only where a test fails. */
const limitMs = 40_000;

const show = (line: Line): string => {
  if (line.direction === 'close') return `${line.generation} closed ${line.code} ${line.reason}`;
  const raw = typeof line.raw === 'string' ? line.raw : `bytes ${Buffer.from(line.raw).toString('hex')}`;
  return `${line.generation} ${line.direction} ${raw.slice(0, 200)}`;
};

/** What was said, and whoever waits for more of it. */
export const createRecord = () => {
  const lines: Line[] = [];
  const frames: KeptFrame[] = [];
  const lookers = new Set<() => void>();
  return {
    lines,
    frames,
    /** A frame, before it is read or sent. */
    keep: (direction: 'in' | 'out', raw: RawFrame) => frames.push({ direction, raw }),
    note: (line: Line) => {
      lines.push(line);
      for (const look of lookers) look();
    },
    /** Looks now and after every line. A generation that is closed and did not bring it is an error. */
    until: <T>(look: () => T | undefined, what: string, bringer?: { readonly closed?: Closed }): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const fail = (why: string) => reject(new Error(`${what}: ${why}\n${lines.slice(-30).map(show).join('\n')}`));
      const timer = setTimeout(() => fail(`not within ${limitMs} ms`), limitMs);
      const attempt = () => {
        const found = look();
        if (found !== undefined) resolve(found);
        else if (bringer?.closed) fail(`closed ${bringer.closed.code} ${bringer.closed.reason}`);
      };
      lookers.add(attempt);
      attempt();
      return promise.finally(() => {
        clearTimeout(timer);
        lookers.delete(attempt);
      });
    },
  };
};

export type Chronicle = ReturnType<typeof createRecord>;
