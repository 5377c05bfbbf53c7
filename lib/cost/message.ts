import type { ProbePlan, SoakStep, Step } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { hasSideEffects } from '../config/side-effects.ts';
import type { CostModel } from './model.ts';
import type { Quantities } from './prices.ts';

/** What of a run is billed. */
export type RunShape = {
  readonly wallSeconds: number;
  readonly egressBytes: number;
  readonly sampleBytes: number;
  /** Of such runs, the share that moves the baseline: its memory then goes into a transaction with it. */
  readonly learntShare: number;
  /** It holds a lease while it runs. */
  readonly leased: boolean;
  /** Months that its document and its raw samples are kept. */
  readonly runMonths: number;
  readonly sampleMonths: number;
};

/** What bills a run: the function, the queue, the table… */
export const usages = ['function', 'queue', 'table', 'samples', 'storage', 'logs', 'metrics', 'egress'] as const;
export type Usage = (typeof usages)[number];

/** That something does not come, or not once more, is known when the time is over. */
const waitedMs = (step: Step): number => {
  if (step.type === 'quiet' || step.type === 'idempotent') return step.quietMs;
  if (step.type !== 'expect') return 0;
  const { expectation, withinMs } = step;
  if (expectation.kind === 'absent') return expectation.afterSeen === undefined ? withinMs : 0;
  if (expectation.kind !== 'count') return 0;
  const { exactly, max, until } = expectation;
  if (until) return 'quietMs' in until ? until.quietMs : 0;
  return exactly !== undefined || max !== undefined ? withinMs : 0;
};

/** Steps that a pass carries out, and how long that takes. */
type Work = { readonly steps: number; readonly seconds: number };

const workOfSoak = ({ steps, iterations, durationMs, everyMs }: SoakStep, model: CostModel): Work => {
  const once = workOf(steps, model);
  const turnSeconds = Math.max(once.seconds, (everyMs ?? 0) / 1000);
  const turns = Math.min(
    iterations ?? Number.POSITIVE_INFINITY,
    (durationMs ?? Number.POSITIVE_INFINITY) / 1000 / turnSeconds,
  );
  return { steps: Math.ceil(turns) * once.steps, seconds: turns * turnSeconds };
};

const workOf = (steps: readonly Step[], model: CostModel): Work =>
  steps
    .map((step) =>
      step.type === 'soak'
        ? workOfSoak(step, model)
        : { steps: 1, seconds: model.secondsPerStep + waitedMs(step) / 1000 },
    )
    .reduce((sum, each) => ({ steps: sum.steps + each.steps, seconds: sum.seconds + each.seconds }), {
      steps: 0,
      seconds: 0,
    });

const hourMs = 3_600_000;

/** A baseline takes runs in by the block: an hour of them, or fewer where they are many. */
const learntShareOf = ({ schedule }: ProbePlan, { leastLearntShare }: CostModel): number =>
  schedule ? Math.min(1, Math.max(cadenceMs(schedule) / hourMs, leastLearntShare)) : 0;

/** What a run of a probe is billed by, as far as its plan says; the rest is assumed. */
export const shapeOf = (
  probe: ProbePlan,
  kept: Pick<RunShape, 'runMonths' | 'sampleMonths'>,
  model: CostModel,
): RunShape => {
  // It is recorded all the same, and asks nobody.
  const passes = probe.deferred || probe.enabled === false ? 0 : probe.samples;
  const work = workOf([...probe.steps, ...probe.cleanup], model);
  return {
    wallSeconds: Math.min(passes * work.seconds, probe.deadlineMs / 1000),
    egressBytes: passes * work.steps * model.egressBytesPerStep,
    sampleBytes:
      passes === 0
        ? 0
        : model.sampleBytesPerRun + passes * (probe.steps.length + probe.cleanup.length) * model.sampleBytesPerStep,
    learntShare: learntShareOf(probe, model),
    leased: hasSideEffects(probe),
    ...kept,
  };
};

/** What an invocation lasts: its runs `sideBySide`, the longest at least; of a cold one, the start besides. */
export const billedSeconds = (runs: readonly RunShape[], coldShare: number, model: CostModel): number => {
  const longest = Math.max(...runs.map(({ wallSeconds }) => wallSeconds));
  const shared = total(runs, ({ wallSeconds }) => wallSeconds) / model.sideBySide;
  return Math.max(longest, shared) + model.secondsPerMessage + coldShare * model.coldStartSeconds;
};

const total = (runs: readonly RunShape[], measure: (run: RunShape) => number): number =>
  runs.reduce((sum, run) => sum + measure(run), 0);

const kilobyte = 1024;
const giga = 1e9;

const tableOf = (runs: readonly RunShape[], model: CostModel): Quantities => {
  const units = (bytes: number) => Math.ceil(bytes / kilobyte);
  const memory = units(model.memoryItemBytes);
  const together = model.transactionFactor * (memory + units(model.baselineItemBytes));
  const run = units(model.runItemBytes) + model.indexWriteUnits;
  const judged = ({ learntShare }: RunShape) => (1 - learntShare) * memory + learntShare * together;
  return {
    writeUnit: total(runs, (each) => run + judged(each) + (each.leased ? model.leaseWriteUnits : 0)),
    readUnit: runs.length * model.readUnitsPerRun,
  };
};

const storageOf = (runs: readonly RunShape[], model: CostModel): Quantities => {
  const tableGbMonth = total(runs, ({ runMonths }) => runMonths * model.runItemBytes) / giga;
  return {
    tableGbMonth,
    recoveryGbMonth: tableGbMonth * model.recoveryShare,
    bucketGbMonth: total(runs, ({ sampleBytes, sampleMonths }) => sampleMonths * sampleBytes) / giga,
  };
};

/** What one message of the work queue uses: its runs measured side by side, judged, stored and kept. */
export const messageUse = (
  runs: readonly RunShape[],
  coldShare: number,
  model: CostModel,
): Readonly<Record<Usage, Quantities>> => {
  const logGb = (model.logBytesPerMessage + runs.length * model.logBytesPerRun) / giga;
  return {
    function: {
      computeGbSecond: billedSeconds(runs, coldShare, model) * model.probeMemoryGb,
      invocation: 1,
      scheduledFire: model.firesPerMessage,
    },
    queue: { queueRequest: model.queueRequestsPerMessage },
    table: tableOf(runs, model),
    samples: { objectPut: model.objectsPerMessage },
    storage: storageOf(runs, model),
    logs: { logGb, logGbMonth: logGb * model.logMonths },
    metrics: { metricRequest: model.metricRequestsPerMessage },
    egress: { egressGb: total(runs, ({ egressBytes }) => egressBytes) / giga },
  };
};
