import type { Json, ProbePlan, Step } from '../config/plan.ts';
import type { LatencyMs, Pass, StepOutcome } from '../result/result.ts';
import { type Deadline, deadlineFailure } from './deadline.ts';
import type { ProbeContext } from './prober.ts';
import { doneStep, type Session } from './session.ts';

const skippedStep = (step: Step, startMs: number, reason: string): StepOutcome => ({
  ...withoutCaptures(doneStep(step, 0)),
  status: 'skipped',
  startMs,
  latencyMs: null,
  attempts: 0,
  reason,
});

const withoutCaptures = <T extends { readonly captures: unknown }>({ captures: _, ...rest }: T): Omit<T, 'captures'> =>
  rest;

/** Sum over the steps that were carried out; nothing answered makes it `null`. */
const totalOf = (steps: readonly StepOutcome[]): LatencyMs => {
  let sum = 0;
  for (const step of steps) {
    if (step.status === 'skipped') continue;
    if (step.latencyMs === null) return null;
    sum += step.latencyMs;
  }
  return sum;
};

/** What a pass is carried out with. */
export type PassFrame = {
  readonly probe: ProbePlan;
  readonly context: ProbeContext;
  readonly session: Session;
  /** Step name to why it cannot run: an optional variable is not set. */
  readonly skips: ReadonlyMap<string, string>;
  readonly startMs: number;
};

/**
 * Carries out steps in order; after one without an answer the rest are skipped, for they build on it. Captures go into
 * `values` as they are made: cleanup needs those of a pass that was interrupted, too.
 */
const runSteps = async (
  steps: readonly Step[],
  frame: PassFrame,
  values: Map<string, Json>,
  deadline: Deadline,
): Promise<readonly StepOutcome[]> => {
  const { context, session, skips, probe } = frame;
  const outcomes: StepOutcome[] = [];
  let broken: string | undefined;
  for (const step of steps) {
    const startMs = context.clock.monotonic() - frame.startMs;
    const reason = skips.get(step.name) ?? (broken === undefined ? undefined : `step "${broken}" failed`);
    if (reason !== undefined) {
      outcomes.push(skippedStep(step, startMs, reason));
      continue;
    }
    try {
      const outcome = await session.execute(step, values, deadline.signal);
      for (const [name, value] of Object.entries(outcome.captures)) values.set(name, value);
      outcomes.push({ ...withoutCaptures(outcome), startMs });
      if (outcome.failure) broken = step.name;
    } catch (error) {
      if (!deadline.reached()) throw error;
      broken = step.name;
      const latencyMs = context.clock.monotonic() - frame.startMs - startMs;
      const cut = withoutCaptures(doneStep(step, latencyMs));
      const why = session.cutShort?.(step) ?? { failure: deadlineFailure(probe.deadlineMs) };
      outcomes.push({ ...cut, status: 'failed', startMs, ...why });
    }
  }
  return outcomes;
};

export type PassRun = {
  readonly pass: Omit<Pass, 'tainted' | 'loopDelayMs'>;
  readonly cleanup: readonly StepOutcome[];
};

/** Cleanup runs whatever happened, the deadline and Ctrl-C included; each of its steps is bounded by its own timeout. */
const cleanUp = async (frame: PassFrame, values: Map<string, Json>): Promise<readonly StepOutcome[]> => {
  const unbounded: Deadline = { signal: new AbortController().signal, reached: () => false, clear: () => {} };
  const outcomes: StepOutcome[] = [];
  for (const step of frame.probe.cleanup) {
    // One that cannot be done must not keep the next from being tried.
    outcomes.push(...(await runSteps([step], frame, values, unbounded)));
  }
  return outcomes;
};

/** One pass through all steps with its own captures, its cleanup after it. */
export const runPass = async (
  index: number,
  runStartMs: number,
  frame: PassFrame,
  deadline: Deadline,
): Promise<PassRun> => {
  const { probe, context, session } = frame;
  const values = new Map<string, Json>(context.values);
  let steps: readonly StepOutcome[];
  try {
    steps = await runSteps(probe.steps, frame, values, deadline);
  } catch (error) {
    await cleanUp(frame, values);
    session.abort();
    throw error;
  }
  const cleanup = await cleanUp(frame, values);
  const checks = await session.finish();
  const sequence = session.sequence?.();
  return {
    cleanup,
    pass: {
      index,
      startMs: frame.startMs - runStartMs,
      latencyMs: totalOf(steps),
      complete: steps.every((outcome) => outcome.failure === undefined),
      steps,
      checks,
      ...(sequence ? { sequence } : {}),
    },
  };
};
