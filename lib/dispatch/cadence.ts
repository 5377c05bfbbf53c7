import { createHash } from 'node:crypto';
import { parseCron } from '../config/cron.ts';
import { formatDurationMs } from '../config/duration.ts';
import type { ProbePlan, Schedule } from '../config/plan.ts';
import { describeSchedule } from '../config/schedule.ts';
import { base32 } from '../result/run-id.ts';
import { changesOf, type ZoneChanges } from './cadence/changes.ts';
import { everyMinute, expressionOf } from './cadence/expression.ts';

/** A schedule of EventBridge Scheduler, for all probes of one cadence. */
type CadenceSchedule = {
  /** Letters, digits and dashes, the same in every plan: part of a resource's name. */
  readonly key: string;
  /** `cron(…)`: a `rate(…)` counts from its creation, and our slots from the epoch. */
  readonly expression: string;
  readonly timezone: string;
  /** `every 5m`. It names no probe, so that one probe more changes no resource. */
  readonly description: string;
};

export type Cadences = {
  /** Ascending by key. */
  readonly schedules: readonly CadenceSchedule[];
  /** No cadence has a schedule of its own: the minute tick looks after all. */
  readonly tick: boolean;
};

/** Of the minute tick. */
export const tickExpression = everyMinute;

/** With so many a stack stays under 70 resources, however many probes there are; those of drills come on top. */
export const mostSchedules = 15;

const hashChars = 10;

/** `every-5m`, or `cron-` and ten characters: the name of a cadence. Made otherwise, it would replace what is deployed. */
export const cadenceKey = (schedule: Schedule): string => {
  if (schedule.kind === 'every') return `every-${formatDurationMs(schedule.everyMs).replaceAll(' ', '-')}`;
  const fields = parseCron(schedule.expression);
  // Two spellings of one timetable are one cadence: `0 13 * * 2` and `0 13 * * TUE`.
  const text = JSON.stringify([fields.ok ? fields.value : schedule.expression, schedule.timezone]);
  return `cron-${base32(createHash('sha256').update(text).digest()).slice(0, hashChars)}`;
};

export type Cadence = { readonly key: string; readonly schedule: Schedule; readonly probes: readonly ProbePlan[] };

/** Probes by cadence, in the order of the plan; those on demand alone are in none. */
export const groupByCadence = (probes: readonly ProbePlan[]): readonly Cadence[] => {
  const keys = new Map<string, string>();
  const keyOf = (schedule: Schedule): string => {
    const text = describeSchedule(schedule);
    const key = keys.get(text) ?? cadenceKey(schedule);
    keys.set(text, key);
    return key;
  };
  const groups = new Map<string, { key: string; schedule: Schedule; probes: ProbePlan[] }>();
  for (const probe of probes) {
    if (!probe.schedule) continue;
    const key = keyOf(probe.schedule);
    const group = groups.get(key) ?? { key, schedule: probe.schedule, probes: [] };
    group.probes.push(probe);
    groups.set(key, group);
  }
  return [...groups.values()];
};

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const remembering = (read: (timezone: string) => ZoneChanges): ((timezone: string) => ZoneChanges) => {
  const known = new Map<string, ZoneChanges>();
  return (timezone) => {
    const changes = known.get(timezone) ?? read(timezone);
    known.set(timezone, changes);
    return changes;
  };
};

const tickAlone: Cadences = { schedules: [], tick: true };

/**
 * The schedules that a plan needs: one for each cadence while they are few and EventBridge can time them all as our timetable
 * does; else the minute tick alone. It asks each minute what is due of the whole plan, so a schedule beside it would only
 * ask once more.
 */
export const cadencesOf = (probes: readonly ProbePlan[]): Cadences => {
  const cadences = groupByCadence(probes);
  if (cadences.length > mostSchedules) return tickAlone;
  const changes = remembering(changesOf);
  const schedules: CadenceSchedule[] = [];
  for (const { key, schedule } of cadences) {
    const said = expressionOf(schedule, changes);
    if (!said) return tickAlone;
    schedules.push({ key, ...said, description: describeSchedule(schedule) });
  }
  return { schedules: schedules.toSorted((left, right) => byText(left.key, right.key)), tick: false };
};
