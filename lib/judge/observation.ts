import type { Run, RunStatus, ThresholdResult, Verdict } from '../result/result.ts';
import type { SketchData } from '../result/sketch.ts';
import type { StoredRun } from '../result/store.ts';
import { binomialCdf } from './interval.ts';

/** Events of an objective in one run: `p(95)<400` allows 5 % of them to be bad. */
export type ObjectiveCount = {
  /** As reports write it: `objective 99.9%`, `p(95)<400`, `list: p(95)<200`. */
  readonly objective: string;
  readonly bad: number;
  readonly total: number;
  /** Share that may be bad, 0 to 1. */
  readonly budget: number;
};

/** A latency series of one run. `unanswered` (refused, reset) are above every limit, and so not in the sketch. */
export type SeriesObservation = { readonly sketch: SketchData; readonly unanswered: number };

/** All that the judge looks at of one run; small enough to replay a year of them. */
export type Observation = {
  readonly probe: string;
  /** ISO slot. */
  readonly slot: string;
  /** ISO; its slot where it is not known. */
  readonly startedAt?: string;
  readonly trigger: Run['trigger'];
  /** Variables were set for this one run: it may have measured something else. */
  readonly overridden?: true;
  readonly status: RunStatus;
  /** Of the run by itself: a regression that several runs confirmed is not in it. */
  readonly verdict: Verdict | null;
  /** Good, but not by the line that `alarm.recoverWhen` draws. */
  readonly wavering?: true;
  /** Degraded, by no more slow samples than a healthy service has now and then. */
  readonly slight?: true;
  /** Passes measured, and those of them that were complete and right. */
  readonly samples: number;
  readonly good: number;
  readonly counts: readonly ObjectiveCount[];
  /** By name: `total`, `step:list`, `connect:https://api.example`. */
  readonly series: Readonly<Record<string, SeriesObservation>>;
};

const countsOf = (run: Run): readonly ObjectiveCount[] =>
  [...run.slo, ...run.steps.flatMap((step) => step.thresholds)].flatMap(
    ({ threshold, step, bad, total, budget }): readonly ObjectiveCount[] =>
      bad === undefined || total === undefined || budget === undefined
        ? []
        : [{ objective: step === undefined ? threshold : `${step}: ${threshold}`, bad, total, budget }],
  );

const isWavering = ({ recovery = [] }: Run): boolean => recovery.some(({ passed }) => !passed);

/** So many slow samples at once are no chance any more, were the budget just kept. */
const chance = 0.05;

/** A lone sample has no more to say than its budget: that must do. */
const isChance = ({ bad, total, budget }: ThresholdResult): boolean =>
  bad !== undefined &&
  total !== undefined &&
  budget !== undefined &&
  1 - binomialCdf(bad - 1, total, budget) > Math.max(chance, budget) + 1e-9;

/**
 * A verdict is about what the run observed, and an alarm about the service: two of twenty samples over a p95 degrade the run,
 * and a healthy service has such runs each day (detection.md §0). Their counts go to the error budget all the same.
 */
const isSlight = ({ verdict, slo, steps }: Run): boolean => {
  const missed = [...slo, ...steps.flatMap((step) => step.thresholds)].filter(
    ({ passed, unit }) => !passed && unit === 'ms',
  );
  return verdict === 'degraded' && missed.length > 0 && missed.every(isChance);
};

/** What a stored run tells the judge. */
export const observationOf = ({ run, sketches }: Pick<StoredRun, 'run' | 'sketches'>): Observation => {
  const unanswered = new Map(run.series.map((series) => [series.name, series.unanswered]));
  // Our own network was down: what did not answer then says nothing of the service, its budget or its latency.
  const blind = run.attribution?.control === 'silent';
  return {
    probe: run.probe,
    slot: run.slot,
    startedAt: run.startedAt,
    trigger: run.trigger,
    ...(run.overridden ? { overridden: true } : {}),
    status: run.status,
    verdict: run.baseline.trend?.decisive ? 'pass' : run.verdict,
    ...(isWavering(run) ? { wavering: true } : {}),
    ...(isSlight(run) ? { slight: true } : {}),
    samples: blind ? 0 : run.samples,
    good: blind ? 0 : run.good,
    counts: blind ? [] : countsOf(run),
    series: Object.fromEntries(
      Object.entries(blind ? {} : sketches).map(([name, sketch]) => [
        name,
        { sketch, unanswered: unanswered.get(name) ?? 0 },
      ]),
    ),
  };
};
