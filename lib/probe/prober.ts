import type { Json, ProbePlan, TlsPlan } from '../config/plan.ts';
import type { Redactor } from '../result/redact.ts';
import type { Result } from '../result/result.ts';
import type { Journal } from '../sequence/journal.ts';
import type { Guard } from './guard.ts';

export type { Redactor };

export type Clock = {
  /** Epoch ms: stamps only. */
  now(): number;
  /** Monotonic ms: every duration. */
  monotonic(): number;
};

/** A proxy of our own that connections to a URL lead to instead, without TLS; nothing: to the URL itself. */
export type Route = (url: URL, tls: TlsPlan) => { readonly host: string; readonly port: number } | undefined;

/** Usual `taintedAboveMs`: field notes, aws.md §3.3. */
export const usualTaintedAboveMs = 5;

export type ProbeContext = {
  readonly clock: Clock;
  /** Resolved variables by name; a name that is missing here is not set. */
  readonly values: ReadonlyMap<string, Json>;
  /** Which addresses may be reached; the connection goes to the address it checked. */
  readonly guard: Guard;
  /** Asked for each connection whose URL the guard lets pass. Absent: all lead to their target. */
  readonly route?: Route;
  /** Told the journal of each websocket pass when it is over. Absent: nobody wants to know more than the result says. */
  readonly onJournal?: (journal: Journal) => void;
  readonly redact: Redactor;
  /** Event-loop delay above which a sample is tainted. */
  readonly taintedAboveMs: number;
  /** Probes running side by side, for the record. */
  readonly concurrency: number;
};

/** Measures once. A sick target is a value in the result; it throws only when we are broken. */
export type Prober = (probe: ProbePlan, context: ProbeContext, signal: AbortSignal) => Promise<Result>;
