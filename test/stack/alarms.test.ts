import { describe, expect, it } from 'vitest';
import {
  alarmNameOf,
  dedicatedRule,
  drillAlarm,
  type drillAlarmKey,
  mostDedicated,
  namespaceOf,
  runbookOf,
  type StackAlarm,
  type StackAlarmKey,
  stackAlarms,
} from '../../lib/judge/alarm/stack-alarms.ts';
import {
  type AlarmCondition,
  alarmDescription,
  checkMetricAlarm,
  evaluateAlarm,
  foldPeriods,
  type MetricAlarm,
  type MetricPoint,
  type MissingDataTreatment,
} from '../../lib/judge/alarm.ts';
import { drillMetricNames, metricNames, probeMetricNames } from '../../lib/names.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { configOf, type Synthesised, synthesise } from '../support/stacking.ts';

const ruleOf = ({ key, rule }: StackAlarm): MetricAlarm => ({
  ...rule,
  name: alarmNameOf('plimsoll-notes', key),
  runbook: runbookOf('https://wiki.example/RUNBOOK.md', key),
});

const minuteMs = 60_000;
const endMs = Date.UTC(2027, 0, 31, 12);

/** A value in each of the last minutes that are given, oldest first; `undefined`: none. */
const minutes = (values: readonly (number | undefined)[]): readonly MetricPoint[] =>
  values.flatMap((value, index) =>
    value === undefined ? [] : [{ atMs: endMs - (values.length - index) * minuteMs, value }],
  );

/** One value every five minutes for half an hour, as the judge's tick publishes it; the last one just now. */
const ticks = (value: number): readonly MetricPoint[] =>
  minutes(Array.from({ length: 30 }, (_, index) => (index % 5 === 4 ? value : undefined)));

const stateOf = (rule: MetricAlarm, before: AlarmCondition, points: readonly MetricPoint[]): AlarmCondition =>
  evaluateAlarm(rule, before, foldPeriods(rule, points, endMs)).state;

/** What raises each alarm, and what of its metric is well. */
const series: Readonly<
  Record<
    StackAlarmKey | typeof drillAlarmKey,
    { readonly bad: readonly MetricPoint[]; readonly good: readonly MetricPoint[] }
  >
> = {
  'breached-page': { bad: ticks(1), good: ticks(0) },
  'breached-ticket': { bad: ticks(2), good: ticks(0) },
  regressed: { bad: ticks(1), good: ticks(0) },
  'overdue-probes': { bad: ticks(1), good: ticks(0) },
  // Planted: a judge that ticked for the last time half an hour ago. CloudWatch looks back over two periods more than three,
  // and a tick that it finds there is good: it takes 25 minutes of silence.
  'judge-silent': { bad: ticks(1).slice(0, 1), good: ticks(1) },
  'dispatch-errors': { bad: minutes([0, 0, 1, 0, 0]), good: minutes([0, 0, 0, 0, 0]) },
  'probe-errors': { bad: minutes(Array.from({ length: 15 }, () => 1)), good: minutes([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]) },
  'page-errors': { bad: minutes([undefined, 1, 0]), good: minutes([0]) },
  'work-waiting': { bad: minutes([1700, 1900, 2000]), good: minutes([0, 900, 1700]) },
  'dead-letters': { bad: minutes([0, 0, 1, 1]), good: minutes([0, 0]) },
  // Weeks lie between two points: the last one is what is known.
  'drills-failing': { bad: minutes([0, undefined, 2]), good: minutes([1, undefined, 0]) },
};

/** What each alarm does in a time without any data, from each state. */
const silence: Readonly<Record<MissingDataTreatment, (before: AlarmCondition) => AlarmCondition>> = {
  ignore: (before) => before,
  breaching: () => 'ALARM',
  notBreaching: () => 'OK',
  missing: () => 'INSUFFICIENT_DATA',
};

describe.each([...stackAlarms, drillAlarm].map((alarm) => [alarm.key, alarm] as const))(
  'the alarm %s',
  (key, alarm) => {
    const rule = ruleOf(alarm);

    it('is one that CloudWatch takes', () => {
      expect(checkMetricAlarm(rule)).toEqual([]);
    });

    it('raises at a planted breach, and not at a healthy series', () => {
      expect(stateOf(rule, 'OK', series[key].bad)).toBe('ALARM');
      expect(stateOf(rule, 'OK', series[key].good)).toBe('OK');
      expect(stateOf(rule, 'ALARM', series[key].good)).toBe('OK');
    });

    it('treats a time without data as it says, and says why', () => {
      for (const before of ['OK', 'ALARM'] as const) {
        expect(stateOf(rule, before, [])).toBe(silence[rule.treatMissingData](before));
      }
      expect(alarm.missing.length).toBeGreaterThan(20);
    });
  },
);

describe('the constant set', () => {
  it('has ten metrics, which every account has free, each with a name of its own but for errors and queues', () => {
    expect(stackAlarms).toHaveLength(10);
    const own = stackAlarms.filter(({ watched }) => watched.kind === 'service').map(({ rule }) => rule.metric);
    expect(new Set(own).size).toBe(own.length);
    expect(own).toContain(metricNames.judgeHeartbeat);
  });

  it('keeps a breach through the second by which a tick is late, and through a judge that is silent', () => {
    const gauges = [...stackAlarms, drillAlarm].filter(
      ({ rule }) => rule.statistic === 'Maximum' && rule.treatMissingData === 'ignore',
    );
    expect(gauges.length).toBeGreaterThanOrEqual(4);
    for (const { key, rule } of gauges) {
      const silent = minutes([1, ...Array(6).fill(undefined)]);
      expect([key, stateOf({ ...rule, name: key }, 'ALARM', silent)]).toEqual([key, 'ALARM']);
    }
  });
});

describe('the alarms of a stack', () => {
  const dedicated = (count: number) => {
    const { probes, ...config } = configOf(count);
    return { ...config, probes: probes.map((probe) => ({ ...probe, alarm: { dedicated: true } })) };
  };

  const named = ({ of }: Synthesised) =>
    new Map(
      of('AWS::CloudWatch::Alarm').map((resource) => [String(resource.Properties.AlarmName), resource.Properties]),
    );

  it('are the data, word for word', () => {
    const stack = synthesise({ config: configOf(1), runbook: 'https://wiki.example/RUNBOOK.md' });
    const alarms = named(stack);
    expect(alarms.size).toBe(stackAlarms.length);
    for (const alarm of stackAlarms) {
      const rule = ruleOf(alarm);
      expect(alarms.get(rule.name)).toMatchObject({
        AlarmDescription: alarmDescription(rule),
        Namespace: namespaceOf(alarm.watched),
        MetricName: rule.metric,
        Statistic: rule.statistic,
        Period: rule.periodS,
        EvaluationPeriods: rule.evaluationPeriods,
        DatapointsToAlarm: rule.datapointsToAlarm,
        ComparisonOperator: rule.comparisonOperator,
        Threshold: rule.threshold,
        TreatMissingData: rule.treatMissingData,
      });
    }
  });

  it('tell the page function of their beginning and their end; its own failure goes to people past it', () => {
    const stack = synthesise({ config: configOf(1) });
    const topicOf = (name: string) => ({ Ref: expect.stringMatching(new RegExp(`Topics${name}`)) });
    for (const [name, properties] of named(stack)) {
      const topics = name.endsWith('page-errors') ? ['Alarms', 'Page'] : ['Alarms'];
      const actions = topics.map(topicOf);
      expect([name, properties.AlarmActions, properties.OKActions]).toEqual([name, actions, actions]);
      expect(properties.InsufficientDataActions).toBeUndefined();
    }
  });

  it('are one more where a drill that a stack carries out has a schedule, and none for any other drill', () => {
    const drill = { target: 'notes', rto: '30s', rpo: '0s', schedule: { every: '14d' } };
    const withDrills = (...drills: readonly object[]) => {
      const listed = drills.map((one, n) => ({ ...drill, id: `drill-${n}`, ...one }));
      return named(synthesise({ config: cloudDrillConfig([], { drills: listed }), runbook: 'https://wiki.example/R' }));
    };
    const local = { restart: { kind: 'process' } };
    const asked = { restart: hook, schedule: undefined };
    expect(withDrills(local, asked).size).toBe(stackAlarms.length);
    const alarms = withDrills(local, { restart: hook }, { restart: hook });
    expect(alarms.size).toBe(stackAlarms.length + 1);
    const topic = [{ Ref: expect.stringMatching(/TopicsAlarms/) }];
    expect(alarms.get('plimsoll-notes-drills-failing')).toMatchObject({
      Namespace: 'Plimsoll',
      MetricName: drillMetricNames.failing,
      Dimensions: [{ Name: 'Service', Value: 'notes' }],
      AlarmDescription: expect.stringContaining('https://wiki.example/R#drills-failing'),
      TreatMissingData: 'ignore',
      AlarmActions: topic,
      OKActions: topic,
    });
  });

  it('are one more for each probe that asks for its own, with its runbook, at most 50', () => {
    const { probes, ...rest } = dedicated(2);
    const config = { ...rest, probes: [{ ...probes[0], runbook: 'https://wiki.example/probe-0' }, probes[1]] };
    const alarms = named(synthesise({ config, runbook: 'https://wiki.example/RUNBOOK.md' }));
    expect(alarms.size).toBe(stackAlarms.length + 2);
    expect(alarms.get('plimsoll-notes-probe-breached-probe-0')).toMatchObject({
      MetricName: probeMetricNames.breached,
      AlarmDescription: alarmDescription({
        ...dedicatedRule('probe-0'),
        runbook: 'https://wiki.example/probe-0',
      }),
      // The emulator knows metrics by name alone: there the alarms of two probes are one, and a test of them sets the state.
      Dimensions: [
        { Name: 'Probe', Value: 'probe-0' },
        { Name: 'Service', Value: 'notes' },
      ],
      TreatMissingData: 'ignore',
    });
    expect(alarms.get('plimsoll-notes-probe-breached-probe-1')).toMatchObject({
      AlarmDescription: expect.stringContaining('https://wiki.example/RUNBOOK.md#probe-breached'),
    });
    expect(() => synthesise({ config: dedicated(mostDedicated) })).not.toThrow();
    expect(() => synthesise({ config: dedicated(mostDedicated + 1) })).toThrow(
      '51 probes ask for an alarm of their own with alarm.dedicated, and 50 is the most',
    );
  });
});
