import type { ProbePlan, Schedule } from '../config/plan.ts';
import { suggest } from '../config/problem.ts';
import { describeSchedule, firesBetween } from '../config/schedule.ts';
import { startOffsetMs } from '../config/spread.ts';
import { type Cadence, cadencesOf, groupByCadence } from './cadence.ts';
import type { DeployedPlan } from './deployed.ts';
import { isoOf, type Minute, minuteMs, readMinute, readNow, readTime } from './due/time.ts';
import type { DispatchInput } from './input.ts';
import type { WorkItem } from './message.ts';

export type Due =
  | {
      readonly ok: true;
      /** In the order of the plan, each probe's by slot. */
      readonly items: readonly WorkItem[];
      /** What it took for now, epoch ms: `at` in a rehearsal. */
      readonly nowMs: number;
      /** How far that is ahead of the clock; absent: it is the clock. */
      readonly shiftMs?: number;
      /** Why nothing is due that might have been; for the log. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/** Where only the clock tells which slot is meant: the last one, as old as this at most. */
const oldestGuessMs = 5 * minuteMs;

const slotsOf = (schedule: Schedule, { fromMs, guessed }: Minute, nowMs: number): readonly number[] => {
  const slots = firesBetween(schedule, fromMs - 1, fromMs + minuteMs - 1);
  if (slots.length > 0 || !guessed) return slots;
  return firesBetween(schedule, nowMs - oldestGuessMs, nowMs).slice(-1);
};

type ScheduledProbe = ProbePlan & { readonly schedule: Schedule };

const scheduledItem = (probe: ScheduledProbe, slotMs: number): WorkItem => ({
  probe,
  slot: isoOf(slotMs),
  trigger: 'schedule',
  dueAt: isoOf(slotMs + startOffsetMs(probe.id, probe.schedule)),
});

const hasSchedule = (probe: ProbePlan): probe is ScheduledProbe => probe.schedule !== undefined;

/** Runs of some cadences with their slots, in the order of the plan. */
const itemsOf = (
  probes: readonly ProbePlan[],
  due: readonly { readonly cadence: Cadence; readonly slots: readonly number[] }[],
): readonly WorkItem[] => {
  const slots = new Map(due.flatMap(({ cadence, slots }) => cadence.probes.map((probe) => [probe.id, slots] as const)));
  return probes
    .filter(hasSchedule)
    .flatMap((probe) => (slots.get(probe.id) ?? []).map((slotMs) => scheduledItem(probe, slotMs)));
};

type Answer = { readonly items: readonly WorkItem[]; readonly notes: readonly string[] };
type Now = { readonly nowMs: number };

const dueOfCadence = ({ plan }: DeployedPlan, key: string, minute: Minute, { nowMs }: Now): Answer => {
  const cadence = groupByCadence(plan.probes).find((one) => one.key === key);
  // The plan changed, and the schedule fired once more before it was taken away.
  if (!cadence) return { items: [], notes: [`no probe of this plan has the cadence ${key}: nothing is due`] };
  const slots = slotsOf(cadence.schedule, minute, nowMs);
  const items = itemsOf(plan.probes, [{ cadence, slots }]);
  if (slots.length > 0) return { items, notes: [] };
  const described = describeSchedule(cadence.schedule);
  return { items, notes: [`${described} has no slot at ${isoOf(minute.fromMs)}: nothing is due`] };
};

const dueOfTick = ({ plan, cadences }: DeployedPlan, minute: Minute): Answer => {
  const own = new Set(cadences ?? cadencesOf(plan.probes).schedules.map(({ key }) => key));
  const folded = groupByCadence(plan.probes).filter(({ key }) => !own.has(key));
  // Every minute has its own tick: none takes over what another one missed.
  const asked = { ...minute, guessed: false };
  const due = folded.map((cadence) => ({ cadence, slots: slotsOf(cadence.schedule, asked, minute.fromMs) }));
  return { items: itemsOf(plan.probes, due), notes: [] };
};

type Demand = Extract<DispatchInput, { kind: 'demand' }>;

const dueOnDemand = ({ plan }: DeployedPlan, { probes, clientToken, askedAt }: Demand, { nowMs }: Now) => {
  const known = new Set(plan.probes.map(({ id }) => id));
  const unknown = probes.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    const said = unknown.map(
      (id) => `no such probe is deployed: ${id.slice(0, 80)}; ${suggest(id, [...known], 'probes')}`,
    );
    return { ok: false, problem: said.join('\n') } as const;
  }
  const asked = askedAt === undefined ? ({ ok: true, ms: nowMs } as const) : readTime('askedAt', askedAt);
  if (!asked.ok) return asked;
  const slot = isoOf(asked.ms);
  const wanted = new Set(probes.length > 0 ? probes : known);
  const items = plan.probes
    .filter(({ id }) => wanted.has(id))
    .map((probe): WorkItem => ({ probe, slot, trigger: 'demand', token: clientToken, dueAt: slot }));
  return { ok: true, items, notes: [] } as const;
};

/**
 * The runs that an input asks for: of a cadence or of the minute tick, all slots in the minute for which it fired, and no
 * others; on demand, one of each probe named. What is deferred or disabled is among them, and its run says so. A slot is
 * a slot of the timetable, whatever time EventBridge fires at.
 */
export const dueItems = (deployed: DeployedPlan, input: DispatchInput, clockMs: number): Due => {
  const now = readNow(input.at, deployed.environment, clockMs);
  if (!now.ok) return now;
  if (input.kind === 'demand') {
    const due = dueOnDemand(deployed, input, now);
    return due.ok ? { ...now, ...due } : due;
  }
  const minute = readMinute(input.scheduledTime, now.nowMs);
  if (!minute.ok) return minute;
  const due = input.kind === 'tick' ? dueOfTick(deployed, minute) : dueOfCadence(deployed, input.cadence, minute, now);
  return { ...now, ...due };
};
