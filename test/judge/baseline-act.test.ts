import { describe, expect, it } from 'vitest';
import {
  acceptedLevelOf,
  type BaselineChange,
  changeBaseline,
  type PersonalAct,
} from '../../lib/judge/baseline-act.ts';
import { mostBaselineActs, newDocument } from '../../lib/judge/baseline-document.ts';
import { advanceRegression, describeBaseline } from '../../lib/judge/regression.ts';
import type { BaselineDocument } from '../../lib/result/store.ts';
import { learn } from '../support/baselines.ts';

const at = '2026-03-01T12:00:00.000Z';
const change = (act: PersonalAct, series?: string): BaselineChange => ({
  act,
  at,
  who: 'ann',
  why: 'because',
  ...(series === undefined ? {} : { series }),
});
const documentOf = (series: BaselineDocument['series']): BaselineDocument => ({
  ...newDocument('api-read', 'f', '2026-01-01T00:00:00.000Z'),
  revision: 7,
  series,
});
const usual = learn([[100, 40]]);
const slower = learn([
  [100, 40],
  [150, 12],
]);

describe("a person's act on a baseline", () => {
  it('accepts the level of now, and says by how much it differs from the one before', () => {
    expect(slower.finding.firing).toBe(true);
    const before = documentOf({ total: slower.memory.base, 'step:list': usual.memory.base });
    const after = changeBaseline(before, change('accepted'));
    const total = after?.series.total;
    if (!after || !total) throw new Error('nothing was accepted');
    const ratio = (acceptedLevelOf(total) ?? 0) / (acceptedLevelOf(slower.memory.base) ?? 1);
    expect(ratio).toBeGreaterThan(1.35);
    expect(ratio).toBeLessThan(1.65);
    expect(after).toMatchObject({ revision: 8, startedAt: before.startedAt });
    expect(after.history).toEqual([{ at, act: 'accepted', who: 'ann', why: 'because', ratio }]);
    expect(describeBaseline(total).drift).toBeCloseTo(1, 1);
  });

  it('is followed by the judge with the next run: the accepted level is no regression any more', () => {
    const sample = slower.next(150);
    const hot = slower.memory.hot;
    const ignored = advanceRegression(slower.rule, { hot, base: slower.memory.base }, sample);
    expect(ignored.finding.firing).toBe(true);
    const after = changeBaseline(documentOf({ total: slower.memory.base }), change('accepted'));
    const base = after?.series.total;
    if (!base) throw new Error('nothing was accepted');
    expect(advanceRegression(slower.rule, { hot, base }, sample).finding.firing).toBe(false);
  });

  it('touches one series alone when it is named', () => {
    const before = documentOf({ total: usual.memory.base, 'step:list': usual.memory.base });
    const after = changeBaseline(before, change('pinned', 'step:list'));
    expect(after?.series.total).toBe(before.series.total);
    expect(after?.series['step:list']).toMatchObject({ pinned: true });
    expect(after?.history).toEqual([{ at, act: 'pinned', series: 'step:list', who: 'ann', why: 'because' }]);
  });

  it('pins and unpins: what is pinned learns nothing', () => {
    const pinned = changeBaseline(documentOf({ total: usual.memory.base }), change('pinned'))?.series.total;
    if (!pinned) throw new Error('nothing was pinned');
    const levelAfter = (base: typeof pinned) => {
      let memory: Parameters<typeof advanceRegression>[1] = { base };
      for (const sample of usual.more(97, 60)) memory = advanceRegression(usual.rule, memory, sample).memory;
      return memory && describeBaseline(memory.base).samples;
    };
    expect(levelAfter(pinned)).toBe(describeBaseline(pinned).samples);
    const unpinned = changeBaseline(documentOf({ total: pinned }), change('unpinned'))?.series.total;
    if (!unpinned) throw new Error('nothing was unpinned');
    expect(levelAfter(unpinned)).not.toBe(describeBaseline(pinned).samples);
  });

  it('clears: nothing is known any more, and what was forgotten whole begins again', () => {
    const before = documentOf({ total: usual.memory.base, 'step:list': usual.memory.base });
    const whole = changeBaseline(before, change('cleared'));
    expect(Object.values(whole?.series ?? {}).map((base) => describeBaseline(base).state)).toEqual(['none', 'none']);
    expect(whole?.startedAt).toBe(at);
    const one = changeBaseline(before, change('cleared', 'total'));
    expect(one?.startedAt).toBe(before.startedAt);
    expect(one?.series['step:list']).toBe(before.series['step:list']);
  });

  it('that changes nothing is none', () => {
    const before = documentOf({ total: usual.memory.base });
    expect(changeBaseline(before, change('unpinned'))).toBeUndefined();
    expect(changeBaseline(before, change('pinned', 'no-such-series'))).toBeUndefined();
    const cleared = changeBaseline(before, change('cleared'));
    if (!cleared) throw new Error('nothing was cleared');
    for (const act of ['accepted', 'cleared'] as const) expect(changeBaseline(cleared, change(act))).toBeUndefined();
  });

  it('is remembered with those before it, as many as are kept', () => {
    let document = documentOf({ total: usual.memory.base });
    for (let n = 0; n < mostBaselineActs + 5; n += 1) {
      document = changeBaseline(document, { ...change('accepted'), why: `${n}` }) ?? document;
    }
    expect(document.revision).toBe(7 + mostBaselineActs + 5);
    expect(document.history).toHaveLength(mostBaselineActs);
    expect([document.history[0]?.why, document.history.at(-1)?.why]).toEqual(['5', `${mostBaselineActs + 4}`]);
  });
});
