import type { CodecPlan } from './codec.ts';
import type { Cursor } from './frame.ts';
import type { Json } from './json.ts';
import type { Schedule, Severity } from './probe.ts';
import type { HttpExpectation, RequestStep } from './request.ts';

export type TargetPlan = {
  /** Command that starts it on a laptop; the first word is the program. */
  readonly start?: readonly string[];
  /** Environment of that command beside our own. Templates. */
  readonly env: Readonly<Record<string, string>>;
  /** URL that answers 2xx once it is ready. */
  readonly ready?: string;
  readonly identity?: IdentityPlan;
  readonly ledger?: LedgerPlan;
  /** A live tag that the platform must show before the target may be restarted (`drill=allowed`). */
  readonly tag: { readonly key: string; readonly value: string };
};

/** Where a target says who it is: JSON by path, or Prometheus text (`process_start_time_seconds`). */
export type IdentityPlan = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSONPath, or the name of a metric. One of `boot` and `startedAt` is there, and stands for the other. */
  readonly boot?: string;
  readonly startedAt?: string;
  readonly epoch?: string;
  readonly format: 'json' | 'prometheus';
};

export type LedgerPlan = {
  readonly write: RequestStep;
  readonly read: RequestStep & { readonly absent: HttpExpectation };
  readonly remove?: RequestStep;
  /** Answers the ids that it knows: a JSONPath over the answer finds each entry's id. */
  readonly list?: RequestStep & { readonly ids?: string; readonly next?: NextPage };
  readonly streams: readonly string[];
  /** How streams are followed. */
  readonly follow?: FollowPlan;
  /** Read models that must agree with the events: expectations that hold when they do. */
  readonly projections: readonly RequestStep[];
  /** Writes a second while the restart goes on. Default 5. */
  readonly ratePerS: number;
};

/** What a page of a listing says about the next: where it is, and the query parameter that asks for it. */
export type NextPage = { readonly query: string; readonly path: string };

export type FollowPlan = {
  readonly url: string;
  /** Templates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly codec: CodecPlan;
  /** The cursor before the first event of a stream. Default 0. */
  readonly from: Cursor;
  /** Its cursors leave numbers out by themselves. Default false. */
  readonly sparse: boolean;
  /** Machine code that refuses an ack behind the last; `any`: whatever code; `allowed`: acks may go back. Default `any`. */
  readonly staleAck: string;
  /** A stream has come to its end when nothing more came for so long. Default 1,000. */
  readonly quietMs: number;
};

/** How a target is restarted; each kind names what it needs, never an ARN from the caller's input. */
export type RestartPlan =
  /** On a laptop alone: the process that `targets.start` started. */
  | { readonly kind: 'process'; readonly signal: string }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Signs the request as webhooks of pages are signed. Template. */
      readonly secret?: string;
    }
  | {
      readonly kind: 'ecs';
      readonly cluster: string;
      readonly service: string;
      readonly how: 'forceNewDeployment' | 'stopTask';
    }
  | { readonly kind: 'ec2'; readonly instanceTag: { readonly key: string; readonly value: string } }
  | {
      readonly kind: 'ssm';
      readonly instanceTag: { readonly key: string; readonly value: string };
      readonly command: string;
    }
  | { readonly kind: 'lambda'; readonly functionName: string; readonly payload: Json }
  | { readonly kind: 'fis'; readonly template: string };

export type DrillPlan = {
  readonly id: string;
  readonly target: string;
  readonly schedule?: Schedule;
  /** Who is told when a scheduled one fails in the cloud. Default `ticket`. */
  readonly severity: Severity;
  /** URL that its pages carry. */
  readonly runbook?: string;
  readonly restart: RestartPlan;
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** Writes before the restart. Default 20. */
  readonly seeds: number;
  /** Good turns in a row until it counts as recovered. Default 3. */
  readonly streak: number;
  /** Between two turns of the sampler. Default 250. */
  readonly everyMs: number;
  /** An outage longer than this ends the drill. Default: four times the RTO, at least a minute. */
  readonly maxOutageMs: number;
  /** No drill of the target sooner than this after the last. Default 0. */
  readonly minIntervalMs: number;
  /** Only then may it run; none: always. Cron windows as in `maintenance`. */
  readonly windows: readonly { readonly expression: string; readonly timezone: string; readonly forMs: number }[];
  /** Probes whose breached alarm closes the gate, and stops a drill under way. Default: all of the service. */
  readonly blockedBy: readonly string[] | 'all';
  /** How far the clocks of target and drill may differ. Default 2,000. */
  readonly clockSkewMs: number;
};
