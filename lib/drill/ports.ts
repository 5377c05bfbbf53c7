import type { DrillPlan, Json, TargetPlan } from '../config/plan.ts';
import type { Listing } from './ledger.ts';
import type {
  DrillRecord,
  Entry,
  EpochMs,
  Finding,
  Observation,
  Reading,
  RestartReceipt,
  Sighting,
  StreamHead,
} from './record.ts';
import type { DrillReport } from './report.ts';

/** Grows with each holder of a lock: what an old holder still does can be told from what the new one does. */
export type Fence = number;

export type Held = { readonly by: string; readonly until: EpochMs };

/**
 * How the target is written to and asked, whatever it is: its plan says it all. Never throws for a sick target; a signal that
 * is aborted ends a call soon, with `unknown`, `unreadable` or a problem.
 */
export type Target = {
  /** `refused` only where the target surely did not take it; a 5xx or no answer is `unknown`. */
  write(entry: { readonly id: string; readonly phase: Entry['phase'] }, signal: AbortSignal): Promise<Entry>;
  read(entry: Entry, signal: AbortSignal): Promise<Reading>;
  /** Absent where the plan has no way to list; else all that there is, and not a page of it. */
  list(signal: AbortSignal): Promise<Listing | { readonly problem: string }>;
  remove(entry: Entry, signal: AbortSignal): Promise<{ readonly problem?: string }>;
  identify(signal: AbortSignal): Promise<Sighting>;
  ready(signal: AbortSignal): Promise<{ readonly problem?: string }>;
  /** Each read model that must agree with the events. */
  projections(signal: AbortSignal): Promise<readonly Finding[]>;
  /** What a stream shows, and how far it is acknowledged. */
  head(stream: string, signal: AbortSignal): Promise<StreamHead | { readonly problem: string }>;
  /**
   * Replays a stream and holds it against what it was: a prefix, no gap, no repeat, acks where they were, stale acks refused;
   * and against what a live client saw of it.
   */
  checkStream(before: StreamHead, watched: Watched, signal: AbortSignal): Promise<StreamCheck>;
  /** Follows streams live from now on, in the background; `undefined`: the plan does not say how. */
  observe(watch: Watch, signal: AbortSignal): Observer | undefined;
};

export type Watch = {
  /** The cursor behind which each is followed; the plan's own where there is none. */
  readonly streams: readonly { readonly stream: string; readonly cursor?: Json }[];
  /** What all ids of this drill begin with: by it an event names its writes. */
  readonly idPrefix: string;
  /** Connections that were opened before. */
  readonly generations: number;
  /** Events beyond so many are only counted. */
  readonly room: number;
  /** Between two tries to connect. */
  readonly everyMs: number;
};

/** A live client of the target's streams: comes back by itself, each time from the last cursor that it saw. Never throws. */
export type Observer = {
  /** What it saw since this was asked last. */
  drain(): readonly Observation[];
  /**
   * Waits until it is connected and nothing more comes, which it notes; patiently while an event that names one of `owed` has
   * not come, though others of the drill have. Ends at once when the signal aborts.
   */
  settle(owed: readonly string[], signal: AbortSignal): Promise<void>;
  /** Hangs up. What it saw until then can still be drained. */
  close(): Promise<void>;
};

/** What is known when a stream is held against what a live client saw. */
export type Watched = {
  readonly observations: readonly Observation[];
  readonly idPrefix: string;
  /** Writes through the restart that were acknowledged, and are not lost: each is owed its event. */
  readonly owed: readonly string[];
  /** Lost writes that the RPO allows: what was told of them may be lost, too. */
  readonly allowed: readonly string[];
};

export type StreamCheck = {
  readonly findings: readonly Finding[];
  /** Writes of the drill that the stream names now; absent: it could not be replayed. */
  readonly named?: readonly string[];
};

/** Asks for the restart. @throws DrillError when it was not accepted. */
export type Restarter = (context: {
  readonly drill: DrillPlan;
  readonly runId: string;
  readonly signal: AbortSignal;
}) => Promise<RestartReceipt>;

/** `start`: all gates count. `under way`: only those that stop a drill: kill switch and alarms, not windows or intervals. */
export type GateMoment = 'start' | 'under way';

/** What stands against a drill now, each in words; `warnings` do not close the gate. `createGates` makes one. */
export type Gates = (
  signal: AbortSignal,
  moment: GateMoment,
) => Promise<{ readonly closed: readonly string[]; readonly warnings: readonly string[] }>;

/**
 * What a drill writes down, by part: parts are written by themselves, so two branches never overwrite each other. `read` puts
 * them together with `assembleRecord`.
 */
export type DrillStore = {
  read(runId: string): Promise<DrillRecord | undefined>;
  /** Those of these parts that are there, as they were put: a record grows with its drill, and some ask once a second. */
  parts(runId: string, names: readonly string[]): Promise<ReadonlyMap<string, Json>>;
  /** `part` names it: `request`, `entries/seed`, `ticks/3`… In place of an earlier one of that name. */
  put(runId: string, part: string, value: Json): Promise<void>;
  /** Answers whether it was the first: what may happen once only asks this. */
  putOnce(runId: string, part: string, value: Json): Promise<boolean>;
  acquire(target: string, owner: string, leaseMs: number): Promise<{ readonly fence: Fence } | { readonly held: Held }>;
  renew(target: string, owner: string, fence: Fence, leaseMs: number): Promise<boolean>;
  /** Only by the owner that still holds it; answers whether it did. */
  release(target: string, owner: string, fence: Fence): Promise<boolean>;
  /** Runs that hold a lock or never ended though their lease is over. */
  orphans(): Promise<readonly string[]>;
  killSwitch(): Promise<{ readonly on: boolean; readonly reason?: string }>;
  setKillSwitch(on: boolean, reason: string): Promise<void>;
  /**
   * Keeps the first report of a run. @throws DrillError `Drill.Transient` where `previous` is not the hash of the newest report of
   * that drill any more: another came between, and this one is composed again.
   */
  publish(report: DrillReport): Promise<void>;
  /** Newest first. */
  reports(drillId: string, most: number): Promise<readonly DrillReport[]>;
};

/** `sleep` ends early when the signal is aborted. */
export type DrillClock = { now(): EpochMs; sleep(ms: number, signal: AbortSignal): Promise<void> };

export type Ports = {
  readonly service: string;
  readonly environment: string;
  readonly drill: DrillPlan;
  readonly targetPlan: TargetPlan;
  readonly target: Target;
  readonly restart: Restarter;
  readonly gates: Gates;
  readonly store: DrillStore;
  readonly clock: DrillClock;
  /** Who holds the lock: the execution. */
  readonly owner: string;
  readonly toolVersion: string;
  /** Of the plan, so that a report says what it was made with. */
  readonly configHash: string;
  /** Told in one line what is under way; for a live view. */
  readonly progress: (event: Progress) => void;
  /** Keeps the drill's own blast from paging, until a time. */
  readonly mute: (until: EpochMs, reason: string) => Promise<void>;
};

export type Progress =
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'tick'; readonly good: boolean; readonly acknowledged: number; readonly downMs: number };

/** A fault of the drill itself, by the name that the machine's Retry and Catch know. */
export type DrillErrorName = 'Drill.Transient' | 'Drill.RestartRefused' | 'Harness.Broken';

export class DrillError extends Error {
  override readonly name: DrillErrorName;

  constructor(name: DrillErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
