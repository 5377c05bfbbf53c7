import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../lib/config/parse.ts';
import type { RunPoint } from '../../../lib/judge/backtest/point.ts';
import { openProbeReplay, subjectOf } from '../../../lib/judge/backtest/probe.ts';
import type { RuleKind } from '../../../lib/judge/backtest.ts';
import { rulesOf } from '../../../lib/judge/judge.ts';
import type { Observation } from '../../../lib/judge/observation.ts';
import { sketchOf } from '../../../lib/result/sketch.ts';
import type { DeployMark } from '../../../lib/result/store.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);
const isoAt = (hour: number): string => new Date(startMs + hour * hourMs).toISOString();

const rulesFor = (maintenance: readonly object[] = []) => {
  const config = parseConfig({
    service: 'shop',
    maintenance,
    probes: [
      {
        id: 'api-read',
        kind: 'http',
        schedule: { every: '1h' },
        samples: 40,
        severity: 'page',
        steps: [{ name: 'list', request: { url: 'https://shop.example/' } }],
        slo: { thresholds: ['p(95)<400'], window: '30d' },
      },
    ],
  });
  const probe = config.ok ? config.plan.probes[0] : undefined;
  if (!config.ok || !probe) throw new Error('the config of this test does not load');
  return rulesOf(probe, 1, config.plan.maintenance);
};

type Kind = 'good' | 'down' | 'slow' | 'missed';

const runAt = (hour: number, kind: Kind): RunPoint => {
  const factor = kind === 'slow' ? 1.6 : 1;
  const latencies = Array.from({ length: 40 }, (_, n) => 200 * factor * (1 + 0.05 * Math.sin(40 * hour + n)));
  const bad = kind === 'down' ? 40 : 0;
  const observation: Observation = {
    probe: 'api-read',
    slot: isoAt(hour),
    trigger: 'schedule',
    status: kind === 'missed' ? 'missed' : 'done',
    verdict: kind === 'missed' ? null : kind === 'down' ? 'fail' : 'pass',
    samples: kind === 'missed' ? 0 : 40,
    good: kind === 'missed' ? 0 : 40 - bad,
    counts: kind === 'missed' ? [] : [{ objective: 'p(95)<400', bad, total: 40, budget: 0.05 }],
    series: kind === 'good' || kind === 'slow' ? { total: { sketch: sketchOf(latencies), unanswered: 0 } } : {},
  };
  // A watch that wakes up puts down what it missed: just before its next slot.
  return { atMs: startMs + (kind === 'missed' ? hour + 0.95 : hour) * hourMs, observation };
};

const all: readonly RuleKind[] = ['runs', 'slo', 'regression', 'overdue'];

type Options = {
  readonly wanted?: readonly RuleKind[];
  readonly marks?: readonly DeployMark[];
  readonly portion?: number;
  readonly maintenance?: readonly object[];
};

const replay = (
  points: readonly RunPoint[],
  { wanted = all, marks = [], portion = 1000, maintenance }: Options = {},
) => {
  const rules = rulesFor(maintenance);
  const replaying = openProbeReplay({ rules, wanted: new Set(wanted), subjects: [], marks });
  for (let at = 0; at < points.length; at += portion) replaying.take(points.slice(at, at + portion));
  return replaying.end();
};

const hoursOf = (count: number, kindAt: (hour: number) => Kind | null): readonly RunPoint[] =>
  Array.from({ length: count }, (_, hour) => hour).flatMap((hour) => {
    const kind = kindAt(hour);
    return kind === null ? [] : [runAt(hour, kind)];
  });

const outageAt = (from: number, to: number) => hoursOf(60, (hour) => (hour >= from && hour < to ? 'down' : 'good'));

describe('a replay of stored runs', () => {
  it('tells an outage once, from the run that breached to the one that recovered', () => {
    const { episodes, points } = replay(outageAt(30, 34));
    expect(points).toBe(60);
    expect(episodes.map(({ rule, severity, atMs, untilMs }) => [rule, severity, atMs, untilMs])).toEqual([
      ['runs', 'page', startMs + 31 * hourMs, startMs + 35 * hourMs],
    ]);
    expect(episodes[0]?.evidence).toEqual({ verdict: 'fail', good: 0, samples: 40 });
    expect(replay(outageAt(0, 0)).episodes).toEqual([]);
  });

  it('tells it by its budget when the runs are left out, and by nothing when both are', () => {
    const { episodes: budget, rules } = replay(outageAt(30, 34), { wanted: ['slo', 'regression'] });
    expect(new Set(rules.map(({ rule }) => rule))).toEqual(new Set(['slo', 'regression']));
    expect(budget.map(({ rule, subject }) => [rule, subject])).toEqual([['slo', 'p(95)<400']]);
    expect(budget[0]?.evidence).toMatchObject({ burn: expect.any(Number) });
    expect(replay(outageAt(30, 34), { wanted: ['regression', 'overdue'] }).episodes).toEqual([]);
  });

  it('notices slots without a run when watch would have, but not those that nobody looked at', () => {
    const gap = (after: Kind) => hoursOf(60, (hour) => (hour >= 30 && hour < 40 ? null : hour === 40 ? after : 'good'));
    const overdue = replay(gap('good')).episodes;
    expect(overdue.map(({ rule, severity }) => [rule, severity])).toEqual([['overdue', 'ticket']]);
    expect(overdue[0]?.atMs).toBeGreaterThan(startMs + 30 * hourMs);
    expect(overdue[0]?.atMs).toBeLessThan(startMs + 34 * hourMs);
    expect(overdue[0]?.untilMs).toBe(startMs + 40 * hourMs);
    const missed = hoursOf(60, (hour) => (hour >= 30 && hour < 39 ? null : hour === 39 ? 'missed' : 'good'));
    expect(replay(missed).episodes.length).toBe(0);
  });

  it('says nothing in maintenance', () => {
    const maintenance = [{ reason: 'a new disk', from: isoAt(29), to: isoAt(40) }];
    expect(replay(outageAt(30, 34), { maintenance }).episodes).toEqual([]);
  });

  it('compares with its own past, and says since when it could', () => {
    const points = hoursOf(200, (hour) => (hour >= 150 && hour < 170 ? 'slow' : 'good'));
    const { episodes, rules, baseline } = replay(points);
    expect(episodes.map(({ rule, subject }) => [rule, subject])).toEqual([['regression', 'total']]);
    expect(episodes[0]?.evidence.ratio).toBeCloseTo(1.6, 1);
    const standing = rules.find(({ rule }) => rule === 'regression');
    expect(standing?.readyMs).toBeGreaterThan(startMs);
    expect(baseline.every(({ min, max }) => min > 190 && max < 230)).toBe(true);
  });

  it('comes out the same whatever the portions, deploys and all', () => {
    const kinds = fc.array(fc.constantFrom<Kind | null>('good', 'good', 'good', 'down', 'slow', 'missed', null), {
      minLength: 1,
      maxLength: 80,
    });
    const mark: DeployMark = { kind: 'deploy', at: isoAt(20), version: '42', probes: [], who: 'a pipeline' };
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 30 }), (week, portion) => {
        const points = hoursOf(week.length, (hour) => week[hour] ?? null);
        const marks = [mark];
        expect(replay(points, { portion, marks })).toEqual(replay(points, { marks }));
      }),
      { numRuns: 25 },
    );
  });
});

describe('an alarm of the judge', () => {
  it.each([
    ['runs', 'runs', 'verdict'],
    ['overdue', 'overdue', 'slots'],
    ['slo:list: p(95)<400', 'slo', 'list: p(95)<400'],
    ['regression:step:list', 'regression', 'step:list'],
  ] as const)('%s is %s of %s', (alarm, rule, subject) => {
    expect(subjectOf(alarm)).toEqual({ rule, subject });
  });
});
