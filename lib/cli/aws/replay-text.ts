import type { Replayed } from '../../aws/replay.ts';
import { plural } from '../../report/format.ts';
import { plainLine } from '../../report/plain.ts';
import type { Paint, Style } from '../../report/text/palette.ts';

const styles: Readonly<Record<Replayed['outcome'], Style>> = {
  written: 'good',
  known: 'faint',
  found: 'strong',
  kept: 'bad',
  failed: 'bad',
};

const [outcomeColumns, kindColumns] = [9, 9] as const;

/** `written  run      api-read of 2026-11-17T13:00:00.000Z: the table did not answer`. */
export const replayLine = ({ kind, outcome, subject, reason }: Replayed, paint: Paint): string =>
  `${paint(outcome.padEnd(outcomeColumns), styles[outcome])}${kind.padEnd(kindColumns)}${plainLine(`${subject}: ${reason}`)}`;

const words: readonly (readonly [Replayed['outcome'], string])[] = [
  ['written', 'written'],
  ['known', 'on record before'],
  ['found', 'waiting'],
  ['kept', 'for a person to look at'],
  ['failed', 'not written'],
];

const remedies = {
  found: 'plimsoll replay writes them',
  kept: 'what we cannot read stays until somebody removes it from the queue',
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
