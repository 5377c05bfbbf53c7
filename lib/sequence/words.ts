import type { Entry } from './journal/frame.ts';

const format = new Intl.NumberFormat('en-US');

/** Thousands apart by a comma, three places at most: `12,345`. */
export const number = (value: number): string => format.format(value);

const formatMs = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `5,000 ms`, `43.7 ms`. */
export const inMs = (ms: number): string => `${formatMs.format(ms)} ms`;

/** `1 frame`, `2 frames`. */
export const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** What follows those that are named: ` (and 3 more)`; nothing where there are none. */
export const andMore = (count: number): string => (count > 0 ? ` (and ${number(count)} more)` : '');

/** So many frames a sentence names. */
export const maxNamed = 5;

/** `#7, #9`; of many, the first and how many more. */
export const nameFrames = (entries: readonly Entry[]): string => {
  const names = entries.slice(0, maxNamed).map(({ frame }) => `#${frame.n}`);
  const more = entries.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
};
