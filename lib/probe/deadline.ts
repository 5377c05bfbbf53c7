import type { Failure } from '../result/result.ts';

/** The end of a run's time, as one signal with the caller's own. */
export type Deadline = {
  /** Aborts at the deadline, or when the caller's signal does. */
  readonly signal: AbortSignal;
  /** It was the deadline, not the caller. */
  readonly reached: () => boolean;
  readonly clear: () => void;
};

export const startDeadline = (deadlineMs: number, caller: AbortSignal): Deadline => {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error('deadline')), deadlineMs);
  return {
    signal: AbortSignal.any([caller, own.signal]),
    reached: () => own.signal.aborted && !caller.aborted,
    clear: () => clearTimeout(timer),
  };
};

export const deadlineFailure = (deadlineMs: number): Failure => ({
  kind: 'timeout',
  message: `the run's deadline of ${deadlineMs.toLocaleString('en-US')} ms was reached`,
});
