import { type CronFields, matchesDay, parseCron } from '../../config/cron.ts';
import type { Schedule } from '../../config/plan.ts';
import type { Doubtful, ZoneChanges } from './changes.ts';

/** How EventBridge Scheduler says a schedule, so that it fires at the very slots of our timetable. */
export type Expression = { readonly expression: string; readonly timezone: string };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const utc = (expression: string): Expression => ({ expression: `cron(${expression})`, timezone: 'UTC' });

/** The minute tick, and every cadence of a minute or less: the dispatcher finds the slots inside of the minute. */
export const everyMinute = utc('* * * * ? *');

/** `every` counts from the epoch, a cron from each hour or midnight: they agree where the one divides the other. */
const sayEvery = (everyMs: number): Expression | undefined => {
  if (everyMs <= minuteMs) return everyMinute;
  if (everyMs % minuteMs === 0 && hourMs % everyMs === 0) {
    return utc(`${everyMs === hourMs ? '0' : `0/${everyMs / minuteMs}`} * * * ? *`);
  }
  if (everyMs % hourMs === 0 && dayMs % everyMs === 0) {
    return utc(`0 ${everyMs === dayMs ? '0' : `0/${everyMs / hourMs}`} * * ? *`);
  }
  // 1970-01-01 was a Thursday.
  return everyMs === 7 * dayMs ? utc('0 0 ? * THU *') : undefined;
};

const sayRun = (run: readonly number[]): string => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','));

/** `*`, `8-18`, `1,15`: ascending values, briefly, in the three signs that every cron has. */
export const sayValues = (values: readonly number[], min: number, max: number): string => {
  if (values.length === max - min + 1) return '*';
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.map(sayRun).join(',');
};

/** With `0/20` besides. */
const sayField = (values: readonly number[], min: number, max: number): string => {
  const [first = min, second = first] = values;
  const step = second - first;
  const isRegular = step > 1 && values.every((value, index) => value === first + index * step);
  return isRegular && first + values.length * step > max ? `${first}/${step}` : sayValues(values, min, max);
};

const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Day of month and day of week. EventBridge takes one of the two: for `either` and for `both` it has no words. */
const sayDays = ({ days, weekdays, eitherDay }: CronFields): readonly [string, string] | undefined => {
  const [anyDate, anyWeekday] = [days.length === 31, weekdays.length === 7];
  if (eitherDay ? anyDate || anyWeekday : anyDate && anyWeekday) return ['*', '?'];
  if (eitherDay || (!anyDate && !anyWeekday)) return undefined;
  return anyWeekday ? [sayField(days, 1, 31), '?'] : ['?', weekdays.map((day) => weekdayNames[day]).join(',')];
};

const touches = (fields: CronFields, { fromMs, toMs }: Doubtful): boolean => {
  for (let wallMs = fromMs; wallMs < toMs; wallMs += minuteMs) {
    const wall = new Date(wallMs);
    const isTime = fields.minutes.includes(wall.getUTCMinutes()) && fields.hours.includes(wall.getUTCHours());
    if (isTime && fields.months.includes(wall.getUTCMonth() + 1) && matchesDay(fields, wall)) return true;
  }
  return false;
};

/** Every hour of every day: it counts real time, and UTC has the same minutes where all offsets are whole hours. */
const isSpaced = ({ hours, months }: CronFields, [dates]: readonly [string, string], { offsetsMs }: ZoneChanges) =>
  hours.length === 24 && months.length === 12 && dates === '*' && offsetsMs.every((offset) => offset % hourMs === 0);

/** AWS knows zones by their exact names, Intl in any case. Another name of a zone, `US/Pacific`, stays where it is well spelt. */
export const spellZone = (timezone: string): string => {
  const known = new Intl.DateTimeFormat('en-US', { timeZone: timezone }).resolvedOptions().timeZone;
  const misspelt = known.toLowerCase() === timezone.toLowerCase() || /(?:^|\/)[a-z]/.test(timezone);
  return misspelt ? known : timezone;
};

const sayZone = (timezone: string, { offsetsMs }: ZoneChanges): string =>
  offsetsMs.every((offset) => offset === 0) ? 'UTC' : spellZone(timezone);

const sayCron = (cron: string, timezone: string, changesOf: (zone: string) => ZoneChanges): Expression | undefined => {
  const fields = parseCron(cron);
  if (!fields.ok) throw new RangeError(`cron '${cron}' ${fields.message}`);
  const { minutes, hours, months } = fields.value;
  const days = sayDays(fields.value);
  if (days === undefined) return undefined;
  const changes = changesOf(timezone);
  const spaced = isSpaced(fields.value, days, changes);
  // It skips a local time that does not exist, where we fire at the end of the gap, and does not say which one of two it takes.
  if (!spaced && changes.doubtful.some((stretch) => touches(fields.value, stretch))) return undefined;
  const [date, weekday] = days;
  const times = `${sayField(minutes, 0, 59)} ${sayField(hours, 0, 23)}`;
  return {
    expression: `cron(${times} ${date} ${sayField(months, 1, 12)} ${weekday} *)`,
    timezone: spaced ? 'UTC' : sayZone(timezone, changes),
  };
};

/**
 * The cron that fires at a schedule's slots and at no other time (sub-minute cadences: in each minute that has some);
 * `undefined` where EventBridge has none.
 *
 * @throws RangeError for an expression or a zone that never went through `parseCronSchedule`.
 */
export const expressionOf = (
  schedule: Schedule,
  changesOf: (timezone: string) => ZoneChanges,
): Expression | undefined =>
  schedule.kind === 'every' ? sayEvery(schedule.everyMs) : sayCron(schedule.expression, schedule.timezone, changesOf);
