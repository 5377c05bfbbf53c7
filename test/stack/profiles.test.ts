import { describe, expect, it } from 'vitest';
import { configOf, type Synthesised, synthesise } from '../support/stacking.ts';

const maintenance = [
  { reason: 'backups', cron: '0 2 * * 2', for: '1h', timezone: 'Europe/Berlin' },
  { reason: 'move of the data centre', from: '2027-01-31T22:00Z', to: '2027-02-20T22:00Z' },
  { reason: 'of a probe alone', probes: ['probe-0'], cron: '30 4 1 * *', for: '10m' },
];

const config = (dedicated = false) => {
  const { probes, ...rest } = configOf(2, undefined, { maintenance });
  return { ...rest, probes: probes.map((probe) => ({ ...probe, alarm: { dedicated } })) };
};

const namesOf = ({ resources }: Synthesised) =>
  Object.fromEntries(Object.entries(resources).map(([id, { Type }]) => [id.replace(/[0-9A-F]{8}$/, ''), Type]));

describe('the profile local', () => {
  it('lacks these resources of the profile aws, and no other', () => {
    const [aws, local] = (['aws', 'local'] as const).map((profile) => synthesise({ config: config(), profile }));
    const missing = Object.entries(namesOf(aws as Synthesised)).filter(
      ([id]) => !(id in namesOf(local as Synthesised)),
    );
    expect(Object.fromEntries(missing)).toEqual({
      PlimsollAwsOnlyServiceBreached: 'AWS::CloudWatch::CompositeAlarm',
      PlimsollAwsOnlyMute00: 'AWS::CloudWatch::AlarmMuteRule',
      PlimsollAwsOnlyMute10: 'AWS::CloudWatch::AlarmMuteRule',
      PlimsollAwsOnlyMute11: 'AWS::CloudWatch::AlarmMuteRule',
    });
    for (const [id, resource] of Object.entries(local?.resources ?? {})) expect(aws?.resources[id]).toEqual(resource);
  });
});

describe('the composite alarm', () => {
  it('is page-worthy, and we are well ourselves; it has no action, for the page function tells people', () => {
    const [alarm] = synthesise({ config: configOf(1) }).of('AWS::CloudWatch::CompositeAlarm');
    const rule = JSON.stringify(alarm?.Properties.AlarmRule);
    expect(rule).toMatch(/BreachedPage.*AND.*NOT/);
    for (const key of ['JudgeSilent', 'ProbeErrors', 'DispatchErrors', 'PageErrors', 'WorkWaiting', 'DeadLetters']) {
      expect(rule.slice(rule.indexOf('NOT'))).toContain(key);
    }
    expect(rule).not.toContain('BreachedTicket');
    expect(alarm?.Properties).not.toHaveProperty('AlarmActions');
    expect(alarm?.Properties.AlarmName).toBe('plimsoll-notes-service-breached');
  });
});

describe('the mute rules', () => {
  const rulesOf = (stack: Synthesised) =>
    stack.of('AWS::CloudWatch::AlarmMuteRule').map(({ Properties }) => {
      const { Rule, MuteTargets } = Properties as unknown as {
        Rule: { Schedule: { Expression: string; Duration: string; Timezone?: string } };
        MuteTargets: { AlarmNames: readonly { Ref: string }[] };
      };
      return { ...Rule.Schedule, alarms: MuteTargets.AlarmNames.map(({ Ref }) => Ref.replace(/[0-9A-F]{8}$/, '')) };
    });

  const service = ['BreachedPage', 'BreachedTicket', 'Regressed', 'OverdueProbes'].map((key) => `PlimsollAlarms${key}`);

  it('mute the alarms about the service in a window of all probes, in parts of 15 days at most', () => {
    const [cron, first, second] = rulesOf(synthesise({ config: config() }));
    expect(cron).toEqual({
      Expression: 'cron(0 2 * * TUE)',
      Duration: 'PT1H',
      Timezone: 'Europe/Berlin',
      alarms: service,
    });
    expect(first).toMatchObject({ Expression: 'at(2027-01-31T22:00)', Duration: 'P15D', alarms: service });
    expect(second).toMatchObject({ Expression: 'at(2027-02-15T22:00)', Duration: 'P5D' });
  });

  it('mute the dedicated alarms too, those of a single probe in its own window alone', () => {
    const rules = rulesOf(synthesise({ config: config(true) }));
    const own = ['PlimsollAlarmsProbeprobe0', 'PlimsollAlarmsProbeprobe1'];
    expect(rules[0]?.alarms).toEqual([...service, ...own]);
    expect(rules[3]).toMatchObject({ Expression: 'cron(30 4 1 * *)', Duration: 'PT10M', alarms: own.slice(0, 1) });
  });

  it('say a day of the month or a weekday as two rules, and leave to the judge what CloudWatch has no words for', () => {
    const windows = (cron: string) => ({
      config: configOf(1, undefined, { maintenance: [{ reason: 'backups', cron, for: '1h' }] }),
    });
    expect(rulesOf(synthesise(windows('0 2 1,15 * 2'))).map(({ Expression }) => Expression)).toEqual([
      'cron(0 2 1,15 * *)',
      'cron(0 2 * * TUE)',
    ]);
    expect(rulesOf(synthesise(windows('0 2 */2 * 2')))).toEqual([]);
  });
});
