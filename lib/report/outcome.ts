import type { Run, RunStatus, Verdict } from '../result/result.ts';

/** What became of a run: its verdict, or why it has none. */
export type Outcome = Verdict | Exclude<RunStatus, 'done'>;

/** Each outcome as a sum names it, in the order of reading. */
export const OUTCOME_WORDS = {
  pass: 'passed',
  degraded: 'degraded',
  fail: 'failed',
  inconclusive: 'inconclusive',
  skipped: 'skipped',
  deferred: 'deferred',
  late: 'late',
  missed: 'missed',
} as const satisfies Record<Outcome, string>;

const ORDER = Object.keys(OUTCOME_WORDS) as readonly Outcome[];

export function outcomeOf(run: Run): Outcome {
  if (run.status !== 'done') return run.status;
  // A run that is done has a verdict; one without can vouch for nothing.
  return run.verdict ?? 'inconclusive';
}

export type Tally = readonly { readonly outcome: Outcome; readonly count: number }[];

/** How many runs of each outcome, without those that have none. */
export function tally(runs: readonly Run[]): Tally {
  return ORDER.map((outcome) => ({ outcome, count: runs.filter((run) => outcomeOf(run) === outcome).length })).filter(
    ({ count }) => count > 0,
  );
}

/** `3 passed, 1 failed, 1 skipped`. */
export function sumUp(runs: readonly Run[]): string {
  if (runs.length === 0) return 'no runs';
  return tally(runs)
    .map(({ outcome, count }) => `${count} ${OUTCOME_WORDS[outcome]}`)
    .join(', ');
}
