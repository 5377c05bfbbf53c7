import type { Severity } from '../config/plan.ts';

const loudness: Readonly<Record<Severity, number>> = { none: 0, ticket: 1, page: 2 };

export const isLouder = (one: Severity, other: Severity): boolean => loudness[one] > loudness[other];

/** The quieter of the two. */
export const capSeverity = (wanted: Severity, most: Severity): Severity => (isLouder(wanted, most) ? most : wanted);

export const loudest = (severities: readonly Severity[]): Severity =>
  severities.reduce<Severity>((most, one) => (isLouder(one, most) ? one : most), 'none');
