import type { SketchData } from '../../result/sketch.ts';

/** What counts as a regression of one latency series, and how sure the judge has to be. */
export type RegressionRule = {
  /** Growth of p95 over its baseline that counts, as a fraction: 0.2 is +20 %. */
  readonly maxRegression: number;
  /** Whom it would wake. Of aggregated values a page asks for more evidence than a ticket. */
  readonly severity: 'page' | 'ticket';
  /** Time between two runs. Unknown: inferred from the samples. */
  readonly cadenceMs?: number;
  /** Series judged in the whole plan: more of them ask for more evidence each. Default 1. */
  readonly keys?: number;
};

/** One run's raw samples, or one point that somebody else has aggregated. */
export type RegressionSample = { readonly atMs: number } & (
  | {
      readonly sketch: SketchData;
      /** Samples without an answer: above every limit, and not in the sketch. */
      readonly unanswered: number;
    }
  | { readonly value: number; readonly n?: number }
);

/** `none`: nothing to compare with. `provisional`: compared and reported, never firing. */
export type BaselineState = 'none' | 'provisional' | 'active';

/** 95 %; an open end is `null`. */
export type RatioInterval = readonly [low: number, high: number | null];

/** What the judge holds of one series after one run. */
export type RegressionFinding = {
  readonly state: 'off' | BaselineState;
  /** A confirmed regression, until it has recovered. */
  readonly firing: boolean;
  /** What found it: all latencies shifted, only the slowest did, or (aggregated values) the level. */
  readonly arm?: 'shift' | 'tail' | 'level';
  /** What it is compared with: the rolling baseline, or the frozen anchor that slow drift cannot move. */
  readonly against?: 'rolling' | 'anchor';
  /** p95 (or level) since the onset over the baseline's; this run's when there is no onset. `null`: unknown, or above every limit. */
  readonly ratio: number | null;
  readonly interval: RatioInterval | null;
  /** Samples (or points) behind the ratio. */
  readonly n: number;
  /** Runs since the onset, 0 without one. */
  readonly runs: number;
  /** Start of the first run of what may be, or is, a regression. */
  readonly onsetMs?: number;
  /** Evidence for a regression, and where it is enough. Once that has fired it is kept low: recovered when it is at 0. */
  readonly score: number;
  readonly limit: number;
  /**
   * Such runs as the last ones that would settle it: until the baseline is active, or until the score reaches its limit.
   * `null` when nothing is open: it has fired, or the score is less than a quarter of its limit.
   */
  readonly moreRuns: number | null;
  /** Faster than the baseline, confirmed: to be accepted by somebody, never paged. */
  readonly improvement?: { readonly ratio: number; readonly interval: RatioInterval | null };
  /** Plain words with the figures. */
  readonly reason: string;
};

/** What the reducer did to a baseline by itself; belongs in the baseline's history. */
export type RegressionAct = { readonly act: 'settled'; readonly ratio: number | null; readonly why: string };

/** A baseline for people. Times in epoch ms, latencies in ms. */
export type BaselineDescription = {
  readonly state: BaselineState;
  /** Of aggregated values p50 is their level, and the others are `null`. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly blocks: number;
  readonly samples: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** p95 (or level) of the last accepted baseline. `null` until there is one. */
  readonly anchorP95: number | null;
  /** Rolling over accepted: 1.1 has drifted by +10 %. */
  readonly drift: number | null;
  /** Learns nothing until unpinned. */
  readonly pinned: boolean;
  /** A daily or weekly pattern is taken out before comparing. */
  readonly season: boolean;
  /** Blocks that are held back, because they may be a change. */
  readonly held: number;
};
