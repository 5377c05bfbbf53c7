import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../lib/config/plan.ts';
import { describeSchedule, firesBetween } from '../../lib/config/schedule.ts';
import { changesOf } from '../../lib/dispatch/cadence/changes.ts';
import { cadencesOf, tickExpression } from '../../lib/dispatch/cadence.ts';
import type { DeployedPlan } from '../../lib/dispatch/deployed.ts';
import { dueItems } from '../../lib/dispatch/due.ts';
import { firesOf } from '../support/eventbridge-cron.ts';
import { cron, cronSchedules, every, planWith, scheduledProbe, schedules, zones } from '../support/schedules.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const firstMs = Date.UTC(2026, 0, 1);
const lastMs = Date.UTC(2045, 11, 1);

/** Instants at which some zone of the tests changes its clock. */
const changes = zones.flatMap((zone) =>
  changesOf(zone).doubtful.map(({ fromMs }) => Math.floor(fromMs / hourMs) * hourMs),
);

/** The start of a stretch: anywhere, or shortly before a clock changes. */
const starts = fc.oneof(
  fc.integer({ min: firstMs / hourMs, max: lastMs / hourMs }).map((hours) => hours * hourMs),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: 12, max: 40 }))
    .map(([changeMs, hours]) => changeMs - hours * hourMs),
);

const minutesOf = (times: readonly number[]): readonly number[] => [
  ...new Set(times.map((ms) => Math.floor(ms / minuteMs) * minuteMs)),
];

const iso = (times: readonly number[]): readonly string[] => times.map((ms) => new Date(ms).toISOString());

const compare = (schedule: Schedule, expression: string, timezone: string, fromMs: number, untilMs: number) => {
  const { atMs, doubtful } = firesOf(expression, timezone, fromMs, untilMs);
  const slots = minutesOf(firesBetween(schedule, fromMs - 1, untilMs - 1, 1_000_000));
  const said = `${describeSchedule(schedule)} as ${expression} ${timezone}`;
  return { fires: [said, doubtful, iso(atMs)], slots: [said, [], iso(slots)] };
};

/** The stretch is two days; of a schedule that is rarer, the two days around one of its slots. */
const placed = (schedule: Schedule, startMs: number): number => {
  const [next] = firesBetween(schedule, startMs, startMs + 60 * dayMs, 1);
  return next === undefined || next < startMs + 2 * dayMs ? startMs : Math.floor(next / hourMs) * hourMs - 12 * hourMs;
};

describe('EventBridge Scheduler, by its documentation,', () => {
  it('fires at our slots and at no other time, or the cadence is folded', () => {
    let own = 0;
    fc.assert(
      fc.property(schedules, starts, (schedule, startMs) => {
        const [said] = cadencesOf([scheduledProbe('a', schedule)]).schedules;
        if (!said) return;
        own += 1;
        const fromMs = placed(schedule, startMs);
        const { fires, slots } = compare(schedule, said.expression, said.timezone, fromMs, fromMs + 2 * dayMs);
        expect(fires).toEqual(slots);
      }),
      { numRuns: 200 },
    );
    expect(own).toBeGreaterThan(50);
  });

  it('does so on the days on which the clock changes, for crons of that very zone', () => {
    const cases = zones.flatMap((zone) =>
      changesOf(zone)
        .doubtful.slice(0, 8)
        .map(({ fromMs }) => ({ zone, fromMs })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...cases), cronSchedules, fc.boolean(), ({ zone, fromMs }, other, daily) => {
        const expression = other.kind === 'cron' ? other.expression : '';
        const times = expression.split(' ').slice(0, 2).join(' ');
        const schedule = cron(daily ? `${times} * * *` : expression, zone);
        const [said] = cadencesOf([scheduledProbe('a', schedule)]).schedules;
        if (!said) return;
        const startMs = Math.floor(fromMs / dayMs) * dayMs - dayMs;
        const { fires, slots } = compare(schedule, said.expression, said.timezone, startMs, startMs + 3 * dayMs);
        expect(fires).toEqual(slots);
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, Schedule, string, string, string]>([
    ['skips a time in March', cron('30 2 * * *', 'Europe/Berlin'), 'cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-28'],
    [
      'has a time of October twice',
      cron('30 2 * * *', 'Europe/Berlin'),
      'cron(30 2 * * ? *)',
      'Europe/Berlin',
      '2026-10-24',
    ],
    ['counts weekdays from 1', cron('0 0 * * 2'), 'cron(0 0 ? * 2 *)', 'UTC', '2026-06-01'],
    ['starts 7 minutes anew each hour', every(7 * minuteMs), 'cron(0/7 * * * ? *)', 'UTC', '2026-06-01'],
    ['starts 5 hours anew each day', every(5 * hourMs), 'cron(0 0/5 * * ? *)', 'UTC', '2026-06-01'],
    ['has its own idea of a week', every(7 * dayMs), 'cron(0 0 ? * SUN *)', 'UTC', '2026-06-01'],
  ])('%s: the comparison sees it', (_, schedule, expression, timezone, day) => {
    const startMs = Date.parse(`${day}T00:00:00Z`);
    const { fires, slots } = compare(schedule, expression, timezone, startMs, startMs + 7 * dayMs);
    expect(fires).not.toEqual(slots);
  });
});

const deployedOf = (all: readonly Schedule[]): DeployedPlan => {
  const plan = planWith(all.map((schedule, index) => scheduledProbe(`p${index}`, schedule)));
  const cadences = cadencesOf(plan.probes).schedules.map(({ key }) => key);
  return { schema: 1, environment: 'dev', plan, values: {}, cadences };
};

/** All slots that the deployed schedules and the tick bring about in a stretch, each invocation at its own time. */
const dispatched = (
  deployed: DeployedPlan,
  fromMs: number,
  untilMs: number,
): ReadonlyMap<string, readonly string[]> => {
  const { schedules: own, tick } = cadencesOf(deployed.plan.probes);
  const slots = new Map<string, string[]>(deployed.plan.probes.map(({ id }) => [id, []]));
  const invoke = (atMs: number, cadence?: string) => {
    const scheduledTime = new Date(atMs).toISOString();
    const input = cadence === undefined ? { kind: 'tick' as const } : { kind: 'cadence' as const, cadence };
    const due = dueItems(deployed, { ...input, scheduledTime }, atMs + 31_000);
    if (!due.ok) throw new Error(due.problem);
    for (const { probe, slot } of due.items) slots.get(probe.id)?.push(slot);
  };
  for (const { key, expression, timezone } of own) {
    for (const atMs of firesOf(expression, timezone, fromMs, untilMs).atMs) invoke(atMs, key);
  }
  const { expression, timezone } = tickExpression;
  if (tick) for (const atMs of firesOf(expression, timezone, fromMs, untilMs).atMs) invoke(atMs);
  return slots;
};

describe('the schedules and the tick of a plan together', () => {
  it('bring about every slot of every probe, and each of them once', () => {
    const rare = schedules.filter((schedule) => schedule.kind === 'cron' || schedule.everyMs >= 30_000);
    fc.assert(
      fc.property(fc.array(rare, { minLength: 1, maxLength: 24 }), starts, (all, startMs) => {
        const deployed = deployedOf(all);
        const untilMs = startMs + hourMs;
        const expected = deployed.plan.probes.map(({ id, schedule }) => [
          id,
          schedule ? iso(firesBetween(schedule, startMs - 1, untilMs - 1)) : [],
        ]);
        expect([...dispatched(deployed, startMs, untilMs)]).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('miss a probe when a schedule is not deployed: the comparison sees it', () => {
    const deployed: DeployedPlan = { ...deployedOf([every(7 * minuteMs)]), cadences: ['every-7m'] };
    expect([...dispatched(deployed, firstMs, firstMs + hourMs)]).toEqual([['p0', []]]);
  });
});
