import type { BaselineAct, BaselineDocument } from '../result/store.ts';
import type { RegressionBase } from './regression.ts';

/** Acts that a baseline remembers. */
export const mostBaselineActs = 50;

/** A baseline without a run. Its revision is for whoever stores it to count. */
export const newDocument = (
  probe: string,
  fingerprint: string,
  startedAt: string,
  history: readonly BaselineAct[] = [],
): BaselineDocument => ({ probe, fingerprint, revision: 0, startedAt, series: {}, history });

/** The same document where nothing changed. */
export const withSeries = (document: BaselineDocument, name: string, base: RegressionBase): BaselineDocument =>
  document.series[name] === base ? document : { ...document, series: { ...document.series, [name]: base } };

export const withAct = (document: BaselineDocument, act: BaselineAct): BaselineDocument => ({
  ...document,
  history: [...document.history, act].slice(-mostBaselineActs),
});

/** After a deploy that starts baselines anew; what a person pinned stays. */
export const restarted = (document: BaselineDocument, at: string, who: string, why: string): BaselineDocument => {
  const pinned = Object.entries(document.series).filter(([, base]) => base.pinned);
  return withAct({ ...document, startedAt: at, series: Object.fromEntries(pinned) }, { at, act: 'deploy', who, why });
};
