import type { LatencyMs } from '../../result/result.ts';
import type { Observation } from '../observation.ts';

/** One value that is aggregated already: an hour's p95, say. */
export type ValuePoint = {
  readonly atMs: number;
  /** In the unit of its source, 0 and up. */
  readonly value: number;
  /** Samples behind the value, where the source says. */
  readonly n?: number;
};

/** One run with its raw samples. */
export type SamplesPoint = {
  readonly atMs: number;
  /** At least one; `null` never answered. */
  readonly samples: readonly LatencyMs[];
};

/** One run as the store keeps it. */
export type RunPoint = {
  readonly atMs: number;
  readonly observation: Observation;
};

/** One step of a history, whatever it came from. A history has points of one kind, oldest first, each at a time of its own. */
export type HistoryPoint = ValuePoint | SamplesPoint | RunPoint;

/** Why a row of an imported file was left out. */
export type SkipCause = 'time' | 'value' | 'count' | 'columns' | 'json' | 'samples' | 'too long' | 'duplicate';

/** Rows that were left out for one cause. */
export type Skipped = {
  readonly cause: SkipCause;
  readonly rows: number;
  /** Line of the first of them; the header is line 1. */
  readonly firstLine: number;
  /** What stood there, cut. */
  readonly example: string;
};
