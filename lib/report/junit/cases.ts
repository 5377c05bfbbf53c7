import type { CheckSummary, LatencyMs, Run, StepSummary, ThresholdResult } from '../../result/result.ts';
import { checkOutcome, checkTitle, stepFault, suspectWords, thresholdsOf } from '../facts.ts';
import { formatActual, formatFraction, formatLatency, formatShareInterval, plural } from '../format.ts';
import { brokenLinks, linkWords } from '../sequence/links.ts';

/** One JUnit test case, before it is XML. */
export type Case = {
  readonly name: string;
  readonly timeMs: LatencyMs;
  readonly result: CaseResult;
  /** What stands beside the result: figures, and why a failed check did not count. */
  readonly note?: string;
};

export type CaseResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failure'; readonly type: 'fail' | 'degraded'; readonly message: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'skipped'; readonly message: string };

const OK: CaseResult = { kind: 'ok' };

/**
 * Steps, checks and thresholds of a run, then the run itself. A CI system counts failures, so their count has to agree
 * with the verdict: what a run tolerated (a failed check within `checks>99%`) is a note, and what broke no single case
 * (a deadline) stands on the run's own.
 */
export function casesOf(run: Run): readonly Case[] {
  if (run.status !== 'done') return [runCase(run, { kind: 'skipped', message: `${run.status}: ${reasonsOf(run)}` })];
  const parts = [
    ...run.steps.map((step) => stepCase(run, step)),
    ...run.checks.map((check) => checkCase(run, check)),
    ...thresholdsOf(run).map((threshold) => thresholdCase(run, threshold)),
  ];
  const told = parts.some((one) => one.result.kind === 'failure' || one.result.kind === 'error');
  return [...parts, runCase(run, told ? OK : runResult(run))];
}

function runCase(run: Run, result: CaseResult): Case {
  const suspect = run.attribution ? [`suspect: ${suspectWords(run.attribution)}`] : [];
  const notes = [...run.reasons, ...suspect, ...brokenWords(run)];
  return {
    name: 'run',
    timeMs: run.durationMs,
    result,
    ...(notes.length === 0 ? {} : { note: notes.join('\n') }),
  };
}

/** Where its sequence broke; of one step and those that it repeats, or of the whole pass. */
function brokenWords({ exemplar }: Run, step?: StepSummary): readonly string[] {
  const record = exemplar?.sequence;
  if (!exemplar || !record) return [];
  const names = step && [step.name, ...(step.soak?.steps ?? []).map(({ name }) => name)];
  const links = brokenLinks(exemplar).filter((link) => !names || names.some((name) => name === link.step));
  return links.map((link) => linkWords(record, link));
}

function runResult(run: Run): CaseResult {
  if (run.verdict === 'pass') return OK;
  if (run.verdict === 'fail' || run.verdict === 'degraded') {
    return { kind: 'failure', type: run.verdict, message: reasonsOf(run) };
  }
  return { kind: 'error', message: reasonsOf(run) };
}

function stepCase(run: Run, step: StepSummary): Case {
  const base = { name: `step ${step.name}`, timeMs: step.latencyMs.p50 };
  if (step.status === 'skipped') return { ...base, result: { kind: 'skipped', message: step.reason ?? 'skipped' } };
  const figures = `${plural(step.samples, 'sample')}, p50 ${formatLatency(step.latencyMs.p50, step.samples)}, p95 ${formatLatency(step.latencyMs.p95, step.samples)}`;
  if (step.status === 'done') return { ...base, result: OK, note: figures };
  const seen = run.exemplar?.steps.find((one) => one.step === step.name);
  const message = (seen === undefined ? null : stepFault(seen)) ?? step.reason ?? 'failed';
  const note = brokenWords(run, step).join('\n');
  return { ...(note === '' ? {} : { note }), ...judged(run, base, 'fail', `${message} (${figures})`) };
}

function checkCase(run: Run, check: CheckSummary): Case {
  const base = { name: `check ${checkTitle(check)}`, timeMs: 0 };
  const outcome = checkOutcome(check);
  const share = `${check.passed} of ${check.total} passed`;
  if (outcome === 'pass') return { ...base, result: OK, note: share };
  const message = `${share}${check.inconclusive > 0 ? `, ${check.inconclusive} inconclusive` : ''}; got ${check.actual}`;
  if (outcome === 'fail') return judged(run, base, 'fail', message);
  // Too little evidence is an error only where it decided the verdict.
  return run.verdict === 'inconclusive'
    ? { ...base, result: { kind: 'error', message } }
    : { ...base, result: OK, note: message };
}

function thresholdCase(run: Run, threshold: ThresholdResult): Case {
  const where = threshold.step === undefined ? 'objective' : `threshold ${threshold.step}:`;
  const base = { name: `${where} ${threshold.threshold}`, timeMs: 0 };
  const message = thresholdMessage(threshold);
  if (threshold.passed) return { ...base, result: OK, note: message };
  return judged(run, base, threshold.unit === 'ms' ? 'degraded' : 'fail', `does not hold: ${message}`);
}

function thresholdMessage(threshold: ThresholdResult): string {
  const { bad, total, budget, interval } = threshold;
  const counted = bad === undefined || total === undefined ? '' : `, ${bad} of ${total} bad`;
  const allowed = budget === undefined ? '' : `, budget ${formatFraction(budget)}`;
  const range = interval === undefined ? '' : `, 95 % interval ${formatShareInterval(interval)}`;
  return `actual ${formatActual(threshold)}${counted}${allowed}${range}`;
}

/** A fault of a part, as much of one as the run's verdict makes it. */
function judged(run: Run, base: Pick<Case, 'name' | 'timeMs'>, type: 'fail' | 'degraded', message: string): Case {
  if (run.verdict === 'inconclusive' || run.verdict === null) return { ...base, result: { kind: 'error', message } };
  const counts = run.verdict === 'fail' || (run.verdict === 'degraded' && type === 'degraded');
  if (counts) return { ...base, result: { kind: 'failure', type, message } };
  return { ...base, result: OK, note: `tolerated, the verdict is ${run.verdict}: ${message}` };
}

function reasonsOf(run: Run): string {
  return run.reasons.length === 0 ? 'no reason given' : run.reasons.join('; ');
}
