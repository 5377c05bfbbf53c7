import type { Area, Finding } from './record.ts';

/** More of them show nothing that these do not. */
const mostWitnesses = 10;

type Told = { readonly area: Area; readonly check: string };

export const passes = ({ area, check }: Told, actual: string): Finding => ({
  area,
  check,
  result: 'pass',
  actual,
  witnesses: [],
});

export const fails = ({ area, check }: Told, actual: string, witnesses: readonly string[] = []): Finding => ({
  area,
  check,
  result: 'fail',
  actual,
  witnesses: [...new Set(witnesses)].slice(0, mostWitnesses),
});

export const inconclusive = (told: Told, actual: string, witnesses: readonly string[] = []): Finding => ({
  ...fails(told, actual, witnesses),
  result: 'inconclusive',
});

/** Fails where there are witnesses. */
export const without = (told: Told, witnesses: readonly string[], good: string, bad: string): Finding =>
  witnesses.length === 0 ? passes(told, good) : fails(told, bad, witnesses);
