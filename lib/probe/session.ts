import type { Json, ProbePlan, Step } from '../config/plan.ts';
import type { CheckOutcome, ConnectionTiming, Result, SequenceRecord, StepOutcome } from '../result/result.ts';
import type { ProbeContext } from './prober.ts';

/** Variables and captures that templates may name, by name. */
export type Values = ReadonlyMap<string, Json>;

/** A step's outcome as its session knows it: the flow adds when the step began. */
export type SessionOutcome = Omit<StepOutcome, 'startMs'> & {
  /** By name; the flow adds them to the values of the steps that follow. */
  readonly captures: Readonly<Record<string, Json>>;
};

/** One pass's open state: agent, cookies, sockets, journal. */
export type Session = {
  /** Runs one step. A sick target is in the outcome; only a fault of our own is thrown. */
  execute(step: Step, values: Values, signal: AbortSignal): Promise<SessionOutcome>;
  /** Ends the pass: checks over the whole of it, then closes what is open, in bounded time. */
  finish(): Promise<readonly CheckOutcome[]>;
  /** How a step failed that the deadline cut short: what it was waiting for, and the frames around. Asked at once. */
  cutShort?(step: Step): Pick<StepOutcome, 'failure' | 'evidence'>;
  /** What its journal held, where it keeps one. Asked after `finish`. */
  sequence?(): SequenceRecord;
  /** Drops everything at once (deadline, Ctrl-C). */
  abort(): void;
};

/** How the connections of a run relate: `keep-alive` shares them between passes, `fresh` starts each pass without. */
export type ConnectionMode = Result['connectionMode'];

/** What the passes of one run share. */
export type Sessions = {
  /** Connects apart from the samples; never repeats a request with side effects. Answers what it timed. */
  warmUp(values: Values, signal: AbortSignal): Promise<readonly ConnectionTiming[]>;
  /** Opens the state of one pass. `passStartMs` is monotonic: evidence counts from it. */
  open(passStartMs: number): Session;
  close(): void;
};

/** Loads what the probe needs (codecs, engines) before anything is timed. */
export type OpenSessions = (probe: ProbePlan, context: ProbeContext, mode: ConnectionMode) => Promise<Sessions>;

/** What is wrong with a step that failed, in words. */
export const whyFailed = ({ failure, checks, unexpectedStatus }: SessionOutcome): string => {
  const failed = checks.find(({ result }) => result === 'fail');
  if (failure) return failure.message;
  return failed ? `${failed.name}: ${failed.actual}` : `status ${unexpectedStatus ?? 'unknown'}`;
};

/** The frames that `whyFailed` speaks of. */
export const framesBlamed = ({ failure, checks }: SessionOutcome): readonly number[] =>
  failure?.frames ?? checks.find(({ result }) => result === 'fail')?.frames ?? [];

/** What a step that found nothing wrong has in common; sessions spread it and name what they saw. */
export const doneStep = (step: Step, latencyMs: number): SessionOutcome => ({
  step: step.name,
  type: step.type,
  status: 'done',
  latencyMs,
  phasesMs: {},
  checks: [],
  attempts: 1,
  captures: {},
});
