import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffEpisodes } from '../../../lib/judge/backtest/diff.ts';
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

describe('a change of the rules', () => {
  it('gains, loses, moves and keeps alerts', () => {
    const before = [episode(0, 10), episode(20, 30), episode(40, 50), episode(60, null)];
    const after = [episode(0, 12), episode(25, 35), episode(60, 70, { severity: 'page' }), episode(80, 90)];
    const { gained, lost, moved, same } = diffEpisodes(before, after);
    expect(same).toBe(1);
    expect(lost).toEqual([before[2]]);
    expect(gained).toEqual([after[3]]);
    expect(moved).toEqual([
      { before: before[1], after: after[1] },
      { before: before[3], after: after[2] },
    ]);
  });

  it('takes an alert of another rule at the same time for another one', () => {
    const { gained, lost } = diffEpisodes([episode(0, 10)], [episode(0, 10, { rule: 'runs' })]);
    expect([gained.length, lost.length]).toEqual([1, 1]);
  });

  it('prefers the same subject, then the nearest in time, then the same severity', () => {
    const before = [episode(0, 100, { subject: 'list' })];
    const after = [
      episode(0, 100, { subject: 'total' }),
      episode(50, 60, { subject: 'list' }),
      episode(5, 30, { subject: 'list', severity: 'page' }),
      episode(5, 30, { subject: 'list' }),
    ];
    expect(diffEpisodes(before, after).moved).toEqual([{ before: before[0], after: after[3] }]);
  });

  const episodes = fc
    .array(fc.tuple(fc.nat(20), fc.nat(10), fc.constantFrom('page', 'ticket')), { maxLength: 12 })
    .map((spans) => {
      let atMs = 0;
      return spans.map(([gap, length, severity]) => {
        const from = atMs + gap;
        atMs = from + length + 1;
        return episode(from, atMs, { severity: severity === 'page' ? 'page' : 'ticket' });
      });
    });

  it('accounts for every alert of both sides once', () => {
    fc.assert(
      fc.property(episodes, episodes, (before, after) => {
        const { gained, lost, moved, same } = diffEpisodes(before, after);
        expect(lost.length + moved.length + same).toBe(before.length);
        expect(gained.length + moved.length + same).toBe(after.length);
        expect(new Set([...gained, ...moved.map((one) => one.after)]).size).toBe(gained.length + moved.length);
      }),
    );
  });

  it('from rules to themselves changes nothing', () => {
    fc.assert(
      fc.property(episodes, (alerts) => {
        expect(diffEpisodes(alerts, structuredClone(alerts))).toEqual({
          gained: [],
          lost: [],
          moved: [],
          same: alerts.length,
        });
      }),
    );
  });
});
