import type { BaselineDescription } from '../finding.ts';
import { settleAt } from './alarm.ts';
import { acceptDrift, newDrift } from './drift.ts';
import { nearest, newExpectation, slowest, usesSeason } from './expectation.ts';
import { fromLog } from './floor.ts';
import { copyBase, type ValuesBase } from './memory.ts';
import { paceOf } from './pace.ts';

/** A person says that the level of now is right: it is the baseline, and the anchor. An alarm ends with the next point. */
export const acceptValues = (before: ValuesBase): ValuesBase => {
  const { confirmed = 0, ...base } = copyBase(before);
  settleAt(base, confirmed);
  acceptDrift(base.drift);
  const level = base.expectations[slowest(base, paceOf(base.cadenceMs))]?.level;
  return { ...base, revision: base.revision + 1, ...(level === undefined ? {} : { accepted: level }) };
};

/** Learns nothing more until unpinned. */
export const pinValues = (base: ValuesBase): ValuesBase => ({ ...base, revision: base.revision + 1, pinned: true });
export const unpinValues = (base: ValuesBase): ValuesBase => ({ ...base, revision: base.revision + 1, pinned: false });

/** Starts from nothing at the next point. */
export const clearValues = ({ accepted: _, season: __, confirmed: ___, ...base }: ValuesBase): ValuesBase => ({
  ...base,
  revision: base.revision + 1,
  pinned: false,
  points: 0,
  settledPoints: 0,
  floor: 0,
  expectations: base.expectations.map(() => newExpectation),
  days: [],
  drift: newDrift(),
});

export const describeValues = (base: ValuesBase): BaselineDescription => {
  const pace = paceOf(base.cadenceMs);
  const place = nearest(base, pace);
  const ready = place !== undefined && base.settledPoints >= pace.warmUp;
  const levelOf = (log: number | undefined) => (log === undefined ? null : fromLog(log, base.floor));
  const level = place === undefined ? null : levelOf(base.expectations[place]?.level);
  const slow = levelOf(base.expectations[slowest(base, pace)]?.level);
  const accepted = levelOf(base.accepted);
  return {
    state: ready ? 'active' : place === undefined ? 'none' : 'provisional',
    p50: level,
    p95: null,
    p99: null,
    blocks: base.points,
    samples: base.points,
    fromMs: base.points === 0 ? null : base.fromMs,
    toMs: base.points === 0 ? null : base.toMs,
    anchorP95: accepted,
    drift: accepted && slow !== null ? slow / accepted : null,
    pinned: base.pinned,
    season: place !== undefined && usesSeason(place),
    held: 0,
  };
};
