import { describe, expect, it } from 'vitest';
import { judgeIncidents } from '../../../lib/judge/backtest/incidents.ts';
import type { Episode } from '../../../lib/judge/backtest.ts';

const episode = (atMs: number, untilMs: number | null, parts: Partial<Episode> = {}): Episode => ({
  atMs,
  untilMs,
  rule: 'regression',
  subject: 'value',
  severity: 'ticket',
  reason: '',
  evidence: {},
  ...parts,
});
const rules = [
  { rule: 'regression', subject: 'value' },
  { rule: 'slo', subject: 'p(95)<400' },
] as const;
const slo = { rule: 'slo', subject: 'p(95)<400', severity: 'page' } as const;
const covered = { fromMs: 0, toMs: 1000 };

describe('labelled incidents', () => {
  it('are found by what begins in them, both ends included, with the delay of the first', () => {
    const incidents = [
      { startMs: 100, endMs: 200, name: 'a' },
      { startMs: 300, endMs: 400, name: 'b' },
      { startMs: 500, endMs: 600, name: 'c' },
    ];
    const episodes = [episode(120, 150, slo), episode(130, 210), episode(400, 410), episode(650, 660)];
    const report = judgeIncidents(incidents, episodes, rules, covered);
    expect(report).toMatchObject({
      found: 2,
      missed: 1,
      alreadyOpen: 0,
      falseAlerts: 1,
      outside: 0,
      medianDelayMs: 20,
    });
    expect(report.incidents.map(({ name, result }) => [name, result])).toEqual([
      ['a', 'found'],
      ['b', 'found'],
      ['c', 'missed'],
    ]);
    expect(report.incidents[0]?.findings.map(({ rule, severity, delayMs }) => [rule, severity, delayMs])).toEqual([
      ['slo', 'page', 20],
      ['regression', 'ticket', 30],
    ]);
    expect(report.rules).toEqual([
      { rule: 'regression', subject: 'value', found: 2, alreadyOpen: 0, missed: 1, falseAlerts: 1, medianDelayMs: 30 },
      { rule: 'slo', subject: 'p(95)<400', found: 1, alreadyOpen: 0, missed: 2, falseAlerts: 0, medianDelayMs: 20 },
    ]);
  });

  it('are not found by a rule that fires for ever: it told nobody of them', () => {
    const report = judgeIncidents([{ startMs: 100, endMs: 200 }], [episode(5, null)], rules, covered);
    expect(report).toMatchObject({ found: 0, alreadyOpen: 1, missed: 0, falseAlerts: 0, medianDelayMs: null });
    expect(report.incidents[0]).toMatchObject({ result: 'already open', findings: [{ delayMs: -95 }] });
  });

  it('are found by an alert of their own although an older one is still open', () => {
    const report = judgeIncidents(
      [{ startMs: 100, endMs: 200 }],
      [episode(5, null), episode(150, 160)],
      rules,
      covered,
    );
    expect(report.incidents[0]).toMatchObject({ result: 'found', findings: [{ delayMs: 50 }] });
  });

  it('are nobody’s fault outside the history', () => {
    const report = judgeIncidents(
      [
        { startMs: 2000, endMs: 2100 },
        { startMs: -10, endMs: -1 },
        { startMs: 1000, endMs: 1001 },
      ],
      [],
      rules,
      covered,
    );
    expect(report).toMatchObject({ outside: 2, missed: 1 });
    expect(report.rules.map(({ missed }) => missed)).toEqual([1, 1]);
  });
});
