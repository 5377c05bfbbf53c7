import type { Matcher, ProbePlan, Step, Threshold } from '../config/plan.ts';

const upperLimits = (thresholds: readonly Threshold[]): readonly number[] =>
  thresholds.flatMap(({ metric, op, value }) =>
    metric.kind !== 'failed' && metric.kind !== 'checks' && (op === '<' || op === '<=') ? [value] : [],
  );

const upperBounds = (matcher: Matcher = []): readonly number[] =>
  matcher.flatMap((term) =>
    (term.op === 'lt' || term.op === 'lte') && typeof term.value === 'number' ? [term.value] : [],
  );

const ownLimits = (step: Step): readonly number[] => {
  if (step.type === 'request') return upperBounds(step.expect.latencyMs);
  return step.type === 'expect' && step.latency ? [step.latency.maxMs] : [];
};

/** How long a step waits before it gives up. */
export const patienceMs = (step: Step): number => {
  if (step.type === 'request') return step.until?.withinMs ?? step.timeoutMs;
  return 'withinMs' in step ? step.withinMs : step.timeoutMs;
};

/** A delay that a step should not stand, and the limit that says so; without one, a delay that nothing forbids. */
export type Slowness = { readonly delayMs: number; readonly limitMs?: number };

const mostMs = 1_000;

/**
 * A delay over the tightest limit on latency that the probe sets: the step's thresholds and checks, the probe's own, and
 * what else limits the frame (`others`). It stays below what the step waits for at all, which is another fault.
 */
export const slownessOf = (probe: ProbePlan, step: Step, others: readonly number[] = []): Slowness => {
  const limits = [...upperLimits(step.thresholds), ...upperLimits(probe.slo?.thresholds ?? []), ...ownLimits(step)];
  const patience = patienceMs(step);
  const limitMs = Math.min(...limits, ...others);
  if (limitMs < patience) return { delayMs: Math.ceil(limitMs * 1.2 + 50), limitMs };
  return { delayMs: Math.ceil(Math.min(mostMs, patience / 2)) };
};

const sumOf = (steps: readonly Step[]): number =>
  steps.reduce((total, step) => total + Math.max(step.timeoutMs, patienceMs(step)), 0);

/** The longest that a run can take: its steps at their limits, or its deadline; and its cleanup, which has none. */
export const longestRunMs = ({ steps, cleanup, deadlineMs }: ProbePlan): number =>
  Math.min(deadlineMs, sumOf(steps)) + sumOf(cleanup);
