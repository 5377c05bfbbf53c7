import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../lib/config/plan.ts';
import { confirmItem, isEarly, latenessOf, occasionOf } from '../../lib/dispatch/late.ts';
import type { WorkItem } from '../../lib/dispatch/message.ts';
import { lambdaTimeoutMs } from '../../lib/dispatch/time-left.ts';
import { recordUnrun } from '../../lib/judge/run.ts';
import { runId } from '../../lib/result/run-id.ts';
import { cron, every, scheduledProbe } from '../support/schedules.ts';

const slotMs = Date.UTC(2026, 5, 2, 13);
const dueMs = slotMs + 20_000;
const iso = (ms: number) => new Date(ms).toISOString();
const second = 1000;
const minute = 60 * second;

const itemOf = (schedule: Schedule, rest: Partial<WorkItem> = {}): WorkItem => ({
  probe: scheduledProbe('a', schedule),
  slot: iso(slotMs),
  trigger: 'schedule',
  dueAt: iso(dueMs),
  ...rest,
});

describe('a run', () => {
  it.each<[string, WorkItem, number, string]>([
    ['by its cadence', itemOf(every(5 * minute)), 5 * minute, 'over 5m, the time between two runs'],
    ['by the spacing of its cron', itemOf(cron('*/10 * * * *')), 10 * minute, 'over 10m, the time between two runs'],
    ['by 20 minutes when it is weekly', itemOf(cron('0 13 * * 2')), 20 * minute, 'over 20m, the most that is measured'],
    ['by a minute when it comes more often', itemOf(every(10 * second)), minute, 'over 1m, the most that is measured'],
    [
      'by 20 minutes on demand',
      itemOf(every(minute), { trigger: 'demand', token: 't' }),
      20 * minute,
      'over 20m, the most that is measured',
    ],
    [
      'by 20 minutes when it confirms another',
      itemOf(every(minute), { trigger: 'confirm', token: 'confirm' }),
      20 * minute,
      'over 20m, the most that is measured',
    ],
  ])('may be late %s, and no more', (_, item, limitMs, says) => {
    expect(latenessOf(item, dueMs - minute)).toBeUndefined();
    expect(latenessOf(item, dueMs + limitMs)).toBeUndefined();
    expect(latenessOf(item, dueMs + limitMs + 1)).toContain(says);
  });

  it('of a weekly probe is measured after all when its function crashed and the queue hands it out anew', () => {
    // The queue hides it for as long as a Lambda lives, and a minute; then somebody has to have a moment.
    const backMs = lambdaTimeoutMs + 2 * minute;
    expect(latenessOf(itemOf(cron('0 13 * * 2')), dueMs + backMs)).toBeUndefined();
  });

  it('that is late says by how much, and is on record with it', () => {
    const item = itemOf(every(minute));
    const nowMs = dueMs + 192_400;
    const reason = latenessOf(item, nowMs) ?? '';
    expect(reason).toBe('its turn came 3m 13s after it was due: over 1m, the time between two runs');
    const { run } = recordUnrun(item.probe, occasionOf(item, 'eu-central-1', 'prod', nowMs), 'late', reason, nowMs);
    expect(run).toMatchObject({ status: 'late', verdict: null, reasons: [reason], lateMs: 192_400, slot: item.slot });
  });

  it('is early before its slot, and not before its own second of the minute', () => {
    const item = itemOf(every(minute));
    expect([slotMs - 1, slotMs, dueMs - 1].map((nowMs) => isEarly(item, nowMs))).toEqual([true, false, false]);
  });

  it('that confirms another is early until it is due', () => {
    const confirm = confirmItem(scheduledProbe('a', every(3_600_000)), { slot: iso(slotMs), at: iso(dueMs) });
    expect([slotMs, dueMs - 1, dueMs].map((nowMs) => isEarly(confirm, nowMs))).toEqual([true, true, false]);
  });
});

describe('the occasion', () => {
  it('of a scheduled run is its slot, and how late it begins; never less than nothing', () => {
    const item = itemOf(every(minute));
    const occasion = { slot: iso(slotMs), trigger: 'schedule', region: 'eu-west-1', environment: 'pilot' };
    expect(occasionOf(item, 'eu-west-1', 'pilot', dueMs + 41.6)).toEqual({ ...occasion, lateMs: 42 });
    expect(occasionOf(item, 'eu-west-1', 'pilot', slotMs)).toEqual({ ...occasion, lateMs: 0 });
  });

  it('of a run on demand has its token, so that the same token is the same run', () => {
    const item = itemOf(every(minute), { trigger: 'demand', token: 'mine' });
    const occasion = occasionOf(item, 'eu-west-1', 'dev', dueMs + 5000);
    expect(occasion).toEqual({
      slot: iso(slotMs),
      trigger: 'demand',
      region: 'eu-west-1',
      environment: 'dev',
      token: 'mine',
    });
    const id = (nowMs: number) => runId({ probe: 'a', ...occasionOf(item, 'eu-west-1', 'dev', nowMs) });
    expect(id(dueMs)).toBe(id(dueMs + 60_000));
  });

  it('of a run that confirms another is that of the laptop', () => {
    const probe = scheduledProbe('a', every(3_600_000));
    const item = confirmItem(probe, { slot: iso(slotMs), at: iso(dueMs) });
    expect(item).toEqual({ probe, slot: iso(slotMs), trigger: 'confirm', token: 'confirm', dueAt: iso(dueMs) });
    expect(occasionOf(item, 'eu-west-1', 'dev', dueMs)).toEqual({
      slot: iso(slotMs),
      trigger: 'confirm',
      region: 'eu-west-1',
      environment: 'dev',
      token: 'confirm',
    });
  });
});
