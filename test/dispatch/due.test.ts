import { describe, expect, it } from 'vitest';
import type { Plan, ProbePlan } from '../../lib/config/plan.ts';
import { startOffsetMs } from '../../lib/config/spread.ts';
import { cadenceKey } from '../../lib/dispatch/cadence.ts';
import type { DeployedPlan } from '../../lib/dispatch/deployed.ts';
import { dueItems } from '../../lib/dispatch/due.ts';
import type { DispatchInput } from '../../lib/dispatch/input.ts';
import { scheduledTimeKeyword } from '../../lib/names.ts';
import { cron, every, planWith, scheduledProbe } from '../support/schedules.ts';

const minuteMs = 60_000;
const weekly = cron('0 13 * * 2');
const deploy = (probes: readonly ProbePlan[], rest: Partial<DeployedPlan> = {}): DeployedPlan => {
  const plan: Plan = planWith(probes);
  return { schema: 1, environment: 'dev', plan, values: {}, ...rest };
};
const at = (iso: string): number => Date.parse(iso);

const due = (deployed: DeployedPlan, input: DispatchInput, now: string) => {
  const answer = dueItems(deployed, input, at(now));
  if (!answer.ok) throw new Error(answer.problem);
  return answer;
};
const slots = (...args: Parameters<typeof due>) => due(...args).items.map(({ probe, slot }) => `${probe.id} ${slot}`);
const problem = (deployed: DeployedPlan, input: DispatchInput, now = '2026-06-02T13:00:05Z') => {
  const answer = dueItems(deployed, input, at(now));
  return answer.ok ? undefined : answer.problem;
};

const cadence = (key: string, scheduledTime: string): DispatchInput => ({
  kind: 'cadence',
  cadence: key,
  scheduledTime,
});
const tick = (scheduledTime: string): DispatchInput => ({ kind: 'tick', scheduledTime });

describe('a schedule of a cadence', () => {
  const deployed = deploy([
    scheduledProbe('b', every(5 * minuteMs)),
    scheduledProbe('a', every(5 * minuteMs)),
    scheduledProbe('c', every(minuteMs)),
    scheduledProbe('w', weekly),
  ]);

  it('brings about a run of each of its probes, in the order of the plan, at its slot and due at its own second', () => {
    const { items, notes } = due(deployed, cadence('every-5m', '2026-06-02T13:05:00Z'), '2026-06-02T13:05:31Z');
    const dueAt = (id: string) =>
      new Date(at('2026-06-02T13:05:00Z') + startOffsetMs(id, every(5 * minuteMs))).toISOString();
    expect(items).toMatchObject([
      { probe: { id: 'b' }, slot: '2026-06-02T13:05:00.000Z', trigger: 'schedule', dueAt: dueAt('b') },
      { probe: { id: 'a' }, slot: '2026-06-02T13:05:00.000Z', trigger: 'schedule', dueAt: dueAt('a') },
    ]);
    expect(items[0]).not.toHaveProperty('token');
    expect(notes).toEqual([]);
  });

  it('is about the minute for which it fired, however late it was invoked', () => {
    for (const now of ['2026-06-02T13:00:00Z', '2026-06-02T13:00:59Z', '2026-06-02T15:12:00Z']) {
      expect(slots(deployed, cadence(cadenceKey(weekly), '2026-06-02T13:00:00Z'), now)).toEqual([
        'w 2026-06-02T13:00:00.000Z',
      ]);
    }
  });

  it('takes the seconds off its time', () => {
    const input = cadence('every-1m', '2026-06-02T13:05:42.123Z');
    expect(slots(deployed, input, '2026-06-02T13:05:43Z')).toEqual(['c 2026-06-02T13:05:00.000Z']);
  });

  it('brings about nothing at a time that is no slot, and says so', () => {
    const { items, notes } = due(deployed, cadence('every-5m', '2026-06-02T13:06:00Z'), '2026-06-02T13:06:01Z');
    expect([items, notes]).toEqual([[], ['every 5m has no slot at 2026-06-02T13:06:00.000Z: nothing is due']]);
  });

  it('that the plan has no more brings about nothing, and says so', () => {
    const { items, notes } = due(deployed, cadence('every-7m', '2026-06-02T13:06:00Z'), '2026-06-02T13:06:01Z');
    expect([items, notes]).toEqual([[], ['no probe of this plan has the cadence every-7m: nothing is due']]);
  });

  it('of less than a minute has all the slots of its minute', () => {
    const fast = deploy([scheduledProbe('f', every(25_000))]);
    const found = [0, 1, 2].map((minute) =>
      due(fast, cadence('every-25s', `1970-01-01T00:0${minute}:00Z`), `1970-01-01T00:0${minute}:02Z`).items.map(
        ({ slot }) => at(slot) / 1000,
      ),
    );
    expect(found).toEqual([
      [0, 25, 50],
      [75, 100],
      [125, 150, 175],
    ]);
  });

  it('dispatches what is deferred or disabled too: its run says so', () => {
    const asleep: ProbePlan = {
      ...scheduledProbe('d', every(minuteMs)),
      enabled: false,
      deferred: { reason: 'later' },
    };
    expect(slots(deploy([asleep]), cadence('every-1m', '2026-06-02T13:05:00Z'), '2026-06-02T13:05:00Z')).toEqual([
      'd 2026-06-02T13:05:00.000Z',
    ]);
  });
});

describe('the minute tick', () => {
  const plan = deploy([
    scheduledProbe('seven', every(7 * minuteMs)),
    scheduledProbe('own', every(minuteMs)),
    scheduledProbe('ninety', every(90_000)),
    scheduledProbe('dst', cron('30 2 * * *', 'Europe/Berlin')),
  ]);
  const deployed = { ...plan, cadences: ['every-1m'] };

  it('brings about what is due in its minute and has no schedule of its own', () => {
    const found = [...Array(8)].map((_, minute) =>
      slots(deployed, tick(`1970-01-01T00:0${minute}:00Z`), '1970-01-01T00:07:30Z'),
    );
    expect(found).toEqual([
      ['seven 1970-01-01T00:00:00.000Z', 'ninety 1970-01-01T00:00:00.000Z'],
      ['ninety 1970-01-01T00:01:30.000Z'],
      [],
      ['ninety 1970-01-01T00:03:00.000Z'],
      ['ninety 1970-01-01T00:04:30.000Z'],
      [],
      ['ninety 1970-01-01T00:06:00.000Z'],
      ['seven 1970-01-01T00:07:00.000Z', 'ninety 1970-01-01T00:07:30.000Z'],
    ]);
  });

  it('fires a local time that does not exist at the end of the gap, and one that comes twice once', () => {
    const berlin = deploy([scheduledProbe('dst', cron('30 2 * * *', 'Europe/Berlin'))]);
    const minutes = [
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-10-25T00:30',
      '2026-10-25T01:30',
    ];
    expect(minutes.flatMap((minute) => slots(berlin, tick(`${minute}:00Z`), `${minute}:01Z`))).toEqual([
      'dst 2026-03-29T01:00:00.000Z',
      'dst 2026-10-25T00:30:00.000Z',
    ]);
  });

  it('keeps to the schedules that were deployed, not to those that this machine would choose', () => {
    const asked = (cadences: readonly string[]) =>
      slots({ ...deployed, cadences }, tick('1970-01-01T00:00:00Z'), '1970-01-01T00:00:01Z');
    expect(asked(['every-7m', 'every-1m-30s'])).toEqual(['own 1970-01-01T00:00:00.000Z']);
    expect(asked([])).toHaveLength(3);
  });
});

describe('a time that EventBridge did not fill in', () => {
  const deployed = deploy([scheduledProbe('five', every(5 * minuteMs)), scheduledProbe('seven', every(7 * minuteMs))]);

  it('is never a slot: the minute of the clock stands for it', () => {
    expect(slots(deployed, cadence('every-5m', scheduledTimeKeyword), '2026-06-02T13:05:31Z')).toEqual([
      'five 2026-06-02T13:05:00.000Z',
    ]);
    expect(slots(deployed, tick(scheduledTimeKeyword), '1970-01-01T00:07:59.999Z')).toEqual([
      'seven 1970-01-01T00:07:00.000Z',
    ]);
  });

  it('is the last slot when the schedule was invoked in a later minute, and of five minutes at most', () => {
    const hourly = deploy([scheduledProbe('h', every(60 * minuteMs))]);
    const found = ['13:00:59', '13:01:10', '13:04:59', '13:05:01'].map((time) =>
      slots(hourly, cadence('every-1h', scheduledTimeKeyword), `2026-06-02T${time}Z`),
    );
    expect(found).toEqual([...Array(3).fill(['h 2026-06-02T13:00:00.000Z']), []]);
  });

  it('leaves the tick to its own minute', () => {
    expect(slots(deployed, tick(scheduledTimeKeyword), '1970-01-01T00:08:01Z')).toEqual([]);
  });

  it.each([
    '',
    'now',
    '<aws.scheduler.execution-id>',
    '2026-06-02',
    '2026-06-02T13:00:00',
    '2026-02-31T13:00:00Z',
    '1780405200000',
  ])('is refused when it is %j', (time) => {
    const said = `scheduledTime is ${JSON.stringify(time)}: write a UTC time such as 2026-01-31T13:00:00Z`;
    expect(problem(deployed, cadence('every-5m', time))).toBe(said);
    expect(problem(deployed, tick(time))).toBe(said);
  });

  it('is refused when it lies farther ahead than a queue can hold a run back', () => {
    expect(problem(deployed, tick('2026-06-02T13:15:06Z'))).toBe(
      'scheduledTime is 2026-06-02T13:15:06Z, more than 15m ahead of 2026-06-02T13:00:05.000Z',
    );
    expect(problem(deployed, tick('2026-06-02T13:15:05Z'))).toBeUndefined();
  });
});

describe('a demand', () => {
  const deployed = deploy([
    scheduledProbe('api-read', every(minuteMs)),
    scheduledProbe('api-write', every(minuteMs)),
    (({ schedule: _, ...probe }) => probe)(scheduledProbe('by-hand', every(minuteMs))),
  ]);
  const demand = (probes: readonly string[], rest: object = {}): DispatchInput => ({
    kind: 'demand',
    probes,
    clientToken: 'token-1',
    ...rest,
  });
  const now = '2026-06-02T13:00:05.250Z';

  it('is a run of each probe named, once, in the order of the plan, now', () => {
    const { items } = due(deployed, demand(['by-hand', 'api-read', 'by-hand']), now);
    expect(items).toMatchObject([
      { probe: { id: 'api-read' }, slot: now, dueAt: now, trigger: 'demand', token: 'token-1' },
      { probe: { id: 'by-hand' }, slot: now, dueAt: now, trigger: 'demand', token: 'token-1' },
    ]);
    expect(items).toHaveLength(2);
  });

  it('of nothing in particular is one of each', () => {
    expect(due(deployed, demand([]), now).items).toHaveLength(3);
  });

  it('has the slot of the time at which it was asked, so that a retry is the same run', () => {
    const askedAt = '2026-06-02T12:59:59.000Z';
    const asked = [now, '2026-06-02T13:01:00Z'].map(
      (time) => due(deployed, demand(['api-read'], { askedAt }), time).items,
    );
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]?.[0]).toMatchObject({ slot: askedAt, dueAt: askedAt });
    expect(problem(deployed, demand([], { askedAt: 'yesterday' }))).toMatch(/^askedAt is "yesterday"/);
  });

  it('of an unknown probe is refused whole, with the names that are near', () => {
    expect(problem(deployed, demand(['api-read', 'api-raed', 'zzz']))).toBe(
      'no such probe is deployed: api-raed; did you mean `api-read`?\nno such probe is deployed: zzz; known probes: api-read, api-write, by-hand',
    );
  });
});

describe('a rehearsed time', () => {
  const at = '2026-06-09T13:00:30Z';
  const input: DispatchInput = { ...cadence(cadenceKey(weekly), '2026-06-09T13:00:00Z'), at };
  const probes = [scheduledProbe('w', weekly)];

  it('is taken for now in dev, and says how far it is ahead', () => {
    const answer = due(deploy(probes), input, '2026-06-02T10:00:00Z');
    expect(answer).toMatchObject({ nowMs: Date.parse(at), shiftMs: 7 * 86_400_000 + 3 * 3_600_000 + 30_000 });
    expect(answer.items).toMatchObject([{ slot: '2026-06-09T13:00:00.000Z' }]);
    expect(due(deploy(probes), tick('2026-06-02T10:00:00Z'), '2026-06-02T10:00:00Z')).not.toHaveProperty('shiftMs');
  });

  it.each(['staging', 'pilot', 'prod'] as const)('is refused in %s', (environment) => {
    expect(problem(deploy(probes, { environment }), input)).toBe(
      `\`at\` is for rehearsals, and refused where the environment is ${environment}`,
    );
  });

  it('is refused when it is no time', () => {
    expect(problem(deploy(probes), { ...input, at: 'next week' })).toMatch(/^at is "next week"/);
  });
});
