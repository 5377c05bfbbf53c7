import type { Plan } from '../../lib/config/plan.ts';
import type { CostModel } from '../../lib/cost/model.ts';
import { planOf } from './probing.ts';

export const oneStep = { name: 'get', request: { url: 'https://shop.example/' } };

/** A probe of five samples of one step, on a schedule. */
export const scheduled = (id: string, schedule: object, more: object = {}): object => ({
  id,
  kind: 'http',
  schedule,
  steps: [oneStep],
  ...more,
});

/** `count` probes that are alike, but for their ids. */
export const planOfMany = (count: number, schedule: object, keys: object = {}, more: object = {}): Plan => {
  const plan = planOf({ service: 'shop', probes: [scheduled('p', schedule, more)], ...keys });
  const [probe] = plan.probes;
  if (!probe) throw new Error('the plan has no probe');
  return { ...plan, probes: Array.from({ length: count }, (_, index) => ({ ...probe, id: `p-${index}` })) };
};

/** The inputs of field/aws.md §4, with its own figures. */
export const fieldModel = {
  runItemBytes: 1000,
  memoryItemBytes: 1000,
  baselineItemBytes: 0,
  transactionFactor: 1,
  indexWriteUnits: 0,
  readUnitsPerRun: 0.5,
  recoveryShare: 0,
  sampleBytesPerRun: 0,
  sampleBytesPerStep: 0,
  // 0.8 kB of a run in a batch of ten, 1.5 kB of one by itself: so much of the invocation, and so much of the run.
  logBytesPerMessage: 7000 / 9,
  logBytesPerRun: 6500 / 9,
  logMonths: 0,
  metricRequestsPerMessage: 0,
  judgeTicksPerHour: 0,
  changesPerProbe: 0,
  coldStartsPerHour: 0,
} as const satisfies Partial<CostModel>;

/** A schedule for each probe, and no queue. */
export const unbatched = { runsPerMessage: 1, queueRequestsPerMessage: 0, firesPerMessage: 1 } as const;

/** Its runs live for "30 days", reckoned as one month of 730 hours. */
export const fieldKeys = { retention: { runs: '30d10h', cadences: 1 } };
