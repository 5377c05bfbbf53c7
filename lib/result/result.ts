import type { Environment, ProbeKind, Severity, StepType } from '../config/plan.ts';
import type {
  ConnectionTiming,
  Figure,
  LatencyMs,
  Pass,
  Percentiles,
  Phase,
  PhasesMs,
  SelfState,
  SoakOutcome,
  StepOutcome,
} from './measurement.ts';

export type * from './measurement.ts';

/** What a run says of the service. `inconclusive`: our own side failed, or there is too little evidence. */
export type Verdict = 'pass' | 'degraded' | 'fail' | 'inconclusive';

/** Only `done` has a verdict. */
export type RunStatus = 'done' | 'skipped' | 'late' | 'missed' | 'deferred';

export type StepSummary = {
  readonly name: string;
  readonly type: StepType;
  readonly status: 'done' | 'failed' | 'skipped';
  readonly reason?: string;
  readonly samples: number;
  readonly latencyMs: Percentiles;
  /** Medians. */
  readonly phasesMs: PhasesMs;
  readonly thresholds: readonly ThresholdResult[];
  /** Medians. */
  readonly figures?: readonly Figure[];
  /** Of the pass that is shown. */
  readonly soak?: SoakOutcome;
};

export type ThresholdResult = {
  readonly threshold: string;
  /** Step name, or nothing for the probe's own. */
  readonly step?: string;
  readonly actual: LatencyMs;
  readonly unit: 'ms' | 'fraction';
  readonly passed: boolean;
  /** Bad events of total, for objectives that count (percentiles and rates). */
  readonly bad?: number;
  readonly total?: number;
  readonly budget?: number;
  /** Clopper-Pearson 95 % interval of the bad share. */
  readonly interval?: readonly [number, number];
  /** What the interval supports by itself, beyond this one run. */
  readonly confident?: 'pass' | 'fail' | 'inconclusive';
  /** Share of the error budget of the whole window that is left after this run; below 0 it is overspent. Scheduled runs alone. */
  readonly budgetLeft?: number;
};

/** A latency series that baselines keep apart: `total`, `step:list`, `connect:https://api.example`. */
export type SeriesSummary = {
  readonly name: string;
  readonly connection: 'keep-alive' | 'fresh';
  readonly samples: number;
  /** Refused or reset: above every limit, and so not in the sketch. */
  readonly unanswered: number;
  readonly latencyMs: Percentiles;
};

export type CheckSummary = {
  readonly name: string;
  readonly step?: string;
  readonly passed: number;
  readonly total: number;
  /** Evaluated on too little to say; in neither number above. */
  readonly inconclusive: number;
  /** Of the first failure; else of the last pass. */
  readonly actual: string;
};

export type BaselineReport = {
  readonly state: 'off' | 'none' | 'provisional' | 'active';
  /** p95 over the baseline's p95, of the total. */
  readonly ratio: number | null;
  /** 95 % interval of the ratio; an upper end of `null` is open. */
  readonly interval: readonly [number, number | null] | null;
  /** Accepted runs behind it. */
  readonly runs: number;
  /** What the runs up to this one say together; absent while there is nothing to compare with. */
  readonly trend?: Trend;
};

/** A change of latency as several runs show it. */
export type Trend = {
  /** A regression beyond doubt, and not over yet. */
  readonly confirmed: boolean;
  /** The run passed by itself: nothing but this makes it `degraded`. */
  readonly decisive: boolean;
  /** The series that shows it most: `total`, `step:list`. */
  readonly series: string;
  /** ISO slot of the first run that was slower; `null`: none is. */
  readonly since: string | null;
  /** Runs and samples since then. */
  readonly runs: number;
  readonly n: number;
  readonly ratio: number | null;
  /** 95 %; an upper end of `null` is open. */
  readonly interval: readonly [number, number | null] | null;
  /** How many more such runs would settle it. */
  readonly moreRuns: number | null;
  /** In plain words, with the figures. */
  readonly reason: string;
};

/**
 * Where a run that is not good broke, from our own side outwards. `http`: the protocol, or a gateway before the service.
 * `latency`: right answers, too late. `evidence`: too little of it to say.
 */
export type FaultPlace = 'prober' | 'dns' | 'tcp' | 'tls' | 'http' | 'application' | 'latency' | 'evidence';

/** Whose fault a run looks like, as far as one run from one place can tell. */
export type Attribution = {
  readonly at: FaultPlace;
  /** Who, and by what: `the service: it answered 500`. Holds what targets sent, redacted. */
  readonly words: string;
  /** What was under way when it broke, or what took the time. */
  readonly phase?: Phase;
  /** What the control target said when the service could not be reached; absent where it was not asked. */
  readonly control?: 'answered' | 'silent';
};

export type Run = {
  readonly runId: string;
  readonly probe: string;
  readonly kind: ProbeKind;
  /** ISO time it was due; for a run on demand, when it was asked for. */
  readonly slot: string;
  /** `confirm`: an extra run soon after a total failure, so that a slow schedule need not wait for its next slot. */
  readonly trigger: 'schedule' | 'demand' | 'confirm';
  readonly region: string;
  readonly environment: Environment;
  /** Variables were set for this one run, so that it may have measured something else: no baseline learns from it. */
  readonly overridden?: true;
  readonly startedAt: string;
  /** By a schedule: how much later it began than it was due, which is its slot and its probe's own offset. */
  readonly lateMs?: number;
  readonly durationMs: number;
  readonly status: RunStatus;
  /** Of a `missed` one: how many slots it stands for, from this ISO slot up to its own. */
  readonly missed?: { readonly slots: number; readonly from: string };
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  /** Of a run that is `degraded`, `fail` or `inconclusive`. */
  readonly attribution?: Attribution;
  /** Passes measured, of `planned`; those that got no answer included. */
  readonly samples: number;
  readonly planned: number;
  /** Passes that were complete and right. */
  readonly good: number;
  readonly latencyMs: Percentiles;
  readonly phasesMs: PhasesMs;
  readonly steps: readonly StepSummary[];
  readonly series: readonly SeriesSummary[];
  readonly checks: readonly CheckSummary[];
  readonly slo: readonly ThresholdResult[];
  /** `alarm.recoverWhen` on this run; absent where there is none. */
  readonly recovery?: readonly ThresholdResult[];
  readonly baseline: BaselineReport;
  readonly connections: readonly ConnectionTiming[];
  readonly cleanup: readonly {
    readonly name: string;
    readonly status: StepOutcome['status'];
    readonly problem?: string;
  }[];
  readonly self: SelfState | null;
  readonly severity: Severity;
  readonly runbook?: string;
  /** The first pass that failed, whole; else the median pass: the waterfall of the report. */
  readonly exemplar: Pass | null;
};

/** Answer of `run --json`. */
export type RunDocument = {
  readonly schema: 1;
  readonly tool: string;
  readonly service: string;
  readonly environment: Environment;
  readonly startedAt: string;
  readonly verdict: Verdict | null;
  readonly variables: readonly VariableReport[];
  readonly runs: readonly Run[];
};

export type VariableReport = {
  readonly name: string;
  readonly set: boolean;
  /** `flag`, `env:NAME`, `default`…; `null` when nothing set it. */
  readonly source: string | null;
  /** Sources that could not be read here, where nothing else set it. */
  readonly passedOver?: readonly string[];
  readonly required: boolean;
  readonly secret: boolean;
  /** Never of a secret. */
  readonly value?: string;
};
