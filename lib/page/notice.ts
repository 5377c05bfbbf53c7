import type { Environment, Severity } from '../config/plan.ts';
import { formatInstant, formatMs } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import { type Row, shorten } from './layout.ts';

/** What is told in the shape of a page, and is none of a probe. Plain JSON. */
export type Notice = {
  readonly schema: 1;
  /** One for each change: however often it is heard of, it is told once. */
  readonly id: string;
  /** The same from the beginning of an incident to its end. */
  readonly dedupKey: string;
  readonly kind: 'breached' | 'recovered';
  readonly service: string;
  readonly environment: Environment;
  readonly severity: Severity;
  /** ISO time of the change. */
  readonly slot: string;
  /** ISO time since which it lasts, or lasted, as far as known. */
  readonly since: string;
  readonly reasons: readonly string[];
  readonly suspect?: string;
  readonly runbook?: string;
  readonly title: string;
  readonly text: string;
};

const longestReason = 600;

/** A reason as a page has room for it. */
export const reasonLine = (reason: string): string => shorten(plainLine(reason), longestReason);

/** The first of these under a name, the next below it, and how many more there are. */
export const reasonRows = (name: string, reasons: readonly string[], most: number): readonly Row[] => {
  const shown = reasons.slice(0, most).map((reason, n): Row => [n === 0 ? name : '', reasonLine(reason)]);
  return reasons.length > most ? [...shown, ['', `and ${reasons.length - most} more`]] : shown;
};

/** Since when it lasts, or how long it did. */
export const spanRow = ({ kind, since, slot }: Pick<Notice, 'kind' | 'since' | 'slot'>): Row => {
  if (kind === 'breached') return ['since', formatInstant(since)];
  if (since === slot) return ['until', formatInstant(slot)];
  const lasted = formatMs(Date.parse(slot) - Date.parse(since));
  return ['lasted', `${formatInstant(since)} to ${formatInstant(slot)}, ${lasted}`];
};
