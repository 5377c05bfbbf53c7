import { RE2JS } from 're2js';
import { durationRemedy, formatDurationMs, parseDuration } from '../duration.ts';
import { parsePercent } from '../percent.ts';
import type { Place } from '../place.ts';
import type { Schedule, Threshold } from '../plan.ts';
import { parseCronSchedule } from '../schedule.ts';
import type { ScheduleInput } from '../schema/config.ts';
import { parseSize, sizeRemedy } from '../size.ts';
import { parseThreshold, thresholdRemedy } from '../thresholds.ts';

/** `{ [key]: value }`, or nothing: the plan leaves out what is not set. */
export const given = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } => (value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value }));

/** Whether a text that begins as `2027-01-31` names a day of the calendar: `Date.parse` takes Feb 31 for Mar 3. */
export const isCalendarDay = (text: string): boolean => {
  const ms = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10));
};

type DurationRule = { readonly min?: number; readonly max?: number };

/** Milliseconds; the problem is reported and `undefined` answered when it is no duration. Default at least 1 ms. */
export const readDuration = (text: string | undefined, place: Place, rule: DurationRule = {}): number | undefined => {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (!duration.ok) {
    place.refuse(duration.message, { got: text, remedy: durationRemedy });
    return undefined;
  }
  const { min = 1, max = Number.POSITIVE_INFINITY } = rule;
  if (duration.value < min) place.refuse(`must be at least ${formatDurationMs(min)}`, { got: text });
  if (duration.value > max) place.refuse(`must be at most ${formatDurationMs(max)}`, { got: text });
  return duration.value;
};

export const readSize = (value: string | number | undefined, place: Place): number | undefined => {
  if (value === undefined) return undefined;
  const size = parseSize(value);
  if (size.ok) return size.value;
  place.refuse(size.message, { got: value, remedy: sizeRemedy });
  return undefined;
};

type PercentRule = { readonly above: number; readonly below: number; readonly remedy: string };

/** A fraction strictly between the two bounds. */
export const readPercent = (text: string | undefined, place: Place, rule: PercentRule): number | undefined => {
  if (text === undefined) return undefined;
  const percent = parsePercent(text);
  if (!percent.ok) {
    place.refuse(percent.message, { got: text, remedy: rule.remedy });
    return undefined;
  }
  if (percent.value <= rule.above || percent.value >= rule.below) {
    place.refuse(`must be over ${rule.above * 100}% and under ${rule.below * 100}%`, {
      got: text,
      remedy: rule.remedy,
    });
  }
  return percent.value;
};

export const readThresholds = (list: readonly string[] | undefined, place: Place): readonly Threshold[] => {
  const thresholds: Threshold[] = [];
  for (const [source, at] of place.items(list)) {
    const threshold = parseThreshold(source);
    if (!threshold.ok) at.refuse(threshold.message, { got: source, remedy: thresholdRemedy });
    else if (thresholds.some((other) => other.source === threshold.value.source)) {
      at.refuse('stands here twice', { got: source, remedy: 'remove one of the two' });
    } else thresholds.push(threshold.value);
  }
  return thresholds;
};

/** Shortest schedule: below it a run of five samples is not over when the next is due. */
const shortestCadenceMs = 1000;

export const readSchedule = (input: ScheduleInput | undefined, place: Place): Schedule | undefined => {
  if (input === undefined) return undefined;
  if ('every' in input) {
    const everyMs = readDuration(input.every, place.at('every'), { min: shortestCadenceMs });
    return everyMs === undefined || everyMs < shortestCadenceMs ? undefined : { kind: 'every', everyMs };
  }
  const schedule = parseCronSchedule(input.cron, input.timezone ?? 'UTC');
  if (schedule.ok) return schedule.value;
  const { field, message, remedy } = schedule;
  place.at(field).refuse(message, { got: input[field], remedy });
  return undefined;
};

/** Reports a pattern that is not RE2. */
export const checkPattern = (pattern: string, place: Place): void => {
  try {
    // A template's value is not known yet: a letter stands for it.
    RE2JS.compile(pattern.replace(/\{\{\s*[A-Za-z_][\w.]*\s*\}\}/g, 'x'));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    place.refuse(`is not a pattern: ${reason}`, {
      got: pattern,
      remedy: 'write RE2 syntax: it has no backreferences and no lookaround, and so no pattern can hang',
    });
  }
};

type Scalar = string | number | boolean;

export const textTable = (table: Readonly<Record<string, Scalar>> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(table ?? {}).map(([key, value]) => [key, String(value)]));

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Lower-case names; a name twice, a name that is no token and a value with a line break are reported. */
export const readHeaders = (
  table: Readonly<Record<string, Scalar>> | undefined,
  place: Place,
): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  for (const [name, value, at] of place.entries(table)) {
    const lower = name.toLowerCase();
    if (!token.test(name)) at.refuse('is not a header name', { got: name, remedy: 'use letters, digits and dashes' });
    if (Object.hasOwn(headers, lower))
      at.refuse('stands here twice: case does not tell headers apart', { remedy: 'remove one' });
    if (/[\r\n\0]/.test(String(value))) at.refuse('has a line break in a header', { remedy: 'write one line' });
    headers[lower] = String(value);
  }
  return headers;
};
