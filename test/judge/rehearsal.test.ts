import { describe, expect, it } from 'vitest';
import type { RehearsalIncident } from '../../lib/config/plan.ts';
import { judgeRehearsal, type Told, usualIncidents } from '../../lib/judge/rehearsal.ts';
import { probeOf } from '../support/probing.ts';

const hour = 3_600_000;
const day = 24 * hour;
const probeEvery = (every: string, more: object = {}) =>
  probeOf({
    kind: 'http',
    schedule: { every },
    severity: 'page',
    ...more,
    steps: [{ request: { url: 'https://a.example' } }],
  });
const probe = probeEvery('1h');
const outage: RehearsalIncident = {
  probes: [probe.id],
  startMs: 10 * day,
  forMs: 3 * hour,
  effect: { kind: 'down' },
  expect: 'page',
  withinMs: 2 * hour,
};
const told = (atMs: number, more: Partial<Told> = {}): Told => ({
  probe: probe.id,
  atMs,
  kind: 'breached',
  route: 'page',
  title: 'BREACHED',
  ...more,
});
const judge = (incident: RehearsalIncident, ...events: readonly Told[]) =>
  judgeRehearsal([probe], [incident], events, 0);

describe('the outcome of a rehearsal', () => {
  it('is good when the right route was told in time, and an echo of the incident is no false alarm', () => {
    const slowBurn = told(10 * day + 5 * hour, { route: 'ticket' });
    const outcome = judge(outage, told(10 * day + hour), slowBurn, told(11 * day, { kind: 'recovered' }));
    expect(outcome).toMatchObject({ passed: true, falseAlarms: [], incidents: [{ result: 'told' }] });
  });

  it.each([
    ['missed when nobody was told', [], 'missed'],
    ['missed when only a quieter route was told', [told(10 * day + hour, { route: 'ticket' })], 'missed'],
    ['late when it was told after the time allowed', [told(10 * day + 3 * hour)], 'late'],
    ['missed when another probe was told', [told(10 * day + hour, { probe: 'other' })], 'missed'],
  ] as const)('is %s', (_, events, result) => {
    expect(judge(outage, ...events)).toMatchObject({ passed: false, incidents: [{ result }] });
  });

  it('is bad when somebody was told while nothing was wrong', () => {
    const early = told(3 * day);
    expect(judge(outage, early, told(10 * day + hour))).toMatchObject({ passed: false, falseAlarms: [early] });
  });

  it('is bad when an incident that nobody may hear of was told', () => {
    const quiet = { ...outage, expect: 'none' } as const;
    expect(judge(quiet)).toMatchObject({ passed: true, incidents: [{ result: 'silent' }] });
    expect(judge(quiet, told(10 * day + hour))).toMatchObject({
      passed: false,
      incidents: [{ result: 'wrongly told' }],
    });
  });
});

describe('the usual incidents', () => {
  it('are an outage, trouble of our own and a regression, each on the route that the probe asks for', () => {
    const incidents = usualIncidents(probe, 90 * day, () => 5);
    expect(incidents.map(({ effect, expect }) => [effect.kind, expect])).toEqual([
      ['down', 'page'],
      ['blind', 'monitoring'],
      ['slower', 'ticket'],
    ]);
    expect(incidents.every(({ startMs, forMs }) => startMs % hour === 0 && startMs + forMs <= 90 * day)).toBe(true);
  });

  it('leave out a regression that the schedule cannot see in time, and one that is not judged', () => {
    const kinds = (of: ReturnType<typeof probeEvery>, runs: number | null) =>
      usualIncidents(of, 90 * day, () => runs).map(({ effect }) => effect.kind);
    expect(kinds(probeEvery('7d'), 20)).not.toContain('slower');
    expect(kinds(probe, null)).not.toContain('slower');
    expect(kinds(probeEvery('1h', { baseline: false }), 5)).not.toContain('slower');
  });

  it('never ask for more than the probe may use', () => {
    const quiet = usualIncidents(probeEvery('1h', { severity: 'none' }), 90 * day, () => 5);
    expect(quiet.filter(({ effect }) => effect.kind !== 'blind').map(({ expect }) => expect)).toEqual(['none', 'none']);
  });

  it('are none for a probe on demand', () => {
    const { schedule: _, ...onDemand } = probe;
    expect(usualIncidents(onDemand, 90 * day, () => 5)).toEqual([]);
  });
});
