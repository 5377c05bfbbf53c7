import type { CheckSummary, Run, ThresholdResult, Verdict } from '../result/result.ts';
import type { PlannedFault } from './planned-fault.ts';

/** What said no, and to what. */
export type Objection = {
  /** Absent of an invariant and of the probe's own thresholds. */
  readonly step?: string;
  /** Name of a check, a threshold; `answer` where there was none, `capture` where there was nothing to capture in it. */
  readonly by: string;
  readonly actual: string;
};

/**
 * `noticed`: the run failed or was degraded. `unsure`: it could not say. `idle`: the fault met nothing to be done to.
 */
export type TrialOutcome = 'noticed' | 'missed' | 'unsure' | 'idle';

/** One fault, and what a run of the probe made of it. */
export type Trial = {
  readonly fault: PlannedFault;
  /** As the fault proxy spells it. */
  readonly spec: string;
  readonly outcome: TrialOutcome;
  readonly verdict: Verdict | null;
  readonly objections: readonly Objection[];
  /** Of the run, where nothing objected. */
  readonly reasons: readonly string[];
};

/** A check or a threshold of the probe, and how many faults made it say no. */
export type CheckRecord = {
  readonly step?: string;
  readonly name: string;
  readonly objected: number;
  /** A fault was aimed at its step; of one that has none, at anything. */
  readonly tried: boolean;
};

const ofStep = (step: string | undefined) => (step === undefined ? {} : { step });

const showThreshold = ({ actual, unit }: ThresholdResult): string => {
  if (actual === null) return 'no answer';
  return unit === 'ms' ? `${Math.round(actual)} ms` : `${Math.round(actual * 100)} %`;
};

const thresholdsOf = ({ slo, steps }: Run): readonly ThresholdResult[] => [
  ...slo,
  ...steps.flatMap(({ name, thresholds }) => thresholds.map((one) => ({ ...one, step: one.step ?? name }))),
];

const failedChecks = ({ checks }: Run): readonly Objection[] =>
  checks
    .filter(({ passed, total }) => passed < total)
    .map(({ step, name, actual }) => ({ ...ofStep(step), by: name, actual }));

/** Steps that got no answer; a check that tells the same is enough. */
const failedSteps = ({ exemplar }: Run, told: ReadonlySet<string>): readonly Objection[] =>
  (exemplar?.steps ?? []).flatMap(({ step, failure, unexpectedStatus, checks }) => {
    const by = failure?.kind === 'capture' ? 'capture' : 'answer';
    if (failure) return told.has(failure.message) ? [] : [{ step, by, actual: failure.message }];
    const isNews = unexpectedStatus !== undefined && checks.every(({ result }) => result === 'pass');
    return isNews ? [{ step, by: 'answer', actual: `answered ${unexpectedStatus}` }] : [];
  });

/** All that said no in a run, in the order of its steps where they have one. */
const objectionsIn = (run: Run): readonly Objection[] => {
  const checks = failedChecks(run);
  const steps = failedSteps(run, new Set(checks.map(({ actual }) => actual)));
  const thresholds = thresholdsOf(run)
    .filter(({ passed }) => !passed)
    .map((one) => ({ ...ofStep(one.step), by: one.threshold, actual: showThreshold(one) }));
  const all = [...checks, ...steps];
  const ranked = run.steps.flatMap(({ name }) => all.filter(({ step }) => step === name));
  return [...ranked, ...all.filter((one) => !ranked.includes(one)), ...thresholds];
};

const outcomeOf = (verdict: Verdict | null, hits: number): TrialOutcome => {
  if (hits === 0) return 'idle';
  if (verdict === 'fail' || verdict === 'degraded') return 'noticed';
  return verdict === 'pass' ? 'missed' : 'unsure';
};

/** What a run of the probe made of a fault that was done to `hits` answers or frames. */
export const trialOf = (fault: PlannedFault, spec: string, run: Run, hits: number): Trial => {
  const outcome = outcomeOf(run.verdict, hits);
  const objections = outcome === 'noticed' ? objectionsIn(run) : [];
  return { fault, spec, outcome, verdict: run.verdict, objections, reasons: run.reasons };
};

const keyOf = (step: string | undefined, name: string): string => JSON.stringify([step ?? null, name]);

/** Each check and threshold of a run without faults, with how often it said no in the trials. */
export const recordChecks = (untouched: Run, trials: readonly Trial[]): readonly CheckRecord[] => {
  const counts = new Map<string, number>();
  for (const { step, by } of trials.flatMap(({ objections }) => objections)) {
    const key = keyOf(step, by);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const named: readonly Pick<CheckSummary, 'step' | 'name'>[] = [
    ...untouched.checks,
    ...thresholdsOf(untouched).map(({ step, threshold }) => ({ ...ofStep(step), name: threshold })),
  ];
  const done = trials.filter(({ outcome }) => outcome !== 'idle');
  return named.map(({ step, name }) => ({
    ...ofStep(step),
    name,
    objected: counts.get(keyOf(step, name)) ?? 0,
    tried: done.some(({ fault }) => step === undefined || fault.step === step),
  }));
};
