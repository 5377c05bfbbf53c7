import { createHash } from 'node:crypto';
import type { Json } from '../config/plan.ts';
import { asJson } from './parts.ts';
import type { DrillReport } from './report.ts';

/**
 * One text for one value, after RFC 8785: keys in the order of their UTF-16 code units, no white space, numbers and texts
 * as ECMAScript writes them.
 */
export const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
};

const hashOf = (body: Omit<DrillReport, 'hash'>): string =>
  createHash('sha256')
    .update(canonical(asJson(body)))
    .digest('hex');

/** The report with its hash, which covers all of it and so the hash of the one before. */
export const seal = (body: Omit<DrillReport, 'hash'>): DrillReport => ({ ...body, hash: hashOf(body) });

/** What is wrong with the reports of a drill, newest first as a store gives them; `undefined`: the chain holds. */
export const chainProblem = (reports: readonly DrillReport[]): string | undefined => {
  for (const [index, { hash, ...body }] of reports.entries()) {
    if (hashOf(body) !== hash) return `the report of run ${body.run} was changed: its hash does not fit`;
    const before = reports[index + 1];
    if (before && body.previous !== before.hash)
      return `the report of run ${body.run} does not follow that of run ${before.run}: something was taken out or put between`;
  }
  return undefined;
};
