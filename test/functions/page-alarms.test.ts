import { expect, it } from 'vitest';
import { metricNames, metricNamespace } from '../../lib/names.ts';
import { makeEvent } from '../support/alarms.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { startPagerDuty } from '../support/pagerduty.ts';
import { alarmRecords, setPagingScene } from '../support/paging.ts';

const routingKey = 'canary-routing-key-0123456789abc';

const alarm = (state: string, before: string, at: string, more: object = {}) => ({
  AlarmName: 'plimsoll-notes-dead-letters',
  AlarmDescription: 'Runs that could not be kept.\nRunbook: https://runbooks.example/dead-letters',
  AWSAccountId: '000000000000',
  AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:plimsoll-notes-dead-letters',
  NewStateValue: state,
  OldStateValue: before,
  NewStateReason: 'Threshold Crossed',
  StateChangeTime: `2026-01-31T13:${at}.000+0000`,
  ...more,
});
const on = alarm('ALARM', 'OK', '00:00');
const off = alarm('OK', 'ALARM', '05:00');

const overGauge = {
  AlarmName: 'plimsoll-notes-breached-page',
  Trigger: { MetricName: metricNames.breachedPage, Namespace: metricNamespace, Dimensions: [] },
};
const gaugeOn = alarm('ALARM', 'OK', '00:00', overGauge);
const gaugeOff = alarm('OK', 'ALARM', '05:00', overGauge);

describeWithEmulator('the page function, of an alarm,', () => {
  const emulator = sharedEmulator();
  const pagerduty = fresh(() => startPagerDuty());
  const scene = fresh(() => {
    const channel = { pagerduty: { routingKey, url: pagerduty().url } };
    return setPagingScene(emulator(), { notify: { page: [channel], monitoring: [channel] } });
  });

  const incidents = () =>
    pagerduty().incidents.map(({ dedupKey, status, triggers }) => [dedupKey, status, triggers.length]);
  const key = 'plimsoll-alarm-000000000000/us-east-1/plimsoll-notes-dead-letters';

  it('tells those who own the monitor, once for each change, and resolves it with its end', async () => {
    for (let times = 0; times < 2; times++) await scene().invoke(alarmRecords(on));
    expect(incidents()).toEqual([[key, 'open', 1]]);
    expect(pagerduty().incidents[0]?.triggers[0]).toMatchObject({ severity: 'error', class: 'cloudwatch-alarm' });
    for (let times = 0; times < 2; times++) await scene().invoke(alarmRecords(off));
    expect(incidents()).toEqual([[key, 'resolved', 1]]);
    expect((await scene().heard('ticket')).map(({ subject }) => subject)).toEqual([
      'BREACHED notes (dev): alarm plimsoll-notes-dead-letters: Runs that could not be kept.',
      'RECOVERED notes (dev): alarm plimsoll-notes-dead-letters: Runs that could not be kept.',
    ]);
    expect([await scene().heard('page'), pagerduty().answers]).toEqual([[], [202, 202]]);
    await scene().invoke(alarmRecords(alarm('ALARM', 'OK', '09:00')));
    expect(incidents()).toHaveLength(2);
  });

  it('says nothing of an end whose beginning nobody was told, nor of one that cannot judge', async () => {
    const first = alarm('OK', 'INSUFFICIENT_DATA', '01:00');
    await scene().invoke(alarmRecords(first, alarm('INSUFFICIENT_DATA', 'OK', '02:00')));
    expect([pagerduty().answers, await scene().heard('ticket')]).toEqual([[], []]);
    expect(scene().log.map(({ line }) => line)).toEqual([
      'nobody was told that it was on, and nobody is told that it is over',
      'CloudWatch cannot judge it: nobody is told',
    ]);
  });

  it('that comes beside what it cannot read is told, and what it cannot read fails the invocation', async () => {
    await expect(scene().invoke(alarmRecords(on, { AlarmName: 'half' }))).rejects.toThrow(
      "not all was told: an alarm's change without AWSAccountId",
    );
    expect(incidents()).toEqual([[key, 'open', 1]]);
    expect(scene().log[0]).toMatchObject({ level: 'error', what: 'poison' });
  });

  it('does not open what is over already, when the beginning comes after the end', async () => {
    await scene().invoke(alarmRecords(off));
    await scene().invoke(alarmRecords(on));
    expect(pagerduty().answers).toEqual([]);
    expect(scene().log.at(-1)).toMatchObject({ line: 'a later change, of 2026-01-31T13:05:00.000Z, is known already' });
  });

  it('tells the end, too, to who heard of the beginning while another could not be reached', async () => {
    pagerduty().fail(500, 500, 500, 500);
    await expect(scene().invoke(alarmRecords(on))).rejects.toThrow(
      'alarm plimsoll-notes-dead-letters: not sent to all',
    );
    await scene().invoke(alarmRecords(off));
    expect((await scene().heard('ticket')).map(({ attributes }) => attributes.kind)).toEqual(['breached', 'recovered']);
    expect(incidents()).toEqual([]);
  });

  it('over a gauge says nothing while its events are told', async () => {
    await scene().invoke(alarmRecords(gaugeOn, gaugeOff));
    expect([pagerduty().answers, await scene().heard('ticket')]).toEqual([[], []]);
    expect(scene().log.map(({ line }) => line)).toEqual([
      'its events are told already',
      'nobody was told that it was on, and nobody is told that it is over',
    ]);
  });

  it('over a gauge leaves an event alone that has just come: it is on its way', async () => {
    await scene().keep(makeEvent('fresh'));
    await scene().invoke(alarmRecords(gaugeOn));
    expect(pagerduty().answers).toEqual([]);
  });

  it('over a gauge brings events that nobody was told of, and tells once that they had been lost', async () => {
    const lost = makeEvent('lost', { slot: '2026-01-31T12:50:00.000Z' });
    await scene().keep(lost);
    for (let times = 0; times < 2; times++) await scene().invoke(alarmRecords(gaugeOn));
    expect(incidents()).toEqual([
      [lost.dedupKey, 'open', 1],
      ['plimsoll-alarm-000000000000/us-east-1/plimsoll-notes-breached-page', 'open', 1],
    ]);
    expect((await scene().heard('page')).map(({ subject }) => subject)).toEqual([lost.title]);
    expect((await scene().heard('ticket')).map(({ text }) => text)).toEqual([
      expect.stringContaining(`\nevidence  Threshold Crossed\n          not told to all yet: ${lost.title}\n`),
    ]);
    expect(await scene().store.pendingEvents()).toEqual([]);
    await scene().invoke(alarmRecords(gaugeOff));
    expect(incidents()[1]?.[1]).toBe('resolved');
  });
});
