import type { RegressionRule } from '../finding.ts';
import { type Standing, standingOf } from './drift.ts';
import { copyBase, copyHot, type OpenBase, type OpenHot, type ValuesBase, type ValuesHot } from './memory.ts';
import { type Pace, paceOf } from './pace.ts';
import { shapeTail, type TailShape } from './tail.ts';
import { overlapOf, windows } from './window.ts';

/**
 * A series at its latest point, and the rule that it is judged by. Its memory is the judge's own and is written in place;
 * what is worked out of it is kept until that changes.
 */
export type Moment = {
  readonly rule: RegressionRule;
  readonly base: ValuesBase;
  readonly hot: OpenHot;
  readonly pace: Pace;
  readonly known: Known;
};

/** Worked out once, when it is first asked for. */
type Known = {
  /** How coarse the remembered points are. */
  grain: number | undefined;
  /** Evidence that confirms a stretch now. */
  limit: number | undefined;
  /** By expectation and window. */
  shapes: (readonly TailShape[] | undefined)[];
  /** The last week beside the line that slow growth is held against. */
  standing: Standing | undefined;
};

/** A moment under way: `own` is its base once that may be written. */
export type OpenMoment = { -readonly [Key in keyof Moment]: Moment[Key] } & { own: OpenBase | undefined };

/** @param memory stays as it is: of the base a copy is taken when it is first written. */
export const openMoment = (
  rule: RegressionRule,
  { base, hot }: { readonly base: ValuesBase; readonly hot: ValuesHot },
): OpenMoment => ({
  rule,
  base,
  hot: copyHot(hot),
  pace: paceOf(base.cadenceMs),
  known: { grain: undefined, limit: undefined, shapes: [], standing: undefined },
  own: undefined,
});

/** The base, to be written. */
export const writableBase = (moment: OpenMoment): OpenBase => {
  moment.own ??= copyBase(moment.base);
  moment.base = moment.own;
  return moment.own;
};

/** Its base has learnt. */
export const forgetBase = ({ known }: Moment): void => {
  known.shapes = [];
  known.standing = undefined;
};

/** There is another point. */
export const forgetPoint = ({ known }: Moment): void => {
  known.grain = undefined;
  known.limit = undefined;
};

/** While slow growth has been found. */
export const driftOf = ({ base, pace, known }: Moment): Standing | undefined => {
  if (base.drift.foundMs === undefined) return undefined;
  known.standing ??= standingOf(base.drift, pace.weekly);
  return known.standing;
};

/** Of a window's tail over an expectation. */
export const shapesOf = ({ base, pace, known }: Moment, place: number, index: number): readonly TailShape[] => {
  const key = place * windows.length + index;
  const found = known.shapes[key];
  if (found) return found;
  const [tail, window] = [base.expectations[place]?.tails[index], windows[index]];
  const overlap = window && window.points > 1 ? overlapOf(window, pace.withinDay) : 1;
  const shapes = tail ? shapeTail(tail, overlap) : [];
  known.shapes[key] = shapes;
  return shapes;
};
