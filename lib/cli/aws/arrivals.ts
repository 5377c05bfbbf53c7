import { sideBySide } from '../../aws/side-by-side.ts';
import type { DispatchOutput } from '../../dispatch/input.ts';
import type { SchedulerClock } from '../../local/scheduler.ts';
import type { Run } from '../../result/result.ts';
import type { Store, StoredRun } from '../../result/store.ts';

type ArrivalDeps = {
  readonly store: Pick<Store, 'get'>;
  readonly clock: Pick<SchedulerClock, 'monotonic' | 'sleep'>;
  readonly signal: AbortSignal;
  readonly arrived: (run: Run) => void;
};

type Asked = DispatchOutput['runs'][number];

export type Arrivals = { readonly stored: readonly StoredRun[]; readonly missing: readonly Asked[] };

const firstPauseMs = 500;
const longestPauseMs = 3_000;
/** Of one look at the table. */
const readsAtOnce = 16;

/**
 * Waits until runs that others make are in the store, with pauses that grow from half a second to three; for so long at
 * most. @throws the signal's reason when it aborts.
 */
export const awaitRuns = async (runs: readonly Asked[], waitMs: number, deps: ArrivalDeps): Promise<Arrivals> => {
  const { store, clock, signal, arrived } = deps;
  const endMs = clock.monotonic() + waitMs;
  const found = new Map<string, StoredRun>();
  const look = async (): Promise<void> => {
    const awaited = runs.filter(({ runId }) => !found.has(runId));
    await sideBySide(awaited, readsAtOnce, async ({ runId }) => {
      const stored = await store.get(runId);
      if (!stored) return;
      found.set(runId, stored);
      arrived(stored.run);
    });
  };
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    await look();
    const leftMs = endMs - clock.monotonic();
    if (found.size === new Set(runs.map(({ runId }) => runId)).size || leftMs <= 0) break;
    await clock.sleep(Math.min(pauseMs, leftMs), signal);
    signal.throwIfAborted();
  }
  return {
    stored: runs.flatMap(({ runId }) => found.get(runId) ?? []),
    missing: runs.filter(({ runId }) => !found.has(runId)),
  };
};

/** Samples of a batch are written together when its last run has ended: a run may be there before them. */
const samplesWaitMs = 15_000;

/** The same runs once their samples are there too; without them where these do not come in a few seconds. */
export const awaitSamples = async (
  stored: readonly StoredRun[],
  { store, clock, signal }: Omit<ArrivalDeps, 'arrived'>,
): Promise<readonly StoredRun[]> => {
  const lacks = ({ run, passes }: StoredRun): boolean => run.samples > 0 && passes.length === 0;
  const endMs = clock.monotonic() + samplesWaitMs;
  let whole = stored;
  while (whole.some(lacks) && clock.monotonic() < endMs) {
    await clock.sleep(firstPauseMs, signal);
    signal.throwIfAborted();
    whole = await Promise.all(whole.map(async (one) => (lacks(one) ? ((await store.get(one.run.runId)) ?? one) : one)));
  }
  return whole;
};
