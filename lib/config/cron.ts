import { type Parsed, parsed, refused } from './parsed.ts';

/** A five-field cron expression as the numbers that it allows, each list ascending. */
export type CronFields = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /**
   * Vixie cron's rule: with a restriction on the day of the month *and* on the weekday, either is enough. A field that
   * begins with `*` is no restriction, and then both must hold.
   */
  readonly eitherDay: boolean;
};

type FieldRule = {
  readonly noun: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
};

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const rules = {
  minutes: { noun: 'minute', min: 0, max: 59, names: [] },
  hours: { noun: 'hour', min: 0, max: 23, names: [] },
  days: { noun: 'day of month', min: 1, max: 31, names: [] },
  months: { noun: 'month', min: 1, max: 12, names: monthNames },
  // 7 is Sunday again; folded once the ranges are read, so that 5-7 works.
  weekdays: { noun: 'day of week', min: 0, max: 7, names: weekdayNames },
} as const satisfies Record<string, FieldRule>;

const aliases: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

export const cronRemedy =
  "write five fields: minute, hour, day of month, month, day of week, such as '0 13 * * 2' for Tuesdays at 13:00";

const parseNumber = (text: string, rule: FieldRule): Parsed<number> => {
  const named = rule.names.indexOf(text.toLowerCase());
  if (named >= 0) return parsed(named + rule.min);
  if (!/^\d{1,4}$/.test(text)) return refused(`'${text}' is no ${rule.noun}`);
  const value = Number(text);
  return value >= rule.min && value <= rule.max
    ? parsed(value)
    : refused(`${rule.noun} ${text} is outside ${rule.min} to ${rule.max}`);
};

const item = /^(\*|[^-/]+)(?:-([^-/]+))?(?:\/(\d{1,4}))?$/;

const parseRange = (text: string, rule: FieldRule): Parsed<readonly [number, number, number]> => {
  const match = item.exec(text);
  if (!match) return refused(`'${text}' is no ${rule.noun}`);
  const [, from = '', to, every] = match;
  const step = every === undefined ? 1 : Number(every);
  if (step < 1) return refused(`step 0 of the ${rule.noun} would never move`);
  if (from === '*') {
    return to === undefined ? parsed([rule.min, rule.max, step]) : refused(`'${text}' is no ${rule.noun}`);
  }
  const first = parseNumber(from, rule);
  if (!first.ok) return first;
  // `5/15` without an end runs to the end of the field, as in Vixie's successors.
  const last = to !== undefined ? parseNumber(to, rule) : parsed(every === undefined ? first.value : rule.max);
  if (!last.ok) return last;
  return first.value <= last.value
    ? parsed([first.value, last.value, step])
    : refused(`${rule.noun} range ${text} runs backwards: split it in two, such as '22-23,0-2'`);
};

const parseField = (text: string, rule: FieldRule): Parsed<readonly number[]> => {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const range = parseRange(part, rule);
    if (!range.ok) return range;
    const [first, last, step] = range.value;
    for (let value = first; value <= last; value += step) values.add(rule === rules.weekdays ? value % 7 : value);
  }
  return parsed([...values].sort((a, b) => a - b));
};

/** Five fields with names, ranges, lists and steps; `@daily` and its like. Never throws. */
export const parseCron = (expression: string): Parsed<CronFields> => {
  const text = aliases.get(expression.trim().toLowerCase()) ?? expression.trim();
  if (text.startsWith('@')) return refused(`${text} is not known: use ${[...aliases.keys()].join(', ')}`);
  const fields = text.split(/\s+/);
  if (fields.length === 6) return refused('has 6 fields: seconds and years are not supported');
  if (fields.length !== 5) return refused(`has ${text === '' ? 0 : fields.length} of 5 fields`);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = parseField(minute, rules.minutes);
  if (!minutes.ok) return minutes;
  const hours = parseField(hour, rules.hours);
  if (!hours.ok) return hours;
  const days = parseField(day, rules.days);
  if (!days.ok) return days;
  const months = parseField(month, rules.months);
  if (!months.ok) return months;
  const weekdays = parseField(weekday, rules.weekdays);
  if (!weekdays.ok) return weekdays;
  return parsed({
    minutes: minutes.value,
    hours: hours.value,
    days: days.value,
    months: months.value,
    weekdays: weekdays.value,
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  });
};

const dayMs = 86_400_000;

/** Feb 29 on one given weekday can be 40 years away (2096 to 2136, as 2100 is no leap year). */
const horizonDays = 41 * 366;

/** Whether the expression allows the day that `date` shows in UTC. */
export const matchesDay = (fields: CronFields, date: Date): boolean => {
  const inMonth = fields.days.includes(date.getUTCDate());
  const inWeek = fields.weekdays.includes(date.getUTCDay());
  return fields.eitherDay ? inMonth || inWeek : inMonth && inWeek;
};

/**
 * Days that the expression allows, ascending, from `day` on (days since 1970-01-01 in the schedule's own calendar);
 * ends after 41 years without one.
 */
export function* matchingDays(fields: CronFields, day: number): Generator<number, void> {
  let current = day;
  let limit = day + horizonDays;
  while (current <= limit) {
    const date = new Date(current * dayMs);
    if (!fields.months.includes(date.getUTCMonth() + 1)) {
      current = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / dayMs;
      continue;
    }
    if (matchesDay(fields, date)) {
      yield current;
      limit = current + horizonDays;
    }
    current += 1;
  }
}
