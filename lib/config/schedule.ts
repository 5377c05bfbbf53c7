import { type CronFields, cronRemedy, matchingDays, parseCron } from './cron.ts';
import { formatDurationMs } from './duration.ts';
import type { Plan, Schedule } from './plan.ts';
import { type DayOffsets, dayOffsets, instantsOf, isTimeZone, openZone, type Zone } from './zone.ts';

/*
 * Daylight saving. A schedule at fixed hours is about the local clock: a time that the clock skips fires at the instant
 * at which the gap ends (a weekly probe is not lost to a Sunday in March), and a time that it shows twice fires once,
 * the first time. A schedule of every hour (`*` as the hour) is about the spacing, and fires at each real instant whose
 * local time matches: nothing extra in a gap, no silent hour when the clock goes back. Vixie cron and croner agree on
 * both. EventBridge Scheduler skips the missing time instead; a monitor that goes quiet is the worse fault.
 */

/** Ready to be asked often: the expression is parsed and its zone opened. */
export type Timetable = {
  /** Fires after `afterMs` (exclusive), ascending, without end. */
  firesAfter(afterMs: number): Generator<number, void>;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

function* everyFires(everyMs: number, afterMs: number): Generator<number, void> {
  // Aligned to the epoch, so that a restart keeps the slots and two runners agree on them.
  for (let slot = Math.floor(afterMs / everyMs) + 1; ; slot += 1) yield slot * everyMs;
}

/** A day of one offset, by far the most: no list is built, and hours that are past cost nothing. */
function* plainDayFires(fields: CronFields, dayStartMs: number, afterMs: number): Generator<number, void> {
  for (const hour of fields.hours) {
    const hourStartMs = dayStartMs + hour * hourMs;
    if (hourStartMs + hourMs <= afterMs) continue;
    for (const minute of fields.minutes) yield hourStartMs + minute * minuteMs;
  }
}

const transitionDayFires = (fields: CronFields, wallMs: number, offsets: DayOffsets, endMs: number): number[] => {
  const spaced = fields.hours.length === 24;
  const fires: number[] = [];
  for (const hour of fields.hours) {
    for (const minute of fields.minutes) {
      const instants = instantsOf(wallMs + hour * hourMs + minute * minuteMs, offsets);
      if (spaced) fires.push(...instants);
      else fires.push(instants[0] ?? endMs);
    }
  }
  return fires.sort((a, b) => a - b);
};

function* cronFires(fields: CronFields, zone: Zone, afterMs: number): Generator<number, void> {
  const today = Math.floor((afterMs + zone.offsetAt(afterMs)) / dayMs);
  let lastMs = afterMs;
  // From yesterday on: the end of a gap at midnight belongs to the day before.
  for (const day of matchingDays(fields, today - 1)) {
    const wallMs = day * dayMs;
    const offsets = dayOffsets(zone, wallMs);
    const fires =
      offsets.transitionMs === undefined
        ? plainDayFires(fields, wallMs - offsets.beforeMs, lastMs)
        : transitionDayFires(fields, wallMs, offsets, offsets.transitionMs);
    for (const fireMs of fires) {
      if (fireMs <= lastMs) continue;
      lastMs = fireMs;
      yield fireMs;
    }
  }
}

const requireCron = (expression: string): CronFields => {
  const fields = parseCron(expression);
  if (!fields.ok) throw new RangeError(`cron '${expression}' ${fields.message}`);
  return fields.value;
};

/**
 * Opens a schedule of a plan, for those who ask it again and again.
 * @throws RangeError for an expression or a zone that never went through `parseCronSchedule`.
 */
export const openTimetable = (schedule: Schedule): Timetable => {
  if (schedule.kind === 'every') return { firesAfter: (afterMs) => everyFires(schedule.everyMs, afterMs) };
  const fields = requireCron(schedule.expression);
  const zone = openZone(schedule.timezone);
  return { firesAfter: (afterMs) => cronFires(fields, zone, afterMs) };
};

/**
 * First fire after an instant (exclusive; epoch ms). `offsetMs` moves every fire by the same time: a probe's jitter.
 * `undefined` when it never fires again.
 */
export const nextFire = (schedule: Schedule, afterMs: number, offsetMs = 0): number | undefined => {
  const next = openTimetable(schedule)
    .firesAfter(afterMs - offsetMs)
    .next();
  return next.done ? undefined : next.value + offsetMs;
};

/** Fires in (`afterMs`, `untilMs`], the first `limit` (default 10,000) of them. */
export const firesBetween = (schedule: Schedule, afterMs: number, untilMs: number, limit = 10_000): number[] => {
  const fires: number[] = [];
  for (const fireMs of openTimetable(schedule).firesAfter(afterMs)) {
    if (fireMs > untilMs || fires.length >= limit) break;
    fires.push(fireMs);
  }
  return fires;
};

/** Days from one weekday to the next, around the week; nearly every schedule needs no more than this. */
const shortestWeekGap = (weekdays: readonly number[]): number =>
  Math.min(...weekdays.map((day, index) => (weekdays[index + 1] ?? (weekdays[0] ?? 0) + 7) - day));

const shortestDayGap = (fields: CronFields): number => {
  if (fields.days.length === 31 && fields.months.length === 12 && !fields.eitherDay)
    return shortestWeekGap(fields.weekdays);
  // Five years show every gap but those of Feb 29, which come out right for they are then the first two.
  let shortest = Number.POSITIVE_INFINITY;
  let previous: number | undefined;
  for (const day of matchingDays(fields, 0)) {
    if (previous !== undefined) shortest = Math.min(shortest, day - previous);
    if (shortest === 1 || (previous !== undefined && day > 5 * 366)) break;
    previous = day;
  }
  return shortest;
};

/** Shortest time between two fires, of the local clock without its changes. */
export const cadenceMs = (schedule: Schedule): number => {
  if (schedule.kind === 'every') return schedule.everyMs;
  const fields = requireCron(schedule.expression);
  const times = fields.hours.flatMap((hour) => fields.minutes.map((minute) => hour * 60 + minute));
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  let shortest = shortestDayGap(fields) * 24 * 60 + first - last;
  for (const [index, time] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined) shortest = Math.min(shortest, time - before);
  }
  return shortest * minuteMs;
};

/** Of a probe by its id; `undefined` when it has no schedule, or the plan no such probe. */
export const cadenceOf = ({ probes }: Pick<Plan, 'probes'>, id: string): number | undefined => {
  const schedule = probes.find((probe) => probe.id === id)?.schedule;
  return schedule && cadenceMs(schedule);
};

/** `every 1m`, `cron 0 13 * * 2 UTC`. */
export const describeSchedule = (schedule: Schedule): string =>
  schedule.kind === 'every'
    ? `every ${formatDurationMs(schedule.everyMs)}`
    : `cron ${schedule.expression} ${schedule.timezone}`;

export type CronRefusal = {
  readonly ok: false;
  readonly field: 'cron' | 'timezone';
  readonly message: string;
  readonly remedy: string;
};

/** A cron expression and its zone, checked to the point that it fires at all. */
export const parseCronSchedule = (
  expression: string,
  timezone: string,
): { ok: true; value: Schedule } | CronRefusal => {
  const fields = parseCron(expression);
  if (!fields.ok)
    return { ok: false, field: 'cron', message: `is not a cron expression: ${fields.message}`, remedy: cronRemedy };
  if (matchingDays(fields.value, 0).next().done) {
    return {
      ok: false,
      field: 'cron',
      message: 'never fires: there is no such date',
      remedy: 'check the day and the month',
    };
  }
  if (!isTimeZone(timezone)) {
    const remedy = 'write an IANA name such as Europe/Berlin, or UTC';
    return { ok: false, field: 'timezone', message: 'is no time zone', remedy };
  }
  return { ok: true, value: { kind: 'cron', expression: expression.trim().replace(/\s+/g, ' '), timezone } };
};
