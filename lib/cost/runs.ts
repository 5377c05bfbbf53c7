import { matchingDays, parseCron } from '../config/cron.ts';
import type { Schedule } from '../config/plan.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** After 28 years weekdays and leap years come round again; none of those that a century leaves out is in these. */
const cycle = { fromDay: Date.UTC(2024, 0, 1) / dayMs, days: 28 * 365 + 7 } as const;

const cronFiresPerDay = (expression: string): number => {
  const fields = parseCron(expression);
  if (!fields.ok) throw new RangeError(`cron '${expression}' ${fields.message}`);
  let days = 0;
  for (const day of matchingDays(fields.value, cycle.fromDay)) {
    if (day >= cycle.fromDay + cycle.days) break;
    days += 1;
  }
  return (fields.value.hours.length * fields.value.minutes.length * days) / cycle.days;
};

/** How often a schedule fires in a month of so many hours, on average; changes of the clock cancel out. */
export const firesPerMonth = (schedule: Schedule, hours: number): number =>
  schedule.kind === 'every' ? (hours * hourMs) / schedule.everyMs : (cronFiresPerDay(schedule.expression) * hours) / 24;
