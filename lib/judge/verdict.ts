import type { ProbePlan, Threshold } from '../config/plan.ts';
import type {
  CheckSummary,
  Pass,
  Result,
  StepOutcome,
  StepSummary,
  ThresholdResult,
  Verdict,
} from '../result/result.ts';
import { executionsOf } from '../result/summary.ts';
import { withoutOwnDelay } from './own-delay.ts';
import { ownFaults } from './own-fault.ts';
import { isLatencyThreshold, judgeThreshold } from './threshold.ts';

/** Worst first. */
const order: readonly Verdict[] = ['fail', 'degraded', 'inconclusive', 'pass'];

/** fail > degraded > inconclusive > pass; nothing to judge is `null`. */
export const worstVerdict = (verdicts: readonly (Verdict | null)[]): Verdict | null =>
  order.find((verdict) => verdicts.includes(verdict)) ?? null;

/** A finding that moves the verdict, with its reason. */
type Finding = { readonly verdict: Exclude<Verdict, 'pass'>; readonly reason: string };

const inSamples = (count: number, total: number): string => (total === 1 ? '' : ` in ${count} of ${total} samples`);

/** Broke before there was an answer: a capture that found nothing looked into one. */
const isUnanswered = ({ failure }: StepOutcome): boolean => failure !== undefined && failure.kind !== 'capture';

const groupFailures = (
  passes: readonly Pass[],
  which: (outcome: StepOutcome) => boolean,
): readonly (readonly [StepOutcome, number])[] => {
  const failed = executionsOf(passes).filter((outcome) => outcome.failure && which(outcome));
  const groups = Map.groupBy(failed, ({ step, failure }) => JSON.stringify([step, failure?.kind]));
  return [...groups.values()].flatMap((group) => (group[0] ? [[group[0], group.length] as const] : []));
};

/** Steps without a complete answer. With a `failed` threshold that decides, and these only explain. */
const findFailures = (
  passes: readonly Pass[],
  tolerated: boolean,
  which: (outcome: StepOutcome) => boolean,
): readonly Finding[] =>
  groupFailures(passes, which).flatMap(([{ step, failure }, count]) => {
    if (!failure) return [];
    const own = ownFaults.has(failure.kind);
    if (tolerated && !own) return [];
    return [
      {
        verdict: own ? 'inconclusive' : 'fail',
        reason: `${step}: ${failure.message}${inSamples(count, passes.length)}`,
      },
    ];
  });

const findUnexpectedStatuses = (passes: readonly Pass[], tolerated: boolean): readonly Finding[] => {
  if (tolerated) return [];
  const unexpected = executionsOf(passes).filter(
    // Where a status was asked for, its check tells the same with more; and so does the failure of an upgrade.
    (outcome) =>
      outcome.unexpectedStatus !== undefined &&
      !isUnanswered(outcome) &&
      !outcome.checks.some((check) => check.name.startsWith('status ')),
  );
  const groups = Map.groupBy(unexpected, ({ step, unexpectedStatus }) => `${step}: answered ${unexpectedStatus}`);
  return [...groups].map(([told, group]) => ({
    verdict: 'fail',
    reason: `${told}${inSamples(group.length, passes.length)}`,
  }));
};

/** @param told why steps got no answer: a check that says it again is left out. */
const findChecks = (
  checks: readonly CheckSummary[],
  told: ReadonlySet<string>,
  tolerated: boolean,
): readonly Finding[] =>
  checks.flatMap((check): readonly Finding[] => {
    if (told.has(check.actual)) return [];
    // An invariant saw too few frames of a pass that broke off: that is no news.
    if (check.step === undefined && told.size > 0 && check.passed === check.total) return [];
    const name = check.step === undefined ? check.name : `${check.step}: ${check.name}`;
    const failed = check.total - check.passed;
    if (failed > 0 && !tolerated) {
      return [{ verdict: 'fail', reason: `${name} failed${inSamples(failed, check.total)}: got ${check.actual}` }];
    }
    if (failed === 0 && check.inconclusive > 0) {
      return [{ verdict: 'inconclusive', reason: `${name} could not be judged: ${check.actual}` }];
    }
    return [];
  });

const milliseconds = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2, style: 'percent' });

const showActual = ({ actual, unit }: ThresholdResult): string => {
  if (unit === 'fraction') return actual === null ? 'nothing was counted' : percent.format(actual);
  return actual === null ? 'no answer' : `${milliseconds.format(actual)} ms`;
};

const counted = ({ bad, total, unit }: ThresholdResult): string => {
  if (bad === undefined || total === undefined) return '';
  return unit === 'ms' ? ` (${bad} of ${total} samples too slow)` : ` (${bad} of ${total})`;
};

/** Whether every sample was tainted, and our own delay alone may have made the threshold missed. */
const isOurDoing = (threshold: Threshold, step: string | undefined, passes: readonly Pass[]): boolean => {
  if (!isLatencyThreshold(threshold) || !passes.every((pass) => pass.tainted)) return false;
  const latenciesMs = withoutOwnDelay(passes, step);
  return judgeThreshold(threshold, { latenciesMs, failed: 0, executed: 0, checksPassed: 0, checksTotal: 0 }).passed;
};

const thresholdFinding = (
  threshold: Threshold,
  result: ThresholdResult,
  passes: readonly Pass[],
): Finding | undefined => {
  if (result.passed) return undefined;
  const where = result.step === undefined ? '' : `${result.step}: `;
  const reason = `${where}${result.threshold} missed: ${showActual(result)}${counted(result)}`;
  if (isOurDoing(threshold, result.step, passes)) {
    return { verdict: 'inconclusive', reason: `${reason}, but our own event loop was late in every sample` };
  }
  if (result.total === 0)
    return { verdict: 'inconclusive', reason: `${where}${result.threshold}: nothing to judge it on` };
  return { verdict: isLatencyThreshold(threshold) ? 'degraded' : 'fail', reason };
};

const findThresholds = (
  probe: ProbePlan,
  slo: readonly ThresholdResult[],
  steps: readonly StepSummary[],
  passes: readonly Pass[],
): readonly Finding[] => {
  const plans: readonly (readonly [Threshold, string | undefined])[] = [
    ...(probe.slo?.thresholds ?? []).map((threshold) => [threshold, undefined] as const),
    ...probe.steps.flatMap((step) => step.thresholds.map((threshold) => [threshold, step.name] as const)),
  ];
  const results = [...slo, ...steps.flatMap((step) => step.thresholds)];
  return plans.flatMap(([threshold, step]) => {
    const result = results.find((one) => one.threshold === threshold.source && one.step === step);
    return (result && thresholdFinding(threshold, result, passes)) ?? [];
  });
};

const findCutShort = (probe: ProbePlan, result: Result): readonly Finding[] => {
  const complete = result.passes.filter((pass) => pass.complete).length;
  if (complete > 0 || result.passes.some((pass) => pass.steps.some((step) => step.failure))) return [];
  return [
    {
      verdict: 'fail',
      reason: `no pass was completed within the deadline of ${milliseconds.format(probe.deadlineMs)} ms`,
    },
  ];
};

/**
 * The verdict of one run: what it observed, no more. Latency thresholds degrade; wrong or missing answers fail, unless a
 * `checks` or `failed` threshold says how many are too many; our own faults and vacuous checks are inconclusive.
 */
export const judgeVerdict = (
  probe: ProbePlan,
  result: Result,
  checks: readonly CheckSummary[],
  slo: readonly ThresholdResult[],
  steps: readonly StepSummary[],
): { readonly verdict: Verdict; readonly reasons: readonly string[] } => {
  const has = (kind: 'failed' | 'checks') => probe.slo?.thresholds.some(({ metric }) => metric.kind === kind) ?? false;
  const { passes } = result;
  // However many failures are tolerated, a run without a single complete pass has shown nothing good.
  const tolerated = has('failed') && passes.some((pass) => pass.complete);
  const failures = findFailures(passes, tolerated, isUnanswered);
  const told = new Set(
    failures.length > 0 ? executionsOf(passes).flatMap(({ failure }) => (failure ? [failure.message] : [])) : [],
  );
  const findings = [
    ...failures,
    ...findUnexpectedStatuses(passes, tolerated),
    ...findChecks(checks, told, has('checks')),
    // The wrong answer first, then that nothing could be captured from it.
    ...findFailures(passes, tolerated, (outcome) => !isUnanswered(outcome)),
    ...findThresholds(probe, slo, steps, passes),
    ...findCutShort(probe, result),
  ];
  const notes = result.deadlineReached
    ? [
        `the deadline of ${milliseconds.format(probe.deadlineMs)} ms was reached after ${passes.length} of ${probe.samples} samples`,
      ]
    : [];
  const sorted = findings.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return {
    verdict: worstVerdict(findings.map((finding) => finding.verdict)) ?? 'pass',
    reasons: [...sorted.map((finding) => finding.reason), ...notes],
  };
};
