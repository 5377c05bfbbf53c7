import type { Detectors, ProbeMemory, ProbeState } from '../judge/memory.ts';
import type { Observation } from '../judge/observation.ts';
import type { RegressionBase } from '../judge/regression.ts';
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
  /** Runs of this trigger, or of any of these. */
  readonly trigger?: Run['trigger'] | readonly Run['trigger'][];
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

/** Something that was done to a baseline, by a person or by itself. */
export type BaselineAct = {
  /** ISO. */
  readonly at: string;
  readonly act: 'started' | 'changed' | 'accepted' | 'pinned' | 'unpinned' | 'cleared' | 'deploy' | 'settled';
  /** Absent: all of them. */
  readonly series?: string;
  /** Who did it; `plimsoll` when it did it by itself. */
  readonly who: string;
  readonly why: string;
  /** The level that was taken over the one before. */
  readonly ratio?: number;
};

/** The accepted past of a probe: what its latency is compared with. Plain JSON. */
export type BaselineDocument = {
  readonly probe: string;
  /** Of what determines the probe's latency: another one starts anew. */
  readonly fingerprint: string;
  /** Counts its changes: what is written must follow on what was read. */
  readonly revision: number;
  /** ISO slot of its first run. */
  readonly startedAt: string;
  /** By series: `total`, `step:list`. */
  readonly series: Readonly<Record<string, RegressionBase>>;
  /** Newest last, 50 at most. */
  readonly history: readonly BaselineAct[];
};

type MarkCommon = {
  /** ISO. */
  readonly at: string;
  /** Ids; none: all probes. */
  readonly probes: readonly string[];
  readonly who: string;
  readonly why?: string;
};

export type DeployMark = MarkCommon & { readonly kind: 'deploy'; readonly version?: string };

/** Until then what runs say moves no alarm: a drill breaks the service on purpose. The last one of a run counts. */
export type MuteMark = MarkCommon & {
  readonly kind: 'mute';
  /** ISO. */
  readonly until: string;
  /** Of the drill. */
  readonly run: string;
};

/** Something that happened to the service, put on record by a person, a pipeline or a drill. */
export type Mark = DeployMark | MuteMark;

/** One step of the judge over one probe: all of it is kept, or nothing. */
export type JudgeStep = {
  /** Its revision is one more than that of the state that was read; 1 where there was none. */
  readonly state: ProbeState;
  readonly detectors: Detectors;
  readonly events: readonly PageEvent[];
  /** When it changed; likewise one more than what was read. */
  readonly baseline?: BaselineDocument;
};

/** Keeps runs, the states of probes, and the events that are still to be sent. Every adapter passes `test/support/store-contract.ts`. */
export type Store = {
  /** Stores a run once: a second one with the same run id changes nothing and answers `duplicate`. */
  put(stored: StoredRun): Promise<'stored' | 'duplicate'>;
  get(runId: string): Promise<StoredRun | undefined>;
  /** Run documents without samples. */
  list(query?: RunQuery): Promise<readonly Run[]>;
  /** What the judge saw of a probe's runs, oldest first, in constant memory; of slots from (inclusive) and to (exclusive), ISO. */
  history(probe: string, range?: { readonly from?: string; readonly to?: string }): AsyncIterable<Observation>;
  /** Newest run of each probe, by probe id. */
  latest(): Promise<readonly Run[]>;
  state(probe: string): Promise<ProbeState | undefined>;
  /** By probe id. */
  states(): Promise<readonly ProbeState[]>;
  /** All that the judge remembers of a probe, as of one moment; a baseline may be there before any state is. */
  memory(probe: string): Promise<Partial<ProbeMemory>>;
  /**
   * Keeps a step with the events that it brought, all or nothing. `stale`, and nothing is kept, when the state or the
   * baseline that is there is not the one that the step follows on: read again, and take the step again.
   */
  advance(step: JudgeStep): Promise<'stored' | 'stale'>;
  baseline(probe: string): Promise<BaselineDocument | undefined>;
  /** By probe id. */
  baselines(): Promise<readonly BaselineDocument[]>;
  /** A person's change. `stale`, and nothing is kept, unless its revision follows on the one that is there (1: on none). */
  putBaseline(document: BaselineDocument): Promise<'stored' | 'stale'>;
  mark(mark: Mark): Promise<void>;
  /** Those that concern a probe, oldest first; `after` (ISO, exclusive). */
  marks(probe: string, after?: string): Promise<readonly Mark[]>;
  /** Events that nothing settled yet, in the order in which they came; of one probe, or of all. */
  pendingEvents(probe?: string): Promise<readonly PageEvent[]>;
  /** Ends an event, once: `unknown` when it is none of those pending. */
  settleEvent(eventId: string, outcome: EventOutcome): Promise<'settled' | 'unknown'>;
  /** Deletes what has outlived its retention at `now` (epoch ms), but no state and no baseline; answers how many runs. */
  prune(now: number): Promise<number>;
  close(): Promise<void>;
};
