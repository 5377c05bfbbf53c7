/**
 * The plan: what a config means once every default is filled in, every duration is in milliseconds and every small
 * language (thresholds, cron, matchers) is parsed. Plain frozen JSON: it crosses into Lambdas, so it holds no functions,
 * no secrets and nothing that `JSON.stringify` would lose.
 */

import type { Retention } from '../result/retention.ts';
import type { DrillPlan, TargetPlan } from './plan/drill.ts';
import type { Json } from './plan/json.ts';
import type { ProbePlan } from './plan/probe.ts';

export type * from './plan/codec.ts';
export type * from './plan/drill.ts';
export type * from './plan/frame.ts';
export type * from './plan/invariant.ts';
export type * from './plan/json.ts';
export type * from './plan/matcher.ts';
export type * from './plan/probe.ts';
export type * from './plan/request.ts';
export type * from './plan/step.ts';

/** `dev` is the default; the other three close the unsafe conveniences of a laptop. */
export type Environment = 'dev' | 'staging' | 'pilot' | 'prod';

export type Plan = {
  readonly service: string;
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly probes: readonly ProbePlan[];
  readonly targets: Readonly<Record<string, TargetPlan>>;
  readonly drills: readonly DrillPlan[];
  readonly notify: NotifyPlan;
  readonly gate?: GatePlan;
  readonly network: NetworkPlan;
  /** Times of announced trouble: what runs say in them moves no alarm. */
  readonly maintenance: readonly MaintenancePlan[];
  /** A place that has nothing to do with the service: asked when a probe cannot reach its own. */
  readonly control?: ControlPlan;
  /** What `backtest --rehearse` plays. */
  readonly rehearsal?: RehearsalPlan;
  /** What is published of each run: the metrics of the service, or two of each probe besides. Default `service`. */
  readonly metrics: 'service' | 'probe';
  /** How long a store keeps what. */
  readonly retention: Retention;
  /** Absent: a month may cost what it will. */
  readonly budget?: BudgetPlan;
  readonly cloud: CloudPlan;
};

export type BudgetPlan = { readonly monthlyUsd: number };

export type CloudPlan = {
  /** What stays when the stack is removed. Default none. */
  readonly keep: readonly ('table' | 'bucket')[];
  /** Encrypt with a KMS key of one's own. Default false. */
  readonly customerKey: boolean;
  /** Name or ARN of the managed policy that bounds every role. */
  readonly permissionsBoundary?: string;
  /** Messages of the work queue in hand at once, 2 to 1,000. Default 50. */
  readonly maxConcurrency: number;
};

export type ControlPlan = {
  /** Template. Any answer over HTTP proves that our own network works. */
  readonly url: string;
  readonly timeoutMs: number;
};

export type RehearsalPlan = {
  readonly spanMs: number;
  /** Of the simulated target: the same seed gives the same rehearsal. */
  readonly seed: number;
  readonly incidents: readonly RehearsalIncident[];
};

export type RehearsalIncident = {
  readonly probes: readonly string[];
  /** Since the start of the rehearsal. */
  readonly startMs: number;
  readonly forMs: number;
  readonly effect: RehearsalEffect;
  /** The route that must be told of it; `none`: nobody may be. */
  readonly expect: 'page' | 'ticket' | 'monitoring' | 'none';
  /** Latest time after its start that somebody is told. */
  readonly withinMs: number;
};

/** What happens to the simulated target. Shares and growths are fractions. */
export type RehearsalEffect =
  | { readonly kind: 'down' | 'blind' }
  | { readonly kind: 'errors' | 'tail'; readonly share: number }
  | { readonly kind: 'slower'; readonly by: number }
  | { readonly kind: 'creep'; readonly byPerDay: number };

export type MaintenancePlan = {
  readonly reason: string;
  /** Probe ids; none: all of them. */
  readonly probes: readonly string[];
  readonly when:
    | { readonly kind: 'once'; readonly fromMs: number; readonly toMs: number }
    | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string; readonly forMs: number };
};

/** `flag`, or a scheme and a name: `env:NAME`, `ssm:/path`, `secretsmanager:id`. */
export type VariableSource = 'flag' | `env:${string}` | `ssm:${string}` | `secretsmanager:${string}`;

export type VariableSpec = {
  /** Tried in this order; the first that is set wins. */
  readonly from: readonly VariableSource[];
  readonly default?: string;
  readonly required: boolean;
  readonly secret: boolean;
};

/** CIDR ranges that the guard opens beyond the public internet. */
export type NetworkPlan = { readonly allow: readonly string[] };

export type Channel = { readonly kind: string; readonly options: { readonly [key: string]: Json } };
export type NotifyPlan = {
  readonly page: readonly Channel[];
  readonly ticket: readonly Channel[];
  readonly monitoring: readonly Channel[];
};

export type GatePlan = {
  readonly maxAgeMs: number;
  /** Reports all the same, and never stops a release. Default false. */
  readonly advisory: boolean;
  readonly inputs: Readonly<
    Record<string, { readonly min?: number; readonly max?: number; readonly required: boolean }>
  >;
};
