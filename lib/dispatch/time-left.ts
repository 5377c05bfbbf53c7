import { formatDurationMs } from '../config/duration.ts';
import type { ProbePlan, Step } from '../config/plan.ts';

/** Runs side by side in one function: with more, 512 MB of Lambda add to what they measure (field notes, aws.md §3.2). */
export const lanes = 4;

/** A Lambda ends after 15 minutes. */
export const lambdaTimeoutMs = 900_000;

/** Kept for writing results: the store's retries through a bad half minute, and then the dead-letter queue. */
export const writeReserveMs = 30_000;

/** Until the first run begins: the cold start, the secrets, the claims. */
const startReserveMs = 30_000;

/** What the runs of one message may take together, at their longest. */
export const runBudgetMs = lambdaTimeoutMs - writeReserveMs - startReserveMs;

/** Nearly every run is over within this time. One that is not is cut when the time is up, and made again. */
const usualRunMs = 30_000;

const longestStepMs = (step: Step): number => {
  if (step.type === 'request') return step.timeoutMs + (step.until?.withinMs ?? 0);
  return step.type === 'expect' || step.type === 'expectClose'
    ? Math.max(step.timeoutMs, step.withinMs)
    : step.timeoutMs;
};

const sumOf = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + longestStepMs(step), 0);

/**
 * How long a run of a probe takes when every step of every pass uses up its time: its deadline at most, and its cleanups,
 * which no deadline cuts. The one pass more is its warm-up. Far less than the deadline for most: an hourly probe of one
 * request has 10 minutes, and needs one.
 */
export const longestRunMs = ({ steps, cleanup, samples, deadlineMs }: ProbePlan): number =>
  Math.min(deadlineMs, runBudgetMs, (samples + 1) * sumOf(steps)) + samples * sumOf(cleanup);

/** When the last of some runs is over, at the latest, when each takes the first lane that is free. */
export const spanMs = (runsMs: readonly number[]): number => {
  const busyUntil = Array.from({ length: lanes }, () => 0);
  for (const runMs of runsMs) {
    const first = busyUntil.indexOf(Math.min(...busyUntil));
    busyUntil[first] = (busyUntil[first] ?? 0) + runMs;
  }
  return Math.max(...busyUntil);
};

type RunTime =
  | {
      readonly begin: true;
      /** The probe's own, but for one that is longer than a Lambda lives. */
      readonly deadlineMs: number;
      /** Then the run is to be aborted: it is none, and its message comes again. */
      readonly abortAfterMs: number;
    }
  | { readonly begin: false; readonly reason: string };

/**
 * What a run may have of a Lambda with `remainingMs` to live. Its deadline is never shortened to what happens to be left:
 * the verdict would be on us. With too little left it is not begun, and what is under way when the time for writing
 * comes is aborted.
 */
export const timeOf = (probe: ProbePlan, remainingMs: number): RunTime => {
  const leftMs = Math.floor(remainingMs - writeReserveMs);
  const neededMs = Math.min(longestRunMs(probe), usualRunMs);
  if (leftMs < neededMs) {
    const left = formatDurationMs(Math.max(0, leftMs));
    return {
      begin: false,
      reason: `${left} was left for a run that may need ${formatDurationMs(longestRunMs(probe))}`,
    };
  }
  return { begin: true, deadlineMs: Math.min(probe.deadlineMs, runBudgetMs), abortAfterMs: leftMs };
};
