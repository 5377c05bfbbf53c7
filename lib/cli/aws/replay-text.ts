import type { Replayed } from '../../aws/replay.ts';
import { plural } from '../../report/format.ts';
import { plainLine } from '../../report/plain.ts';
import type { Paint, Style } from '../../report/text/palette.ts';

const styles: Readonly<Record<Replayed['outcome'], Style>> = {
  written: 'good',
  known: 'faint',
  found: 'strong',
  kept: 'bad',
  discarded: 'faint',
  failed: 'bad',
};

const [outcomeColumns, kindColumns] = [10, 9] as const;

/** `written   run      api-read of 2026-11-17T13:00:00.000Z: the table did not answer`. */
export const replayLine = ({ kind, outcome, at, subject, reason }: Replayed, paint: Paint): string => {
  const head = `${paint(outcome.padEnd(outcomeColumns), styles[outcome])}${kind.padEnd(kindColumns)}`;
  // Others name a slot; of what a person has to look up in a log, the time says where.
  const whole = outcome === 'kept' || outcome === 'discarded' ? `${subject}, ${at}` : subject;
  return `${head}${plainLine(`${whole}: ${reason}`)}`;
};

const words: readonly (readonly [Replayed['outcome'], string])[] = [
  ['written', 'written'],
  ['known', 'on record before'],
  ['found', 'waiting'],
  ['kept', 'for a person to look at'],
  ['discarded', 'discarded'],
  ['failed', 'not written'],
];

const remedies = {
  found: 'plimsoll replay writes them',
  kept: 'what cannot be replayed stays until plimsoll replay --discard removes it',
  failed: 'try again once their reason is gone',
} as const;

/** Whether the queue is empty now, and what to do where it is not. */
export const replaySummary = (all: readonly Replayed[], stack: string, paint: Paint): string => {
  const counts = words.flatMap(([outcome, word]) => {
    const count = all.filter((one) => one.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const remedy = (['failed', 'found', 'kept'] as const).find((outcome) => all.some((one) => one.outcome === outcome));
  if (all.length === 0) return `${paint('good', 'good')}: nothing lies in the dead-letter queue of ${stack}`;
  const told = `${plural(all.length, 'letter')} of ${stack}: ${counts.join(', ')}`;
  return remedy === undefined
    ? `${paint('good', 'good')}: ${told}`
    : `${paint('bad', 'bad')}: ${told}; ${remedies[remedy]}`;
};

export const discardQuestion = (kept: readonly Replayed[]): string =>
  `Type discard to delete ${kept.length === 1 ? 'this letter' : `these ${kept.length} letters`} for good: `;
