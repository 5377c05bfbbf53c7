import type { Json, ProbePlan } from '../config/plan.ts';
import type { Redactor } from '../result/redact.ts';
import type { Result } from '../result/result.ts';
import type { Guard } from './guard.ts';

export type { Redactor };

export type Clock = {
  /** Epoch ms: stamps only. */
  now(): number;
  /** Monotonic ms: every duration. */
  monotonic(): number;
};

/** Usual `taintedAboveMs`: field notes, aws.md §3.3. */
export const usualTaintedAboveMs = 5;

export type ProbeContext = {
  readonly clock: Clock;
  /** Resolved variables by name; a name that is missing here is not set. */
  readonly values: ReadonlyMap<string, Json>;
  /** Which addresses may be reached; the connection goes to the address it checked. */
  readonly guard: Guard;
  readonly redact: Redactor;
  /** Event-loop delay above which a sample is tainted. */
  readonly taintedAboveMs: number;
  /** Probes running side by side, for the record. */
  readonly concurrency: number;
};

/** Measures once. A sick target is a value in the result; it throws only when we are broken. */
export type Prober = (probe: ProbePlan, context: ProbeContext, signal: AbortSignal) => Promise<Result>;
