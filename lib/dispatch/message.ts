import type { ProbePlan } from '../config/plan.ts';
import type { DeployedService } from './deployed.ts';

/** Runs of one message. */
export const mostItems = 10;

/** SQS takes 1 MiB: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const mostMessageBytes = 1_048_576;

/** SQS holds a message back for 15 minutes at most. */
export const longestDelayS = 900;

/** One run to make. */
export type WorkItem = {
  readonly probe: ProbePlan;
  /** ISO. */
  readonly slot: string;
  readonly trigger: 'schedule' | 'demand' | 'confirm';
  /** Tells runs apart that share a slot: the caller's client token, or `confirm`. */
  readonly token?: string;
  /** ISO time at which it was to begin: its slot and its probe's own offset. */
  readonly dueAt: string;
};

/** A message of the work queue: 1 to 10 runs, and all that is needed to make them. */
export type WorkMessage = {
  readonly schema: 1;
  readonly service: DeployedService;
  readonly items: readonly WorkItem[];
  /** How far the wall clock is set forward for a rehearsal, in ms; absent: not at all. Refused outside `dev`. */
  readonly shiftMs?: number;
};

/** A message of the dead-letter queue. `reason` is in words, redacted. */
export type DeadLetter = { readonly schema: 1; readonly at: string; readonly reason: string } & (
  | {
      /** Measured, and neither stored nor judged: a replay does both. */
      readonly kind: 'run';
      readonly service: DeployedService;
      readonly item: WorkItem;
      /** Gzipped JSON of a StoredRun, base64: a queue takes a megabyte at most. */
      readonly run: string;
    }
  /** Raw samples of runs that are stored: gzipped NDJSON, base64, and the object they belong in. */
  | { readonly kind: 'samples'; readonly key: string; readonly body: string }
  /** Not of a form that we know; as it came. */
  | { readonly kind: 'poison'; readonly message: string }
);
