import type { ProbeState } from '../judge/state.ts';
import type { PageEvent } from '../page/event.ts';
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
  readonly trigger?: Run['trigger'];
  /** Only those whose verdict is `degraded`, `fail` or `inconclusive`. */
  readonly notGood?: boolean;
  /** Default 100. */
  readonly limit?: number;
  /** By slot. Default `newest`. */
  readonly order?: 'newest' | 'oldest';
};

/** How the sending of an event ended. */
export type EventOutcome = {
  /** `refused`: a receiver will not have it. `expired`: nobody took it in time. `unrouted`: it had nobody to go to. */
  readonly result: 'sent' | 'refused' | 'expired' | 'unrouted';
  /** In words, redacted. */
  readonly detail: string;
  /** ISO time. */
  readonly at: string;
};

/** Keeps runs, the states of probes, and the events that are still to be sent. Every adapter passes `test/support/store-contract.ts`. */
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
  state(probe: string): Promise<ProbeState | undefined>;
  /** By probe id. */
  states(): Promise<readonly ProbeState[]>;
  /**
   * Keeps a state and the event that it brought, both or neither. `stale`, and nothing is kept, when the state that is
   * there is of the same slot or a newer one.
   */
  advance(state: ProbeState, event?: PageEvent): Promise<'stored' | 'stale'>;
  /** Events that nothing settled yet, in the order in which they came. */
  pendingEvents(): Promise<readonly PageEvent[]>;
  /** Ends an event, once: `unknown` when it is none of those pending. */
  settleEvent(eventId: string, outcome: EventOutcome): Promise<'settled' | 'unknown'>;
  /** Deletes what has outlived its retention at `now` (epoch ms); answers how many runs. */
  prune(now: number): Promise<number>;
  close(): Promise<void>;
};
