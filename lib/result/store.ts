import type { Pass, Run } from './result.ts';
import type { SketchData } from './sketch.ts';

/** All that is kept of one run. */
export type StoredRun = {
  readonly run: Run;
  /** By series name; runs merge exactly. */
  readonly sketches: Readonly<Record<string, SketchData>>;
  /** Raw samples: what every verdict can be computed from again. */
  readonly passes: readonly Pass[];
};

export type RunQuery = {
  readonly probe?: string;
  /** Slots from here (ISO, inclusive) … */
  readonly from?: string;
  /** … to here (ISO, exclusive). */
  readonly to?: string;
  /** Default 100. */
  readonly limit?: number;
  /** By slot. Default `newest`. */
  readonly order?: 'newest' | 'oldest';
};

/** Keeps runs. Every adapter passes `test/support/store-contract.ts`. */
export type Store = {
  /** Stores a run once: a second one with the same run id changes nothing and answers `duplicate`. */
  put(stored: StoredRun): Promise<'stored' | 'duplicate'>;
  get(runId: string): Promise<StoredRun | undefined>;
  /** Run documents without samples. */
  list(query?: RunQuery): Promise<readonly Run[]>;
  /** Sketches of one series of a probe's runs, newest first. */
  sketches(
    probe: string,
    series: string,
    limit: number,
  ): Promise<readonly { readonly run: Run; readonly sketch: SketchData }[]>;
  /** Newest run of each probe, by probe id. */
  latest(): Promise<readonly Run[]>;
  /** Deletes what has outlived its retention at `now` (epoch ms); answers how many runs. */
  prune(now: number): Promise<number>;
  close(): Promise<void>;
};
