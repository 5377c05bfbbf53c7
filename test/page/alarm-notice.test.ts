import { describe, expect, it } from 'vitest';
import { alarmDescription } from '../../lib/judge/alarm.ts';
import { metricNames, metricNamespace, probeMetricNames } from '../../lib/names.ts';
import { type AlarmChange, alarmChangeOfEvent, alarmChangeOfSns } from '../../lib/page/alarm-change.ts';
import { alarmNotice, isSafetyNet } from '../../lib/page/alarm-notice.ts';
import { readPageInput } from '../../lib/page/page-input.ts';
import { probeOf } from '../support/probing.ts';

const origin = { service: 'notes', environment: 'prod' } as const;
const description = alarmDescription({
  description: 'runs that nobody made wait in the queue',
  runbook: 'https://runbooks.example/queue',
});
const reason =
  'Threshold Crossed: 1 out of the last 1 datapoints [3.0 (31/01/26 12:59:00)] was greater than the threshold (0.0).';

/** As CloudWatch writes it on SNS (field notes, aws.md §6). */
const onSns = {
  AlarmName: 'plimsoll-notes-DeadLetters',
  AlarmDescription: description,
  AWSAccountId: '111122223333',
  AlarmConfigurationUpdatedTimestamp: '2026-01-01T00:00:00.000+0000',
  NewStateValue: 'ALARM',
  NewStateReason: reason,
  StateChangeTime: '2026-01-31T13:00:05.250+0000',
  Region: 'EU (Ireland)',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:plimsoll-notes-DeadLetters',
  OldStateValue: 'OK',
  Trigger: {
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Namespace: 'AWS/SQS',
    Dimensions: [{ name: 'QueueName', value: 'dead' }],
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  },
};

/** The same change on EventBridge. */
const onBus = {
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '111122223333',
  time: '2026-01-31T13:00:05Z',
  region: 'eu-west-1',
  resources: [onSns.AlarmArn],
  detail: {
    alarmName: onSns.AlarmName,
    configuration: {
      description,
      metrics: [
        {
          id: 'm1',
          returnData: true,
          metricStat: {
            metric: { dimensions: { QueueName: 'dead' }, name: onSns.Trigger.MetricName, namespace: 'AWS/SQS' },
            period: 60,
            stat: 'Maximum',
          },
        },
      ],
    },
    previousState: { value: 'OK', reason: 'fine', timestamp: '2026-01-31T12:00:00.000+0000' },
    state: { value: 'ALARM', reason, reasonData: '{}', timestamp: onSns.StateChangeTime },
  },
};

const composite = {
  ...onSns,
  AlarmName: 'plimsoll-notes-Blind',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:plimsoll-notes-Blind',
  AlarmRule: 'ALARM(a) AND NOT ALARM(b)',
  TriggeringChildren: [{ Arn: 'arn:…', State: { Value: 'ALARM', Timestamp: onSns.StateChangeTime } }],
  Trigger: undefined,
};

const noticeOf = (change: AlarmChange, probes: Parameters<typeof alarmNotice>[2] = []) => {
  const notice = alarmNotice(change, origin, probes);
  if (!notice) throw new Error('no notice');
  return notice;
};

describe('the notice of an alarm', () => {
  it('tells what broke, what that means, the evidence, since when, whose trouble it is, and the runbook', () => {
    const notice = noticeOf(alarmChangeOfSns(onSns));
    expect(notice.text.split('\n')).toEqual([
      'BREACHED notes (prod): alarm plimsoll-notes-DeadLetters: runs that nobody made wait in the queue',
      '',
      'what      alarm plimsoll-notes-DeadLetters is in alarm',
      'means     runs that nobody made wait in the queue',
      `evidence  ${reason}`,
      'since     2026-01-31 13:00:05 UTC',
      'suspect   monitoring – Plimsoll itself or its account, and not the service that it watches',
      'runbook   https://runbooks.example/queue',
    ]);
    expect(notice).toMatchObject({
      kind: 'breached',
      route: 'monitoring',
      dedupKey: 'plimsoll-alarm-111122223333/eu-west-1/plimsoll-notes-DeadLetters',
      runbook: 'https://runbooks.example/queue',
    });
  });

  it('is the same whether it came by SNS or by EventBridge', () => {
    expect(noticeOf(alarmChangeOfEvent(onBus))).toEqual(noticeOf(alarmChangeOfSns(onSns)));
  });

  it('of its end has the key of its beginning, another id, and says how long it lasted where that is known', () => {
    const over = alarmChangeOfEvent({
      ...onBus,
      detail: {
        ...onBus.detail,
        previousState: { ...onBus.detail.state },
        state: { value: 'OK', reason: 'fine', timestamp: '2026-01-31T13:05:05.250+0000' },
      },
    });
    const [began, ended] = [noticeOf(alarmChangeOfSns(onSns)), noticeOf(over)];
    expect([ended.kind, ended.dedupKey === began.dedupKey, ended.id === began.id]).toEqual(['recovered', true, false]);
    expect(ended.text).toContain('\nlasted    2026-01-31 13:00:05 UTC to 2026-01-31 13:05:05 UTC, 5 min 0 s\n');
    const bySns = noticeOf(alarmChangeOfSns({ ...onSns, NewStateValue: 'OK', OldStateValue: 'ALARM' }));
    expect(bySns.text).toContain('\nuntil     2026-01-31 13:00:05 UTC\n');
  });

  it('reads a composite alarm, which has no metric', () => {
    expect(alarmChangeOfSns(composite)).not.toHaveProperty('metric');
    expect(noticeOf(alarmChangeOfSns(composite))).toMatchObject({ alarm: 'plimsoll-notes-Blind', route: 'monitoring' });
  });

  it('is none of an alarm that cannot judge: every new one is that', () => {
    const change = alarmChangeOfSns({ ...onSns, NewStateValue: 'INSUFFICIENT_DATA' });
    expect(alarmNotice(change, origin, [])).toBeUndefined();
  });

  it('has a key within the limit whatever the alarm is called, and another in another account or Region', () => {
    const keys = [
      onSns,
      { ...onSns, AlarmName: 'n'.repeat(255) },
      { ...onSns, AlarmName: `${'n'.repeat(254)}m` },
      { ...onSns, AWSAccountId: '444455556666' },
      { ...onSns, AlarmArn: onSns.AlarmArn.replace('eu-west-1', 'us-east-1') },
    ].map((message) => noticeOf(alarmChangeOfSns(message)).dedupKey);
    expect(new Set(keys).size).toBe(5);
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(255);
  });

  it('of an alarm that a probe asked for goes where the probe’s own go', () => {
    const probe = probeOf({
      id: 'api-read',
      kind: 'http',
      severity: 'page',
      runbook: 'https://runbooks.example/api-read',
      steps: [{ request: { url: 'http://127.0.0.1:1/' } }],
    });
    const trigger = { ...onSns.Trigger, Namespace: metricNamespace, MetricName: probeMetricNames.latencyMs };
    const dedicated = {
      ...onSns,
      AlarmDescription: null,
      Trigger: { ...trigger, Dimensions: [{ name: 'Probe', value: 'api-read' }] },
    };
    const notice = noticeOf(alarmChangeOfSns(dedicated), [probe]);
    expect(notice).toMatchObject({ route: 'page', severity: 'page', runbook: 'https://runbooks.example/api-read' });
    expect(notice).not.toHaveProperty('suspect');
  });
});

describe('an alarm over a gauge of the judge', () => {
  const over = (name: string, namespace: string = metricNamespace) =>
    isSafetyNet(alarmChangeOfSns({ ...onSns, Trigger: { ...onSns.Trigger, MetricName: name, Namespace: namespace } }));

  it('is a safety net: its events tell the same', () => {
    const { breachedPage, breachedTicket, regressed, overdue, judgeHeartbeat } = metricNames;
    expect([breachedPage, breachedTicket, regressed, overdue].map((name) => over(name))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([over(judgeHeartbeat), over(breachedPage, 'AWS/SQS')]).toEqual([false, false]);
  });
});

describe('what the page function is given', () => {
  const record = (message: unknown) => ({ EventSource: 'aws:sns', Sns: { Message: JSON.stringify(message) } });
  const verdict = { source: 'plimsoll', 'detail-type': 'ProbeVerdictChanged', detail: { probe: 'api-read', id: 'x' } };

  it('is alarms on SNS or EventBridge, a verdict’s event, or a replay', () => {
    expect(readPageInput({ Records: [record(onSns), record(composite)] }).alarms.map(({ alarm }) => alarm)).toEqual([
      'plimsoll-notes-DeadLetters',
      'plimsoll-notes-Blind',
    ]);
    expect(readPageInput(onBus)).toMatchObject({ probes: [], alarms: [{ alarm: onSns.AlarmName }], poison: [] });
    expect(readPageInput(verdict)).toEqual({ probes: ['api-read'], alarms: [], drills: [], poison: [] });
    expect(readPageInput({ kind: 'replay' })).toMatchObject({ probes: 'all' });
    expect(readPageInput({ kind: 'replay', probes: ['a'] })).toMatchObject({ probes: ['a'] });
  });

  it('keeps what is sound when a record beside it is not, and says what is wrong', () => {
    const broken = [
      record({ ...onSns, AlarmName: undefined }),
      record({ ...onSns, NewStateValue: 'BROKEN' }),
      record({ ...onSns, StateChangeTime: 'yesterday' }),
      { Sns: { Message: '{' } },
      {},
    ];
    const { alarms, poison } = readPageInput({ Records: [...broken, record(onSns)] });
    expect(alarms).toHaveLength(1);
    expect(poison).toEqual([
      "an alarm's change without AlarmName",
      "an alarm's change with the NewStateValue BROKEN",
      "an alarm's change with the StateChangeTime yesterday",
      expect.stringContaining('JSON'),
      "neither a verdict's event, nor the end of a drill, nor a change of an alarm, nor a replay: {}",
    ]);
  });

  it.each([
    [null],
    ['text'],
    [{}],
    [{ ...verdict, source: 'other' }],
    [{ ...verdict, detail: {} }],
    [{ kind: 'replay', probes: [1] }],
  ])('is poison where it is none of these: %j', (input) => {
    expect(readPageInput(input)).toMatchObject({ probes: [], alarms: [], poison: [expect.any(String)] });
  });
});
