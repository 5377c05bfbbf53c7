import type { StepType } from '../config/plan.ts';

/** A duration in ms; `null` is above every limit (refused, reset: it never answered). */
export type LatencyMs = number | null;

export type Percentiles = {
  readonly min: LatencyMs;
  readonly p50: LatencyMs;
  readonly p90: LatencyMs;
  readonly p95: LatencyMs;
  readonly p99: LatencyMs;
  readonly max: LatencyMs;
};

/** `handshake`: the protocol's own, after the upgrade. `close`: from our close frame to the end of the connection. */
export type Phase =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'upgrade'
  | 'handshake'
  | 'firstByte'
  | 'download'
  | 'firstFrame'
  | 'close';
export type PhasesMs = Partial<Record<Phase, number>>;

/**
 * Where a step broke. `guard`: an address that we refuse to reach. `limit`: a cap of ours on the reply. `prober`: our
 * own side, which never counts against the service.
 */
export type FailureKind =
  | 'dns'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'tls'
  | 'protocol'
  | 'upgrade'
  | 'closed'
  | 'redirect'
  | 'capture'
  | 'template'
  | 'guard'
  | 'limit'
  | 'prober';

export type Failure = {
  readonly kind: FailureKind;
  /** Plain words with the figure, redacted: `no answer within 5,000 ms`. */
  readonly message: string;
  /** Of a websocket that was `closed` (RFC 6455 §7.4); 1006: it broke off without a close frame. */
  readonly closeCode?: number;
  /** As of a check that failed. */
  readonly frames?: readonly number[];
};

export type CheckResult = 'pass' | 'fail' | 'inconclusive';

export type CheckOutcome = {
  /** Unique in its step: `status equals 200`. */
  readonly name: string;
  readonly result: CheckResult;
  /** The value seen, cut and redacted. */
  readonly actual: string;
  /** Of one that failed over frames: the numbers of those that it speaks of; the last is where it broke. */
  readonly frames?: readonly number[];
};

export type StepOutcome = {
  readonly step: string;
  readonly type: StepType;
  readonly status: 'done' | 'failed' | 'skipped';
  /** Since the start of the pass. */
  readonly startMs: number;
  readonly latencyMs: LatencyMs;
  readonly phasesMs: PhasesMs;
  readonly checks: readonly CheckOutcome[];
  /** No complete response. */
  readonly failure?: Failure;
  /** Why it was skipped. */
  readonly reason?: string;
  /** A status of 400 and up that nobody expected. */
  readonly unexpectedStatus?: number;
  /** Requests sent: more than one with `until`. */
  readonly attempts: number;
  readonly reusedConnection?: boolean;
  /** What else the step measured: `send to ack`, `replay rate`. */
  readonly figures?: readonly Figure[];
  readonly soak?: SoakOutcome;
  /** What was sent and what came, redacted and cut; kept for the failed and for the last pass. */
  readonly evidence?: Evidence;
};

export type Figure = { readonly name: string; readonly value: number; readonly unit: 'ms' | 'messages/s' | 'messages' };

/** What a soak step saw, in a size that does not grow with its length. */
export type SoakOutcome = {
  /** Done, whole or not. */
  readonly iterations: number;
  readonly failed: number;
  /** Received. */
  readonly messages: number;
  readonly durationMs: number;
  /** The first of them. */
  readonly failures: readonly {
    readonly iteration: number;
    readonly step: string;
    readonly reason: string;
    /** Those that the reason speaks of. */
    readonly frames?: readonly number[];
  }[];
  /** Of each inner step, in order; of an open loop counted from the planned start of its iteration's first step. */
  readonly steps: readonly {
    readonly name: string;
    readonly samples: number;
    readonly unanswered: number;
    readonly latencyMs: Percentiles;
  }[];
  /** Open loop: how late iterations began. */
  readonly lateMs?: Percentiles;
};

export type Evidence = {
  readonly request?: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly bodyBytes: number;
    readonly remoteAddress?: string;
  };
  /** Numbered frames around the fault, oldest first. */
  readonly frames?: readonly FrameEvidence[];
};

export type FrameEvidence = {
  readonly n: number;
  readonly connection: string;
  readonly direction: 'in' | 'out' | 'life';
  /** Since the start of the pass. */
  readonly atMs: number;
  readonly text: string;
  /** The frame at fault: reports mark it. */
  readonly broken?: boolean;
};

/** The journal of a pass in a bounded size: what reports draw. Texts are redacted and cut. */
export type SequenceRecord = {
  readonly frames: number;
  /** Received. */
  readonly messages: number;
  /** In the order in which the pass opened them; how often, attempts that failed apart. */
  readonly connections: readonly { readonly name: string; readonly opened: number }[];
  /** Oldest first: what steps sent, claimed or missed, and what happened to connections. */
  readonly rungs: readonly Rung[];
  /** Received messages that no step claimed, heartbeats and housekeeping apart; most frequent first. */
  readonly leftovers: readonly Leftover[];
};

export type Rung =
  | {
      readonly kind: 'frame';
      readonly n: number;
      readonly connection: string;
      readonly generation: number;
      readonly direction: 'in' | 'out' | 'life';
      /** Since the start of the pass. */
      readonly atMs: number;
      readonly text: string;
      /** The step that sent or claimed it. */
      readonly step?: string;
      /** Sent or answered by the protocol itself. */
      readonly auto?: true;
      /** Where the sequence broke. */
      readonly broken?: true;
    }
  /** What a step awaited and never saw, or what should not have come: the broken link. */
  | {
      readonly kind: 'missing';
      readonly step: string;
      readonly atMs: number;
      readonly text: string;
      /** The one over which it was awaited; absent where it was awaited over several, or over none. */
      readonly connection?: string;
      /** Numbers of the frames that the text speaks of. */
      readonly frames?: readonly number[];
    }
  /** Frames left out here, to keep it short. */
  | { readonly kind: 'elided'; readonly frames: number };

export type Leftover = { readonly label: string; readonly count: number; readonly first: number };

/** One sample: a pass through all steps with its own captures. */
export type Pass = {
  readonly index: number;
  /** Since the start of the run. */
  readonly startMs: number;
  /** The whole pass; a timeout counts at its limit, a refusal is `null`. */
  readonly latencyMs: LatencyMs;
  /** Each step answered. */
  readonly complete: boolean;
  readonly steps: readonly StepOutcome[];
  /** Over the whole pass: invariants. */
  readonly checks: readonly CheckOutcome[];
  /** Of a websocket pass: what its journal held. Kept as long as evidence is. */
  readonly sequence?: SequenceRecord;
  /** The tool was slow while it measured: kept out of baselines. */
  readonly tainted: boolean;
  /** Worst event-loop delay while it ran. */
  readonly loopDelayMs: number;
};

/** A connection opened for itself, apart from the samples. */
export type ConnectionTiming = {
  readonly origin: string;
  readonly phasesMs: PhasesMs;
  readonly totalMs: LatencyMs;
  readonly failure?: Failure;
};

/** The tool's own state during a run. */
export type SelfState = {
  readonly cpuMs: number;
  readonly loopDelayMaxMs: number;
  /** Probes that ran side by side, this one included. */
  readonly concurrency: number;
  readonly taintedSamples: number;
  readonly node: string;
};

/** What a prober measured; no judgement in it. */
export type Result = {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly passes: readonly Pass[];
  /** Passes that were tainted and done again; not judged. */
  readonly repeated: readonly Pass[];
  readonly connections: readonly ConnectionTiming[];
  readonly cleanup: readonly StepOutcome[];
  readonly deadlineReached: boolean;
  /** `keep-alive` where a run has two samples or more. */
  readonly connectionMode: 'keep-alive' | 'fresh';
  readonly self: SelfState;
};
