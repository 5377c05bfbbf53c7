import type { Environment, ProbePlan, Step, Threshold } from '../config/plan.ts';
import { percentiles } from '../result/percentiles.ts';
import type { CheckSummary, Pass, Result, Run, StepOutcome, ThresholdResult } from '../result/result.ts';
import { runId } from '../result/run-id.ts';
import type { StoredRun } from '../result/store.ts';
import {
  countedPasses,
  executionsOf,
  exemplarOf,
  latenciesOf,
  medianPhases,
  summariseChecks,
  summariseSeries,
  summariseSteps,
} from '../result/summary.ts';
import { withAttribution } from './attribution.ts';
import { tellingPasses } from './own-fault.ts';
import { judgeObjective, judgeThreshold, type Observed } from './threshold.ts';
import { judgeVerdict } from './verdict.ts';

/** What makes a run this run, beside its probe. */
export type Occasion = {
  /** ISO time it was due. */
  readonly slot: string;
  readonly trigger: Run['trigger'];
  readonly region: string;
  readonly environment: Environment;
  /** How much later than due it begins. */
  readonly lateMs?: number;
  /** Of a `missed` one: how many slots it stands for, from this ISO slot on. */
  readonly missed?: Run['missed'];
  /** Tells runs apart that share a slot: those on demand, and those that confirm another. */
  readonly token?: string;
  /** Variables were set for this one run. */
  readonly overridden?: true;
};

const identify = (probe: ProbePlan, occasion: Occasion) => ({
  runId: runId({ probe: probe.id, ...occasion }),
  probe: probe.id,
  kind: probe.kind,
  slot: occasion.slot,
  trigger: occasion.trigger,
  region: occasion.region,
  environment: occasion.environment,
  ...(occasion.overridden ? { overridden: occasion.overridden } : {}),
  severity: probe.severity,
  ...(occasion.lateMs === undefined ? {} : { lateMs: occasion.lateMs }),
  ...(occasion.missed === undefined ? {} : { missed: occasion.missed }),
  ...(probe.runbook === undefined ? {} : { runbook: probe.runbook }),
});

const observe = (passes: readonly Pass[], checks: readonly CheckSummary[], step?: string): Observed => {
  const executions = executionsOf(passes, step);
  const counted = countedPasses(passes);
  const own = checks.filter((check) => step === undefined || check.step === step);
  const sum = (of: (check: CheckSummary) => number) => own.reduce((total, check) => total + of(check), 0);
  return {
    latenciesMs: latenciesOf(step === undefined ? counted : executionsOf(counted, step)),
    failed: executions.filter((outcome) => outcome.failure || outcome.unexpectedStatus !== undefined).length,
    executed: executions.length,
    checksPassed: sum((check) => check.passed),
    checksTotal: sum((check) => check.total),
  };
};

/** Complete and right; its latency has no say. */
const isGood = (pass: Pass): boolean =>
  pass.complete &&
  pass.steps.every((step) => step.status !== 'failed') &&
  pass.checks.every((check) => check.result !== 'fail');

const judgeSlo = (probe: ProbePlan, passes: readonly Pass[], observed: Observed): readonly ThresholdResult[] => {
  const objective = probe.slo?.objective;
  const thresholds = probe.slo?.thresholds ?? [];
  return [
    ...(objective === undefined
      ? []
      : [judgeObjective(objective, passes.filter((pass) => !isGood(pass)).length, passes.length)]),
    ...thresholds.map((threshold) => judgeThreshold(threshold, observed)),
  ];
};

const problemOf = ({ failure, checks, unexpectedStatus, reason }: StepOutcome): string | undefined =>
  failure?.message ??
  checks.find((check) => check.result === 'fail')?.name ??
  (unexpectedStatus === undefined ? reason : `answered ${unexpectedStatus}`);

const reportCleanup = (cleanup: readonly StepOutcome[]): Run['cleanup'] =>
  cleanup.map((outcome) => {
    const problem = outcome.status === 'done' ? undefined : problemOf(outcome);
    return { name: outcome.step, status: outcome.status, ...(problem === undefined ? {} : { problem }) };
  });

const noBaseline = ({ baseline }: ProbePlan): Run['baseline'] => ({
  state: baseline.enabled ? 'none' : 'off',
  ratio: null,
  interval: null,
  runs: 0,
});

const judgeRecovery = ({ alarm }: ProbePlan, observed: Observed): Pick<Run, 'recovery'> =>
  alarm.recoverWhen.length === 0
    ? {}
    : { recovery: alarm.recoverWhen.map((threshold) => judgeThreshold(threshold, observed)) };

/**
 * Turns what a prober measured into the run document and all that is stored of it. What its baseline says comes in
 * later (`withBaseline`), from detectors that have seen the run.
 */
export const judgeRun = (probe: ProbePlan, occasion: Occasion, result: Result): StoredRun => {
  const { passes } = result;
  const telling = tellingPasses(passes);
  const checks = summariseChecks(passes);
  const observed = observe(telling, checks);
  const steps = summariseSteps(probe, passes, (threshold: Threshold, step: Step) =>
    judgeThreshold(threshold, observe(telling, checks, step.name), step.name),
  );
  const slo = judgeSlo(probe, telling, observed);
  const series = summariseSeries(probe, { ...result, passes: telling });
  const counted = countedPasses(telling);
  const run: Run = {
    ...identify(probe, occasion),
    startedAt: new Date(result.startedAt).toISOString(),
    durationMs: result.durationMs,
    status: 'done',
    ...judgeVerdict(probe, result, checks, slo, steps),
    samples: passes.length,
    planned: probe.samples,
    good: passes.filter(isGood).length,
    latencyMs: percentiles(latenciesOf(counted)),
    phasesMs: {
      ...medianPhases(executionsOf(counted).map((outcome) => outcome.phasesMs)),
      ...medianPhases(result.connections.map((connection) => connection.phasesMs)),
    },
    steps,
    series: series.map(({ summary }) => summary),
    checks,
    slo,
    ...judgeRecovery(probe, observed),
    baseline: noBaseline(probe),
    connections: result.connections,
    cleanup: reportCleanup(result.cleanup),
    self: result.self,
    exemplar: exemplarOf(passes),
  };
  const sketches = Object.fromEntries(series.map(({ summary, sketch }) => [summary.name, sketch]));
  return withAttribution({ run, sketches, passes });
};

/** A run that was not carried out, on record with its reason. */
export const recordUnrun = (
  probe: ProbePlan,
  occasion: Occasion,
  status: Exclude<Run['status'], 'done'>,
  reason: string,
  nowMs: number,
): StoredRun => ({
  run: {
    ...identify(probe, occasion),
    startedAt: new Date(nowMs).toISOString(),
    durationMs: 0,
    status,
    verdict: null,
    reasons: [reason],
    samples: 0,
    planned: probe.samples,
    good: 0,
    latencyMs: percentiles([]),
    phasesMs: {},
    steps: [],
    series: [],
    checks: [],
    slo: [],
    baseline: noBaseline(probe),
    connections: [],
    cleanup: [],
    self: null,
    exemplar: null,
  },
  sketches: {},
  passes: [],
});
