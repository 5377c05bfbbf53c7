/**
 * When EventBridge Scheduler fires a `cron(…)`, from its documentation ("Schedule types", "Daylight savings time") and not
 * from our code: six fields, `?` in one of the two day fields, `*` `,` `-` `/`. A local time that does not exist is
 * skipped; one that comes twice fires once, and nobody says which time: both kinds are `doubtful`.
 */
type Firing = { readonly atMs: readonly number[]; readonly doubtful: readonly string[] };

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

const readValue = (text: string, min: number, max: number, names: readonly string[]): number => {
  const value = names.includes(text) ? names.indexOf(text) + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new RangeError(`${text} is outside ${min} to ${max}`);
  return value;
};

const readField = (field: string, min: number, max: number, names: readonly string[] = []): ReadonlySet<number> => {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const first = from === '*' ? min : readValue(from, min, max, names);
    const alone = to === undefined && from !== '*' && step === undefined;
    const last = to !== undefined ? readValue(to, min, max, names) : alone ? first : max;
    const every = step === undefined ? 1 : readValue(step, 1, max, []);
    if (last < first) throw new RangeError(`${part} runs backwards`);
    for (let value = first; value <= last; value += every) values.add(value);
  }
  return values;
};

type Wall = {
  readonly minute: number;
  readonly hour: number;
  readonly date: number;
  readonly month: number;
  readonly weekday: number;
};

const parse = (expression: string): ((wall: Wall) => boolean) => {
  const inner = /^cron\((.+)\)$/.exec(expression)?.[1];
  const fields = inner?.split(' ') ?? [];
  if (fields.length !== 6) throw new RangeError(`${expression} has ${fields.length} of 6 fields`);
  if (expression.length > 256) throw new RangeError(`${expression} is longer than CreateSchedule takes`);
  const [minute = '', hour = '', date = '', month = '', weekday = '', year = ''] = fields;
  if ((date === '?') === (weekday === '?')) throw new RangeError(`${expression} needs one ? in its day fields`);
  if (year !== '*') throw new RangeError(`${expression} is limited to years`);
  const [minutes, hours] = [readField(minute, 0, 59), readField(hour, 0, 23)];
  const dates = date === '?' ? undefined : readField(date, 1, 31);
  const inYear = readField(month, 1, 12, months);
  const inWeek = weekday === '?' ? undefined : readField(weekday, 1, 7, weekdays);
  return (wall) =>
    minutes.has(wall.minute) &&
    hours.has(wall.hour) &&
    inYear.has(wall.month) &&
    (dates?.has(wall.date) ?? true) &&
    (inWeek?.has(wall.weekday) ?? true);
};

const wallOf = (localMs: number): Wall => {
  const date = new Date(localMs);
  return {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    date: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay() + 1,
  };
};

const offsetReader = (timezone: string): ((atMs: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  return (atMs) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(atMs)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * minuteMs;
  };
};

/** All fires in [`fromMs`, `untilMs`), both whole quarters of an hour: no zone changes its offset in between. */
export const firesOf = (expression: string, timezone: string, fromMs: number, untilMs: number): Firing => {
  const matches = parse(expression);
  const offsetAt = offsetReader(timezone);
  const atMs: number[] = [];
  const doubtful: string[] = [];
  const ask = (localMs: number, found: () => void) => {
    for (let local = localMs; local < localMs + quarterMs; local += minuteMs) if (matches(wallOf(local))) found();
  };
  // A local time that comes twice may have come before the stretch begins.
  let before = offsetAt(fromMs - 86_400_000);
  for (let quarter = fromMs - 86_400_000; quarter < untilMs; quarter += quarterMs) {
    const offset = offsetAt(quarter);
    const local = quarter + offset;
    for (let gap = quarter + before; gap < local; gap += quarterMs) {
      ask(gap, () => doubtful.push(`${new Date(gap).toISOString()} does not exist in ${timezone}`));
    }
    for (let twice = local; twice < quarter + before; twice += quarterMs) {
      ask(twice, () => doubtful.push(`${new Date(twice).toISOString()} exists twice in ${timezone}`));
    }
    before = offset;
    if (quarter < fromMs) continue;
    for (let at = quarter; at < quarter + quarterMs; at += minuteMs) if (matches(wallOf(at + offset))) atMs.push(at);
  }
  return { atMs, doubtful };
};
