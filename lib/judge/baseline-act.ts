import type { BaselineAct, BaselineDocument } from '../result/store.ts';
import { withAct } from './baseline-document.ts';
import {
  acceptLevel,
  clearBaseline,
  describeBaseline,
  pinBaseline,
  type RegressionBase,
  unpinBaseline,
} from './regression.ts';

/** What a person may do to a baseline. */
export type PersonalAct = Extract<BaselineAct['act'], 'accepted' | 'pinned' | 'unpinned' | 'cleared'>;

export type BaselineChange = Pick<BaselineAct, 'at' | 'who' | 'why' | 'series'> & { readonly act: PersonalAct };

const change: Readonly<Record<PersonalAct, (base: RegressionBase) => RegressionBase>> = {
  accepted: acceptLevel,
  pinned: pinBaseline,
  unpinned: unpinBaseline,
  cleared: clearBaseline,
};

/** Whether there is anything to change: what is pinned cannot be pinned, nor a level accepted that nobody has seen. */
const isChangeable = (base: RegressionBase, act: PersonalAct): boolean => {
  const { p50, pinned } = describeBaseline(base);
  return { accepted: p50 !== null, cleared: p50 !== null || pinned, pinned: !pinned, unpinned: pinned }[act];
};

/** The level that is held to be right: the accepted one, else what has been learnt so far. */
export const acceptedLevelOf = (base: RegressionBase): number | null => {
  const { anchorP95, p95, p50 } = describeBaseline(base);
  return anchorP95 ?? p95 ?? p50;
};

const ratioOf = (before: RegressionBase | undefined, after: RegressionBase | undefined): Pick<BaselineAct, 'ratio'> => {
  const [from, to] = [before, after].map((base) => (base ? acceptedLevelOf(base) : null));
  return from && to ? { ratio: to / from } : {};
};

/**
 * A baseline after a person's act on all of its series, or on one, on record in its history and ready for
 * `Store.putBaseline`. `undefined`: there was nothing to change. The judge follows with the next run.
 */
export const changeBaseline = (
  document: BaselineDocument,
  { act, at, who, why, series }: BaselineChange,
): BaselineDocument | undefined => {
  const chosen = Object.entries(document.series).filter(
    ([name, base]) => (series === undefined || name === series) && isChangeable(base, act),
  );
  if (chosen.length === 0) return undefined;
  const changed = {
    ...document.series,
    ...Object.fromEntries(chosen.map(([name, base]) => [name, change[act](base)])),
  };
  const measured = series ?? (document.series.total ? 'total' : chosen[0]?.[0]) ?? '';
  const ratio = act === 'accepted' ? ratioOf(document.series[measured], changed[measured]) : {};
  return withAct(
    {
      ...document,
      revision: document.revision + 1,
      // What was forgotten whole begins again.
      startedAt: act === 'cleared' && series === undefined ? at : document.startedAt,
      series: changed,
    },
    { at, act, ...(series === undefined ? {} : { series }), who, why, ...ratio },
  );
};
