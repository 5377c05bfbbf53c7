import { rankOf } from '../rank.ts';
import type { ClientName } from './client.ts';
import { errorsOf, type Round } from './rounds.ts';

/** What our prober adds to another client's error at a percentile, in ms, and the middle 95 % of its resamplings. */
export type Addition = { readonly ms: number; readonly range: readonly [low: number, high: number] };

const additionAt = (rounds: readonly Round[], to: ClientName, p: number): number =>
  rankOf(errorsOf(rounds, 'plimsoll'), p) - rankOf(errorsOf(rounds, to), p);

const resamplings = 400;

const resample = <T>(values: readonly T[]): readonly T[] =>
  values.flatMap(() => values[Math.floor(Math.random() * values.length)] ?? []);

/** Resamples whole rounds (bootstrap): samples of one round share the machine's mood and are not independent. */
export const measureAddition = (rounds: readonly Round[], to: ClientName, p: number): Addition => {
  const again = Array.from({ length: resamplings }, () => additionAt(resample(rounds), to, p));
  const sorted = again.toSorted((a, b) => a - b);
  return { ms: additionAt(rounds, to, p), range: [rankOf(sorted, 2.5), rankOf(sorted, 97.5)] };
};
