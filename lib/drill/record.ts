import type { Json } from '../config/plan.ts';
import type { Proof } from './identity.ts';
import type { Fence } from './ports.ts';
import type { DrillState } from './states.ts';
import type { Verdict } from './verdict.ts';

/** Epoch ms: a drill goes through several processes, which share no monotonic clock. */
export type EpochMs = number;

/**
 * `seed`: before the restart. `through`: while it went on. `after`: on the recovered service. `ghost`: never sent, or sent
 * and removed again before the restart: a reader that shows it cannot say no.
 */
export type Phase = 'seed' | 'through' | 'after' | 'ghost';

/**
 * One write of the ledger. `acknowledged`: the service said yes. `refused`: it said no. `unknown`: nobody can tell, for no
 * answer came. The words are Jepsen's ok, fail and info.
 */
export type Entry = {
  /** Unique: what the write carried, and its idempotency key. */
  readonly id: string;
  readonly phase: Phase;
  readonly invokedAt: EpochMs;
  /** When the answer came, or the wait for it ended. */
  readonly endedAt: EpochMs;
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** What the answer gave for later reads. */
  readonly captures: Readonly<Record<string, Json>>;
  /** Why it is not acknowledged. */
  readonly problem?: string;
};

/** One look at one entry. */
export type Reading = {
  readonly id: string;
  readonly at: EpochMs;
  readonly found: 'present' | 'absent' | 'different' | 'unreadable';
  /** Of what is there: equal digests, equal content. */
  readonly digest?: string;
  readonly problem?: string;
};

/** Who the target says it is, at one moment. */
export type Sighting = {
  readonly at: EpochMs;
  /** Changes with each start of the process. Where it is absent, the start time stands for it. */
  readonly boot?: string;
  readonly startedAt?: EpochMs;
  /** Names the history: another one has lost the one before. */
  readonly epoch?: string;
};

/** One turn of the sampler: writes, a read and a look at the identity, all of which must do. */
export type Tick = {
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly good: boolean;
  /** Who answered, as `identityOf` names it. */
  readonly boot?: string;
  /** What was not good. */
  readonly problem?: string;
};

/** Where a stream stood before the restart. */
export type StreamHead = {
  readonly stream: string;
  /** Every event that was seen, oldest first, as its cursor and a digest of the whole. */
  readonly events: readonly { readonly cursor: Json; readonly digest: string }[];
  readonly acked?: Json;
  /** What the server named its history when it was followed. */
  readonly epoch?: string;
};

/** An event of a stream: where it stood, a digest of the whole, and which writes of the drill it names anywhere. */
export type StreamEvent = StreamHead['events'][number] & { readonly entries: readonly string[] };

/**
 * What a live client of the target's streams saw, in the order in which it did. `generation` counts its connections from 1,
 * through all slices of the sampler.
 */
export type Observation =
  | { readonly kind: 'opened'; readonly at: EpochMs; readonly generation: number }
  | {
      readonly kind: 'closed';
      readonly at: EpochMs;
      readonly generation: number;
      readonly code: number;
      readonly reason: string;
      /** Why the client itself hung up. */
      readonly problem?: string;
      /** The watching was over. */
      readonly own?: true;
    }
  /** A connection that never came to be. `ours`: for want of words or of a value, and no later one will. */
  | { readonly kind: 'refused'; readonly at: EpochMs; readonly problem: string; readonly ours?: true }
  | ({
      readonly kind: 'event';
      readonly at: EpochMs;
      readonly generation: number;
      readonly stream: string;
    } & StreamEvent)
  /** Connected, full function back, and nothing more came: whatever was owed had its time to come. */
  | { readonly kind: 'settled'; readonly at: EpochMs }
  /** So many events came that there was no room for. */
  | { readonly kind: 'dropped'; readonly at: EpochMs; readonly events: number };

export type ObservedEvent = Extract<Observation, { readonly kind: 'event' }>;

export type Finding = {
  /** `ledger`, `streams`, `projections`, `liveness`, `identity`… */
  readonly area: Area;
  /** Unique in its area: `no acknowledged write is lost`. */
  readonly check: string;
  readonly result: 'pass' | 'fail' | 'inconclusive';
  readonly actual: string;
  /** Ids, cursors and frames that show it; the first of them. */
  readonly witnesses: readonly string[];
};

export type Area =
  | 'baseline'
  | 'identity'
  | 'ledger'
  | 'order'
  | 'streams'
  | 'projections'
  | 'liveness'
  | 'rto'
  | 'rpo'
  | 'cleanup'
  | 'steady';

/** What a restart adapter says of the restart that it asked for. */
export type RestartReceipt = {
  readonly adapter: string;
  readonly acceptedAt: EpochMs;
  /** As the platform names it: a task, a process id, a command id. */
  readonly platformIds: readonly string[];
  readonly details: Readonly<Record<string, Json>>;
};

export type Request = {
  readonly drillId: string;
  readonly runId: string;
  readonly requester: string;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly trigger: 'demand' | 'schedule';
};

/** How far a drill got, apart from what it found. */
export type Status = 'running' | 'completed' | 'refused' | 'aborted' | 'interrupted' | 'failed';

/** How a drill ended before it had found all that it looks for; the first of them counts. */
export type Ending = { readonly verdict: Verdict; readonly reasons: readonly string[] };

/** What was seen without a restart: only what holds then can show anything after one. */
export type Controls = {
  /** Two readings of the same entry gave the same digest. */
  readonly digests: boolean;
  /** The list showed every acknowledged seed. */
  readonly listing: boolean;
  /** A seed that was sent again made nothing new. */
  readonly resend: boolean;
};

export type TrailEntry = { readonly state: DrillState; readonly at: EpochMs; readonly note?: string };

/** All that a drill knows, by part; each state reads and writes parts of it. */
export type DrillRecord = {
  readonly request: Request;
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly status: Status;
  readonly verdict?: Verdict;
  /** States in the order in which they were entered. */
  readonly trail: readonly TrailEntry[];
  readonly fence?: Fence;
  /** Who took the lock. */
  readonly owner?: string;
  readonly ending?: Ending;
  /** Somebody asked the drill to end: Ctrl-C, a person in the console. */
  readonly stop?: string;
  /** The execution died and somebody else concluded it. */
  readonly interruption?: string;
  /** What states said when they failed. */
  readonly faults: readonly string[];
  /** Why it was refused, aborted or failed. */
  readonly reasons: readonly string[];
  readonly entries: readonly Entry[];
  /** What a resend made anew, though it should not have: to be removed with the rest. */
  readonly copies: readonly Entry[];
  /** Of the seeds, before the restart. */
  readonly seedReadings: readonly Reading[];
  /** Since the restart, oldest first. */
  readonly readings: readonly Reading[];
  /** Ids of ours that the list showed after the restart, each as often as it did. */
  readonly listing?: readonly string[];
  readonly controls?: Controls;
  readonly before: readonly Sighting[];
  readonly after: readonly Sighting[];
  readonly heads: readonly StreamHead[];
  readonly ticks: readonly Tick[];
  /** Of a live client, through the restart. */
  readonly observations: readonly Observation[];
  /** Turns of the sampler that were begun. */
  readonly turns: number;
  /** Just before the restart was asked for: nothing earlier is its doing. */
  readonly askedAt?: EpochMs;
  readonly receipt?: RestartReceipt;
  /** Why the restart was not accepted. */
  readonly restartProblem?: string;
  readonly proof?: Proof;
  readonly findings: readonly Finding[];
  /** States whose findings are in. */
  readonly verified: readonly DrillState[];
  /** States whose last visit threw. */
  readonly broken: readonly DrillState[];
  /** What this drill could not show, in words. */
  readonly notExercised: readonly string[];
  /** Entries that could not be removed. */
  readonly leftovers: readonly string[];
};
