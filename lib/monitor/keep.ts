import type { ProbePlan } from '../config/plan.ts';
import { withAttribution } from '../judge/attribution.ts';
import { withBaseline } from '../judge/baseline.ts';
import { withBudgets } from '../judge/budget.ts';
import type { Store, StoredRun } from '../result/store.ts';
import { type AlarmStep, type JudgeDeps, type Prepared, prepareRun, stepRun } from './step.ts';

export type Monitored = StoredRun & { readonly alarm: AlarmStep };

/** Runs that tell what is usual for a probe. */
const usualRuns = 30;

/** Says of a run that is too slow where the time went, beside what is usual. */
const nameSlowness = async (judged: StoredRun, store: Store): Promise<StoredRun> => {
  const { probe, verdict } = judged.run;
  if (verdict !== 'degraded') return judged;
  const before = await store.list({ probe, limit: usualRuns });
  return withAttribution(
    judged,
    before.filter((run) => run.verdict === 'pass'),
  );
};

const compare = async (probe: ProbePlan, measured: StoredRun, { read, judged }: Prepared, store: Store) => {
  if (measured.run.status !== 'done') return measured;
  return nameSlowness(withBudgets(withBaseline(measured, probe, read.baseline, judged), judged), store);
};

/**
 * From a measured run to what is told of it: judge → store → event. Judged before it is stored, for its document says what
 * the baseline makes of it; the memory is written after it, so that a kill in between loses a step that can be taken again.
 */
export const keepRun = async (probe: ProbePlan, measured: StoredRun, deps: JudgeDeps): Promise<Monitored> => {
  const prepared = await prepareRun(probe, measured, deps);
  const stored = await compare(probe, measured, prepared, deps.store);
  if ((await deps.store.put(stored)) === 'stored') {
    return { ...stored, alarm: await stepRun(probe, stored, deps, prepared) };
  }
  // What is stored stands, and not this second measurement, when the slot was delivered twice.
  const kept = (await deps.store.get(stored.run.runId)) ?? stored;
  return { ...kept, alarm: await stepRun(probe, kept, deps) };
};
