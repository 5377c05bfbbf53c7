import type { ProbePlan } from '../../config/plan.ts';
import type { Detectors } from '../../judge/memory.ts';
import {
  type BaselineDescription,
  describeBaseline,
  type RegressionBase,
  type RegressionHot,
} from '../../judge/regression.ts';
import type { Run, Trend } from '../../result/result.ts';
import type { BaselineAct, BaselineDocument } from '../../result/store.ts';

/** A change of level that was confirmed, and is not over. ISO times. */
export type ConfirmedChange = { readonly since: string; readonly confirmedAt: string };

export type SeriesView = Omit<BaselineDescription, 'fromMs' | 'toMs'> & {
  readonly series: string;
  /** ISO: the runs that it was learnt from. */
  readonly from: string | null;
  readonly to: string | null;
  readonly regression: ConfirmedChange | null;
  /** Faster than the baseline: proposed to be accepted, never paged. */
  readonly improvement: ConfirmedChange | null;
};

/** The baseline of a probe, for people. */
export type BaselineView = {
  readonly probe: string;
  /** The best that one of its series has; `off`: its config wants none. */
  readonly state: 'off' | BaselineDescription['state'];
  /** ISO. */
  readonly startedAt: string | null;
  readonly series: readonly SeriesView[];
  /** What the newest run said against it. */
  readonly latest: (Pick<Trend, 'series' | 'ratio' | 'interval' | 'reason'> & { readonly slot: string }) | null;
  /** What was done to it last. */
  readonly lastAct: BaselineAct | null;
};

/** What is known of a probe when its baseline is shown. */
export type BaselineFacts = {
  readonly probe: ProbePlan;
  readonly document?: BaselineDocument;
  readonly detectors?: Detectors;
  readonly latest?: Run;
};

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const confirmed = (onsetMs: number, firedMs: number): ConfirmedChange => ({
  since: new Date(onsetMs).toISOString(),
  confirmedAt: new Date(firedMs).toISOString(),
});

/** What the scores hold against a baseline; those from before a person changed it hold nothing any more. */
const changesIn = (
  base: RegressionBase,
  hot: RegressionHot | undefined,
): Pick<SeriesView, 'regression' | 'improvement'> => {
  if (!hot || hot.revision !== base.revision) return { regression: null, improvement: null };
  if (hot.kind === 'values') {
    return { regression: hot.alarm ? confirmed(hot.alarm.onsetMs, hot.alarm.firedMs) : null, improvement: null };
  }
  const { alarm, faster, trails } = hot;
  const dated = (fired: typeof alarm) =>
    fired ? confirmed(trails[fired.trail]?.onsetMs ?? fired.firedMs, fired.firedMs) : null;
  return { regression: dated(alarm), improvement: dated(faster) };
};

const viewSeries = (series: string, base: RegressionBase, hot: RegressionHot | undefined): SeriesView => {
  const { fromMs, toMs, ...description } = describeBaseline(base);
  return { series, ...description, from: iso(fromMs), to: iso(toMs), ...changesIn(base, hot) };
};

const latestOf = (run: Run | undefined): BaselineView['latest'] => {
  const trend = run?.baseline.trend;
  if (!run || !trend) return null;
  const { series, ratio, interval, reason } = trend;
  return { slot: run.slot, series, ratio, interval, reason };
};

const bestFirst = ['active', 'provisional', 'none'] as const;

export const viewBaseline = ({ probe, document, detectors, latest }: BaselineFacts): BaselineView => {
  const series = Object.entries(document?.series ?? {}).map(([name, base]) =>
    viewSeries(name, base, detectors?.regression[name]),
  );
  const best = bestFirst.find((state) => series.some((one) => one.state === state)) ?? 'none';
  return {
    probe: probe.id,
    state: probe.baseline.enabled ? best : 'off',
    startedAt: document?.startedAt ?? null,
    series,
    latest: latestOf(latest),
    lastAct: document?.history.at(-1) ?? null,
  };
};
