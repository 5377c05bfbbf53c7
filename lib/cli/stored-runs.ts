import { worstVerdict } from '../judge/verdict.ts';
import type { Run, RunDocument, Verdict } from '../result/result.ts';
import type { Store, StoredRun } from '../result/store.ts';
import { version } from '../version.ts';
import { systemClock } from './clock.ts';
import { environmentOf } from './load-plan.ts';
import type { Terminal } from './terminal.ts';

/** The latest run of each of these probes, or the one that is named. */
export const findRuns = async (
  store: Store,
  ids: readonly string[],
  runId: string | undefined,
): Promise<readonly StoredRun[]> => {
  const wanted =
    runId === undefined
      ? (await store.latest()).filter((run) => ids.includes(run.probe)).map((run) => run.runId)
      : [runId];
  const found = await Promise.all(wanted.map((id) => store.get(id)));
  return found.filter((stored) => stored !== undefined);
};

/**
 * What runs say that are in a store.
 *
 * @param besides verdicts of what ought to be among them, and is not.
 */
export const describeStored = (
  service: string,
  runs: readonly Run[],
  terminal: Terminal,
  besides: readonly Verdict[] = [],
): RunDocument => ({
  schema: 1,
  tool: `plimsoll ${version}`,
  service,
  environment: runs[0]?.environment ?? environmentOf(terminal),
  startedAt: runs.map((run) => run.startedAt).toSorted()[0] ?? new Date(systemClock.now()).toISOString(),
  verdict: worstVerdict([...runs.map((run) => run.verdict), ...besides]),
  // Values belong to the moment of a run; a report of stored runs has none to show.
  variables: [],
  runs,
});
