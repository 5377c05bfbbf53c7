import type { Run, RunStatus, Verdict } from '../result/result.ts';
import type { SketchData } from '../result/sketch.ts';
import type { StoredRun } from '../result/store.ts';

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
  readonly trigger: Run['trigger'];
  readonly status: RunStatus;
  readonly verdict: Verdict | null;
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

/** What a stored run tells the judge. */
export const observationOf = ({ run, sketches }: Pick<StoredRun, 'run' | 'sketches'>): Observation => {
  const unanswered = new Map(run.series.map((series) => [series.name, series.unanswered]));
  return {
    probe: run.probe,
    slot: run.slot,
    trigger: run.trigger,
    status: run.status,
    verdict: run.verdict,
    samples: run.samples,
    good: run.good,
    counts: countsOf(run),
    series: Object.fromEntries(
      Object.entries(sketches).map(([name, sketch]) => [name, { sketch, unanswered: unanswered.get(name) ?? 0 }]),
    ),
  };
};
