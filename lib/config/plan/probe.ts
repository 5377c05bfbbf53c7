import type { CodecPlan } from './codec.ts';
import type { Invariant } from './invariant.ts';
import type { Step } from './step.ts';

export type Severity = 'page' | 'ticket' | 'none';

export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string };

export type ProbeKind = 'http' | 'websocket';

export type ProbePlan = {
  readonly id: string;
  readonly kind: ProbeKind;
  readonly description?: string;
  /** Absent: on demand only. */
  readonly schedule?: Schedule;
  /** Passes a run makes. Default 5; 1 for websockets and for flows with side effects. */
  readonly samples: number;
  /** Bounds one step. Default 10,000. */
  readonly timeoutMs: number;
  /** Bounds the run. Default: the cadence, at most 600,000. */
  readonly deadlineMs: number;
  readonly severity: Severity;
  readonly runbook?: string;
  readonly alarm: AlarmPlan;
  /** `false`, or a template that renders to `false`, `0`, `no`, `off` or nothing: the run is `skipped`. */
  readonly enabled: boolean | string;
  /** Variables that the probe needs beyond those that its templates show. */
  readonly needs: readonly string[];
  /** Work put off on purpose: every report shows it until it is lifted. */
  readonly deferred?: { readonly reason: string; readonly until?: string };
  readonly codec: CodecPlan;
  readonly steps: readonly Step[];
  /** Run after each pass with its captures, whatever happened; not in the latency, reported, never judged. */
  readonly cleanup: readonly Step[];
  readonly invariants: readonly Invariant[];
  readonly slo?: SloPlan;
  readonly baseline: BaselinePlan;
};

export type AlarmPlan = {
  /** Breached after `bad` of the last `of` runs. Default 2 of 3. */
  readonly breachAfter: { readonly bad: number; readonly of: number };
  /** Good runs in a row until it counts as recovered. Default 2; 1 from a weekly cadence on. */
  readonly recoverAfter: number;
  /** What a good run must hold besides to count towards recovery: a line below the one that breaches. */
  readonly recoverWhen: readonly Threshold[];
  /** An extra run this long after the first total failure (weekly: the first bad run), not to wait for the next; `null`: none. */
  readonly confirmAfterMs: number | null;
  /** Slots in a row without a run until the probe is overdue. Default 2. */
  readonly overdueAfter: number;
  /** For this long after a deploy marker bad runs are pending, and breach only when they go on. Default 0. */
  readonly deployGraceMs: number;
  /** A CloudWatch alarm of its own. Default false. */
  readonly dedicated: boolean;
};

export type SloPlan = {
  /** Share of passes that must be good, 0 to 1. */
  readonly objective?: number;
  readonly windowMs: number;
  readonly thresholds: readonly Threshold[];
};

export type BaselinePlan = {
  readonly enabled: boolean;
  /** Allowed growth of p95 over the baseline, as a fraction: 0.2 is 20 %. */
  readonly maxRegression: number;
  /** Route of a confirmed regression, never louder than the probe's own. Default `ticket`. */
  readonly severity: Severity;
  /** What a deploy marker does to it. Default `keep`. */
  readonly onDeploy: 'keep' | 'restart';
};

/** One k6-style threshold, `p(95)<400`. Latencies are in milliseconds, rates are fractions. */
export type Threshold = {
  /** As the user wrote it, for every report. */
  readonly source: string;
  readonly metric: ThresholdMetric;
  readonly op: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly value: number;
};

export type ThresholdMetric =
  | { readonly kind: 'percentile'; readonly percentile: number }
  | { readonly kind: 'avg' | 'min' | 'med' | 'max' | 'failed' | 'checks' };
