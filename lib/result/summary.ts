import type { ProbePlan, Step, Threshold } from '../config/plan.ts';
import { compareLatencies, percentile, percentiles } from './percentiles.ts';
import type {
  CheckOutcome,
  CheckSummary,
  Figure,
  LatencyMs,
  Pass,
  PhasesMs,
  Result,
  SeriesSummary,
  StepOutcome,
  StepSummary,
  ThresholdResult,
} from './result.ts';
import { type SketchData, sketchOf } from './sketch.ts';

/** Passes whose latency counts: clean ones, unless all are tainted. */
export const countedPasses = (passes: readonly Pass[]): readonly Pass[] => {
  const clean = passes.filter((pass) => !pass.tainted);
  return clean.length > 0 ? clean : passes;
};

/** Executions of a step, or of all; skipped ones are none. */
export const executionsOf = (passes: readonly Pass[], step?: string): readonly StepOutcome[] =>
  passes.flatMap((pass) =>
    pass.steps.filter((outcome) => outcome.status !== 'skipped' && (step === undefined || outcome.step === step)),
  );

export const latenciesOf = (outcomes: readonly { readonly latencyMs: LatencyMs }[]): readonly LatencyMs[] =>
  outcomes.map((outcome) => outcome.latencyMs);

const median = (values: readonly number[]): number => percentile(values.toSorted(compareLatencies), 50) ?? 0;

/** Medians, phase by phase, over those that have the phase. */
export const medianPhases = (all: readonly PhasesMs[]): PhasesMs => {
  const medians: PhasesMs = {};
  for (const phase of new Set(all.flatMap((phases) => Object.keys(phases) as (keyof PhasesMs)[]))) {
    medians[phase] = median(all.map((phases) => phases[phase]).filter((ms) => ms !== undefined));
  }
  return medians;
};

/** Medians, figure by figure, over those that have the figure; in the order in which they were first seen. */
const medianFigures = (all: readonly StepOutcome[]): readonly Figure[] => {
  const named = Map.groupBy(
    all.flatMap(({ figures }) => figures ?? []),
    ({ name }) => name,
  );
  return [...named.values()].flatMap(([first, ...rest]) =>
    first ? [{ ...first, value: median([first, ...rest].map(({ value }) => value)) }] : [],
  );
};

/** What only steps of a sequence have. */
const summariseSequence = (
  counted: readonly StepOutcome[],
  shown: StepOutcome | undefined,
): Pick<StepSummary, 'figures' | 'soak'> => {
  const figures = medianFigures(counted);
  const soak = shown?.soak;
  return { ...(figures.length === 0 ? {} : { figures }), ...(soak === undefined ? {} : { soak }) };
};

type SummariseStep = {
  readonly passes: readonly Pass[];
  /** The pass that is shown. */
  readonly exemplar: Pass | null;
  readonly judge: (threshold: Threshold, step: Step) => ThresholdResult;
};

const summariseStep = (step: Step, { passes, exemplar, judge }: SummariseStep): StepSummary => {
  const all = executionsOf(passes, step.name);
  const counted = executionsOf(countedPasses(passes), step.name);
  const skipped = passes
    .flatMap((pass) => pass.steps)
    .find((outcome) => outcome.step === step.name && outcome.status === 'skipped');
  const failed = all.some((outcome) => outcome.status === 'failed');
  return {
    name: step.name,
    type: step.type,
    status: failed ? 'failed' : all.length > 0 ? 'done' : 'skipped',
    ...(all.length === 0 && skipped?.reason ? { reason: skipped.reason } : {}),
    samples: all.length,
    latencyMs: percentiles(latenciesOf(counted)),
    phasesMs: medianPhases(counted.map((outcome) => outcome.phasesMs)),
    thresholds: all.length === 0 ? [] : step.thresholds.map((threshold) => judge(threshold, step)),
    ...summariseSequence(
      counted,
      exemplar?.steps.find((outcome) => outcome.step === step.name),
    ),
  };
};

export const summariseSteps = (
  probe: ProbePlan,
  passes: readonly Pass[],
  judge: (threshold: Threshold, step: Step) => ThresholdResult,
): readonly StepSummary[] => {
  const exemplar = exemplarOf(passes);
  return probe.steps.map((step) => summariseStep(step, { passes, exemplar, judge }));
};

export type Series = { readonly summary: SeriesSummary; readonly sketch: SketchData };

const seriesOf = (name: string, connection: SeriesSummary['connection'], latenciesMs: readonly LatencyMs[]): Series => {
  const answered = latenciesMs.filter((ms) => ms !== null);
  return {
    summary: {
      name,
      connection,
      samples: latenciesMs.length,
      unanswered: latenciesMs.length - answered.length,
      latencyMs: percentiles(latenciesMs),
    },
    sketch: sketchOf(answered),
  };
};

/** The latency series of a run, tainted samples left out; what baselines compare. */
export const summariseSeries = (probe: ProbePlan, result: Result): readonly Series[] => {
  const clean = result.passes.filter((pass) => !pass.tainted);
  const mode = result.connectionMode;
  const origins = Map.groupBy(result.connections, (connection) => connection.origin);
  return [
    seriesOf('total', mode, latenciesOf(clean)),
    ...probe.steps.map((step) => seriesOf(`step:${step.name}`, mode, latenciesOf(executionsOf(clean, step.name)))),
    ...[...origins].map(([origin, timings]) =>
      seriesOf(
        `connect:${origin}`,
        'fresh',
        timings.map((timing) => timing.totalMs),
      ),
    ),
  ];
};

type Named = { readonly step?: string; readonly check: CheckOutcome };

const summariseCheck = ([first, ...rest]: readonly [Named, ...Named[]]): CheckSummary => {
  const all = [first, ...rest];
  const count = (result: CheckOutcome['result']) => all.filter(({ check }) => check.result === result).length;
  const told = all.find(({ check }) => check.result === 'fail') ?? all.at(-1) ?? first;
  return {
    name: first.check.name,
    ...(first.step === undefined ? {} : { step: first.step }),
    passed: count('pass'),
    total: count('pass') + count('fail'),
    inconclusive: count('inconclusive'),
    actual: told.check.actual,
  };
};

/** Checks over all passes, those of a step by its name and those of the whole pass without one. */
export const summariseChecks = (passes: readonly Pass[]): readonly CheckSummary[] => {
  const named = passes.flatMap((pass): readonly Named[] => [
    ...pass.steps.flatMap((outcome) => outcome.checks.map((check) => ({ step: outcome.step, check }))),
    ...pass.checks.map((check) => ({ check })),
  ]);
  const groups = Map.groupBy(named, ({ step, check }) => JSON.stringify([step ?? null, check.name]));
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [summariseCheck([first, ...rest])] : []));
};

/** The pass to show: the first that failed, else the one of median latency. */
export const exemplarOf = (passes: readonly Pass[]): Pass | null => {
  const failed = passes.find(
    (pass) =>
      pass.steps.some((step) => step.status === 'failed') || pass.checks.some((check) => check.result !== 'pass'),
  );
  const sorted = passes.toSorted((a, b) => compareLatencies(a.latencyMs, b.latencyMs));
  return failed ?? sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
};
