import { expect, it } from 'vitest';
import { drillMetricNames, metricNamespace } from '../../lib/names.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { startPagerDuty } from '../support/pagerduty.ts';
import { alarmRecords, setPagingScene } from '../support/paging.ts';

const routingKey = 'canary-routing-key-0123456789abc';

const over = (verdict: string, at: string, more: object = {}) => ({
  source: 'plimsoll',
  'detail-type': 'DrillConcluded',
  detail: {
    ...{ drill: 'weekly', run: `weekly-${at}`, target: 'notes', trigger: 'schedule', verdict, refusals: 0 },
    endedAt: `2026-01-31T12:${at}.000Z`,
    reasons: ['it says why'],
    ...more,
  },
});

const alarm = (state: string, before: string, at: string) =>
  alarmRecords({
    AlarmName: 'plimsoll-notes-drills-failing',
    AWSAccountId: '000000000000',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:plimsoll-notes-drills-failing',
    NewStateValue: state,
    OldStateValue: before,
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: `2026-01-31T12:${at}.000+0000`,
    Trigger: { MetricName: drillMetricNames.failing, Namespace: metricNamespace, Dimensions: [] },
  });

describeWithEmulator('the page function, of a drill,', () => {
  const emulator = sharedEmulator();
  const pagerduty = fresh(() => startPagerDuty());
  const scene = fresh(() => {
    const channel = { pagerduty: { routingKey, url: pagerduty().url } };
    const drill = { target: 'notes', restart: hook, rto: '30s', rpo: '0s', schedule: { every: '7d' } };
    const { targets } = cloudDrillConfig([]);
    const drills = [{ ...drill, id: 'weekly' }];
    return setPagingScene(emulator(), {
      targets,
      drills,
      notify: { page: [channel], ticket: [channel], monitoring: [channel] },
    });
  });
  const incidents = () => pagerduty().incidents.map(({ status, triggers }) => [status, triggers.length]);
  const subjects = async (topic: 'page' | 'ticket') => (await scene().heard(topic)).map(({ subject }) => subject);

  it('tells one that failed, once however often its event comes, and resolves it with one that passes', async () => {
    for (let times = 0; times < 2; times++) await scene().invoke(over('FAIL_LOST', '00:00'));
    expect(incidents()).toEqual([['open', 1]]);
    expect(pagerduty().incidents[0]?.triggers[0]).toMatchObject({ severity: 'warning', class: 'drill' });
    await scene().invoke(over('FAIL_RTO', '10:00'));
    expect(incidents()).toEqual([['open', 2]]);
    for (let times = 0; times < 2; times++) await scene().invoke(over('PASS', '20:00', { trigger: 'demand' }));
    expect(incidents()).toEqual([['resolved', 2]]);
    expect(await subjects('ticket')).toEqual([
      'FAIL_LOST notes (dev): drill weekly: it says why',
      'FAIL_RTO notes (dev): drill weekly: it says why',
      'RECOVERED notes (dev): drill weekly: the drill passes again',
    ]);
    expect(await subjects('page')).toEqual([]);
  });

  it('pages for a target that stays down, and tells its end where it was told', async () => {
    await scene().invoke(over('FAIL_NO_RECOVERY', '00:00'));
    await scene().invoke(over('FAIL_RTO', '10:00'));
    expect((await subjects('page')).map((subject) => subject.split(' ')[0])).toEqual(['FAIL_NO_RECOVERY', 'RECOVERED']);
    expect((await subjects('ticket')).map((subject) => subject.split(' ')[0])).toEqual(['FAIL_RTO']);
  });

  it.each([
    ['a refusal', 'REFUSED', { refusals: 2 }],
    ['a pass that follows nothing', 'PASS', {}],
    ['a dry run', 'DRY_RUN', {}],
    ['a failure that somebody asked for', 'FAIL_LOST', { trigger: 'demand' }],
  ])('tells nobody of %s', async (_, verdict, more) => {
    expect(await scene().invoke(over(verdict, '00:00', more))).toEqual({ probes: 0, alarms: 0, drills: 1 });
    expect([pagerduty().answers, await subjects('ticket'), await subjects('page')]).toEqual([[], [], []]);
  });

  it('opens nothing that is over already, when the failure comes after the pass', async () => {
    await scene().invoke(over('PASS', '20:00'));
    await scene().invoke(over('FAIL_LOST', '00:00'));
    expect(pagerduty().answers).toEqual([]);
    expect(scene().log.at(-1)).toMatchObject({ line: 'a later end is known already' });
  });

  it('fails, and comes again, while somebody cannot be reached; who was told hears it once', async () => {
    pagerduty().fail(500, 500, 500, 500);
    await expect(scene().invoke(over('FAIL_LOST', '00:00'))).rejects.toThrow('drill weekly-00:00: not sent to all');
    await scene().invoke(over('FAIL_LOST', '00:00'));
    expect([incidents(), await subjects('ticket')]).toEqual([[['open', 1]], [expect.stringContaining('FAIL_LOST')]]);
  });

  it('says nothing at the alarm over drills where the event was told, and tells it where none came', async () => {
    await scene().invoke(over('FAIL_LOST', '00:00'));
    expect(await subjects('ticket')).toHaveLength(1);
    await scene().invoke(alarm('ALARM', 'OK', '03:00'));
    await scene().invoke(alarm('OK', 'ALARM', '04:00'));
    expect(await subjects('ticket')).toEqual([]);
    await scene().invoke(over('PASS', '05:00'));
    expect(await subjects('ticket')).toHaveLength(1);
    // Its event was lost.
    await scene().invoke(alarm('ALARM', 'OK', '59:00'));
    await scene().invoke(alarm('OK', 'ALARM', '59:30'));
    expect((await subjects('ticket')).map((subject) => subject.split(':')[0])).toEqual([
      'BREACHED notes (dev)',
      'RECOVERED notes (dev)',
    ]);
  });
});
