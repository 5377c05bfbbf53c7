import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../lib/config/plan.ts';
import { cadenceKey, cadencesOf, groupByCadence, mostSchedules, tickExpression } from '../../lib/dispatch/cadence.ts';
import { cron, every, scheduledProbe } from '../support/schedules.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const only = (schedule: Schedule) => cadencesOf([scheduledProbe('a', schedule)]);
const plan = (schedules: readonly Schedule[]) =>
  schedules.map((schedule, index) => scheduledProbe(`p${index}`, schedule));

describe('a cadence', () => {
  it.each<[string, Schedule, string, string]>([
    ['a minute', every(minute), 'cron(* * * * ? *)', 'UTC'],
    ['less than a minute, that divides it', every(10_000), 'cron(* * * * ? *)', 'UTC'],
    ['less than a minute, that does not', every(7000), 'cron(* * * * ? *)', 'UTC'],
    ['five minutes', every(5 * minute), 'cron(0/5 * * * ? *)', 'UTC'],
    ['half an hour', every(30 * minute), 'cron(0/30 * * * ? *)', 'UTC'],
    ['an hour', every(hour), 'cron(0 * * * ? *)', 'UTC'],
    ['six hours', every(6 * hour), 'cron(0 0/6 * * ? *)', 'UTC'],
    ['a day', every(day), 'cron(0 0 * * ? *)', 'UTC'],
    ['a week, for the epoch began on a Thursday', every(7 * day), 'cron(0 0 ? * THU *)', 'UTC'],
    ['a weekday', cron('0 13 * * 2'), 'cron(0 13 ? * TUE *)', 'UTC'],
    [
      'working days, in a fixed zone',
      cron('30 9-17 * * 1-5', 'Asia/Kolkata'),
      'cron(30 9-17 ? * MON,TUE,WED,THU,FRI *)',
      'Asia/Kolkata',
    ],
    ['a date', cron('0 0 1 */3 *'), 'cron(0 0 1 1/3 ? *)', 'UTC'],
    ['two restrictions of which one is none', cron('0 0 1-31 * 1'), 'cron(0 0 * * ? *)', 'UTC'],
    ['every third day from the first on', cron('0 0 */3 * *'), 'cron(0 0 1/3 * ? *)', 'UTC'],
    ['a list', cron('0,1,2,3,30,31 * * * *'), 'cron(0-3,30,31 * * * ? *)', 'UTC'],
    ['a list that only begins regularly', cron('0,10,20 * * * *'), 'cron(0,10,20 * * * ? *)', 'UTC'],
    [
      'a time that no change of the clock touches',
      cron('0 9 * * *', 'Europe/Berlin'),
      'cron(0 9 * * ? *)',
      'Europe/Berlin',
    ],
    [
      'a day on which the clock never changes',
      cron('30 2 * * 2', 'Europe/Berlin'),
      'cron(30 2 ? * TUE *)',
      'Europe/Berlin',
    ],
    ['every hour, which is every hour of UTC too', cron('*/5 * * * *', 'Europe/Berlin'), 'cron(0/5 * * * ? *)', 'UTC'],
    ['a zone in the wrong case', cron('0 9 * * *', 'europe/berlin'), 'cron(0 9 * * ? *)', 'Europe/Berlin'],
    ['a zone that is UTC by another name', cron('0 9 * * *', 'Etc/UTC'), 'cron(0 9 * * ? *)', 'UTC'],
  ])('of %s has a schedule of its own', (_, schedule, expression, timezone) => {
    expect(only(schedule)).toMatchObject({ tick: false, schedules: [{ expression, timezone }] });
  });

  it.each<[string, Schedule]>([
    ['seven minutes', every(7 * minute)],
    ['90 seconds', every(90_000)],
    ['90 minutes', every(90 * minute)],
    ['five hours', every(5 * hour)],
    ['two days', every(2 * day)],
    ['two weeks', every(14 * day)],
    ['a date or a weekday', cron('0 0 1 * 1')],
    ['a date and a weekday', cron('0 0 */2 * 1')],
    ['a time that the clock skips in March', cron('30 2 * * *', 'Europe/Berlin')],
    ['a time that the clock skips on Sundays', cron('0 2 * * 0', 'Europe/Berlin')],
    ['a date on which it may', cron('30 2 28 3 *', 'Europe/Berlin')],
    ['midnight, where the clock skips it', cron('0 0 * * *', 'America/Havana')],
    ['a time that comes twice in November', cron('30 1 * * *', 'America/New_York')],
    ['every hour in a zone that moves by half of one', cron('0 * * * *', 'Australia/Lord_Howe')],
    ['every hour of one weekday', cron('0 * * * 0', 'Europe/Berlin')],
  ])('of %s folds into the minute tick', (_, schedule) => {
    expect(only(schedule)).toEqual({ schedules: [], tick: true });
  });

  it('of a probe on demand is none', () => {
    const { schedule: _, ...onDemand } = scheduledProbe('a', every(minute));
    expect(cadencesOf([onDemand])).toEqual({ schedules: [], tick: false });
    expect(groupByCadence([onDemand])).toEqual([]);
  });

  it('has a key that may be part of a name, and one for each spelling of the same times', () => {
    const keys = [every(minute), every(90_500), every(36 * hour), cron('0 13 * * 2')].map(cadenceKey);
    expect(keys).toEqual([
      'every-1m',
      'every-1m-30s-500ms',
      'every-1d-12h',
      expect.stringMatching(/^cron-[a-z2-7]{10}$/),
    ]);
    expect(cadenceKey(cron('0 13 * * TUE'))).toBe(keys[3]);
    expect(cadenceKey(cron('00 13 * * 2'))).toBe(keys[3]);
    expect(cadenceKey(cron('0 13 * * 3'))).not.toBe(keys[3]);
    expect(cadenceKey(cron('0 13 * * 2', 'Europe/Berlin'))).not.toBe(keys[3]);
  });

  it('keeps its key from one version to the next: schedules are deployed under it', () => {
    expect(cadenceKey(cron('0 13 * * 2'))).toBe('cron-tpgr2vlrqz');
  });
});

describe('the schedules of a plan', () => {
  it('are one for each cadence, whatever the number of probes, and name none of them', () => {
    const few = cadencesOf(plan([every(minute), every(hour)]));
    const many = cadencesOf(plan([...Array(50)].flatMap(() => [every(hour), every(minute)])));
    expect(many).toEqual(few);
    expect(few.schedules.map(({ key, description }) => [key, description])).toEqual([
      ['every-1h', 'every 1h'],
      ['every-1m', 'every 1m'],
    ]);
  });

  it('are 15 at most, ascending by key: one cadence more, and the tick does it all', () => {
    const crons = [...Array(mostSchedules + 1)].map((_, index) => cron(`${index} 0 * * *`));
    const most = plan(crons.slice(0, mostSchedules));
    const { schedules, tick } = cadencesOf(most);
    expect([schedules.map(({ key }) => key), tick]).toEqual([crons.slice(0, -1).map(cadenceKey).toSorted(), false]);
    expect(cadencesOf(most.toReversed())).toEqual({ schedules, tick });
    expect(cadencesOf(plan(crons))).toEqual({ schedules: [], tick: true });
  });

  it('are none beside a cadence that EventBridge cannot time: the tick would ask for the others anyway', () => {
    expect(cadencesOf(plan([every(hour)]))).toMatchObject({ schedules: [{ key: 'every-1h' }], tick: false });
    expect(cadencesOf(plan([every(hour), every(7 * minute)]))).toEqual({ schedules: [], tick: true });
  });

  it('have a tick of each minute', () => {
    expect(tickExpression).toEqual({ expression: 'cron(* * * * ? *)', timezone: 'UTC' });
  });
});
