import type { SoakStep } from '../../config/plan.ts';
import { cutText } from '../../result/redact.ts';
import type { CheckOutcome, Failure, SoakOutcome } from '../../result/result.ts';
import type { SoakTally } from '../../sequence/soak.ts';
import { inMs, number, plural } from '../../sequence/words.ts';
import { deadlineFailure } from '../deadline.ts';

/** So many failed iterations are named. */
const maxNamed = 3;
/** For all their reasons together: the count behind them must not fall to the cut of the whole sentence. */
const maxReasonChars = 600;

const describeFailures = ({ failures, failed }: SoakOutcome): readonly string[] => {
  const named = failures.slice(0, maxNamed);
  const room = Math.floor(maxReasonChars / named.length);
  const more = failed - named.length;
  return [
    ...named.map(
      ({ iteration, step, reason }) => `iteration ${number(iteration)} at "${step}": ${cutText(reason, room)}`,
    ),
    ...(more > 0 ? [`and ${number(more)} more`] : []),
  ];
};

/** Open loop: iterations whose time came and that were not begun when the soak ended. */
const leftOut = ({ everyMs, durationMs, iterations = Number.POSITIVE_INFINITY }: SoakStep, done: number) => {
  if (everyMs === undefined || durationMs === undefined) return [];
  const due = Math.min(iterations, Math.ceil(durationMs / everyMs));
  return due > done ? [`${number(due - done)} more were due in its time and not begun`] : [];
};

const nameOf = ({ maxFailures }: SoakStep): string => {
  if (maxFailures === 0) return 'each iteration passes';
  return `at most ${plural(maxFailures, 'iteration')} ${maxFailures === 1 ? 'fails' : 'fail'}`;
};

/** The check on how many iterations have failed: the first of them, and the count behind. */
export const judgeSoak = (step: SoakStep, tally: SoakTally, outcome: SoakOutcome, cut: boolean): CheckOutcome => {
  const { maxFailures } = step;
  const { failed, iterations } = outcome;
  const name = nameOf(step);
  const doubtful = tally.thin();
  const givenUp = failed > maxFailures && iterations < (step.iterations ?? Number.POSITIVE_INFINITY) && !cut;
  const count = `${number(failed)} of ${number(iterations)} failed${givenUp ? ', then it was given up' : ''}`;
  const told = [...describeFailures(outcome), count];
  if (iterations === 0) return { name, result: 'inconclusive', actual: 'no iteration came to its end' };
  if (failed > maxFailures) return { name, result: 'fail', actual: told.join('; ') };
  // A short one may have fewer iterations than it tolerates failures.
  if (failed === iterations) return { name, result: 'fail', actual: [...told, 'not one has passed'].join('; ') };
  if (failed + doubtful > maxFailures || failed + doubtful === iterations) {
    const doubt = `${number(doubtful)} could not be told, the first of them at ${tally.firstDoubt()}`;
    return { name, result: 'inconclusive', actual: [...told, doubt].join('; ') };
  }
  return { name, result: 'pass', actual: [...told, ...(cut ? [] : leftOut(step, iterations))].join('; ') };
};

const howFar = ({ iterations }: SoakStep, done: number): string =>
  `${number(done)}${iterations === undefined ? '' : ` of ${number(iterations)}`} iterations`;

/** However many may fail: what is not recorded any more can be judged by nobody. */
export const overflowFailure = (step: SoakStep, done: number, overflow: string): Failure => ({
  kind: 'limit',
  message: `${overflow} after ${howFar(step, done)}`,
});

/** Whose time was over, how far the soak had come by then, and what the next iteration was waiting for. */
export const cutFailure = (
  step: SoakStep,
  done: number,
  deadlineMs: number | undefined,
  awaited: string | undefined,
): Failure => {
  const next = awaited === undefined ? '' : `; iteration ${number(done + 1)} ${awaited}`;
  const far = `${howFar(step, done)}${next}`;
  if (deadlineMs === undefined) return { kind: 'timeout', message: `not done within ${inMs(step.timeoutMs)}: ${far}` };
  const deadline = deadlineFailure(deadlineMs);
  return { ...deadline, message: `${deadline.message} after ${far}` };
};
