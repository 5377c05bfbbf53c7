import { setImmediate as yieldOnce } from 'node:timers/promises';
import type { Json, SoakStep } from '../../config/plan.ts';
import type { FrameEvidence } from '../../result/result.ts';
import type { Journal } from '../../sequence/journal.ts';
import type { SoakTally } from '../../sequence/soak.ts';
import { pause } from '../pause.ts';
import type { Clock } from '../prober.ts';
import { framesBlamed, type SessionOutcome, type Values, whyFailed } from '../session.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import type { ExecuteStep } from './execute.ts';

/** So near its time an iteration is waited for without a timer, which may be a millisecond or two late. */
const timerSlackMs = 2;

/** Waits for a moment on the monotonic clock, and begins neither before it nor, where the machine allows, behind it. */
export const waitUntil = async (dueMs: number, clock: Clock, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  for (let leftMs = dueMs - clock.monotonic(); leftMs > 0; leftMs = dueMs - clock.monotonic()) {
    if (leftMs > timerSlackMs) await pause(leftMs - timerSlackMs, signal);
    else await yieldOnce();
    signal.throwIfAborted();
  }
};

export type Iteration = {
  readonly soak: SoakStep;
  /** From 1. */
  readonly number: number;
  /** How long after its time it begins: 0 where no time is set. */
  readonly lateMs: number;
  readonly values: Values;
  readonly execute: ExecuteStep;
  readonly signal: AbortSignal;
  readonly tally: SoakTally;
  readonly journal: Journal;
};

/** What the ladder shows of the first iteration that failed: its beginning, and what led to the fault. */
const [keptBeginning, keptBefore] = [6, 24];

const countFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** `fromN`: the last frame before the iteration. */
const keepFailure = ({ journal, tally }: Iteration, fromN: number, blamed: readonly number[]): void => {
  if (tally.failed() > 0) return;
  const latest = countFrom(Math.max(fromN, journal.last() - keptBefore) + 1, keptBefore);
  journal.keep('soak', [...countFrom(fromN + 1, keptBeginning), ...blamed, ...latest]);
};

/** So many frames on either side of one that an invariant blames. */
const keptAround = 5;

/** What an invariant blames would be forgotten before the end tells of it. */
const keepBlamed = ({ journal, monitors }: Conversation): void => {
  for (const [index, monitor] of monitors.entries()) {
    const around = (monitor.blames?.() ?? []).flatMap((n) => countFrom(n - keptAround, 2 * keptAround + 1));
    journal.keep(`invariant ${index}`, around);
  }
};

/** Carries out the inner steps once, with captures of their own. Answers the frames of its first failure. */
export const runIteration = async (iteration: Iteration): Promise<readonly FrameEvidence[] | undefined> => {
  const { soak, number, execute, signal, tally } = iteration;
  const values = new Map<string, Json>(iteration.values);
  let { lateMs } = iteration;
  let failed: SessionOutcome | undefined;
  let thin = false;
  const fromN = iteration.journal.last();
  for (const step of soak.steps) {
    const outcome = await execute(step, values, signal);
    // Whoever would have asked in time has waited for it since (no coordinated omission).
    tally.step(step.name, outcome.latencyMs === null ? null : outcome.latencyMs + lateMs);
    lateMs = 0;
    for (const [name, value] of Object.entries(outcome.captures)) values.set(name, value);
    const doubt = outcome.checks.find(({ result }) => result === 'inconclusive');
    if (doubt) tally.doubt(step.name, `${doubt.name}: ${doubt.actual}`);
    thin ||= doubt !== undefined;
    if (outcome.status === 'failed' && !failed) {
      failed = outcome;
      tally.fail(number, step.name, whyFailed(outcome), framesBlamed(outcome));
      keepFailure(iteration, fromN, framesBlamed(outcome));
    }
    // The steps behind one without an answer build on it.
    if (outcome.failure) break;
  }
  tally.end(failed ? 'failed' : thin ? 'thin' : 'passed');
  return failed?.evidence?.frames ?? (failed ? [] : undefined);
};

/** Closes what was opened since, and forgets it: its name is free again. */
export const closeOpened = async (
  before: ReadonlyMap<string, Connection>,
  { connections }: Conversation,
): Promise<void> => {
  const opened = [...connections].filter(([name, connection]) => before.get(name) !== connection);
  await Promise.all(opened.map(([, connection]) => connection.close()));
  for (const [name] of opened) connections.delete(name);
};

/** Frames that are kept in any case: what reports show of the last iteration. */
const keptFrames = 12;
/** Frames that wait for a step that may claim them, at most. */
const waitingFrames = 2_000;

/** Lets go of all that no search can begin at any more; messages that came early for the next iteration stay. */
export const forgetIteration = (conversation: Conversation): void => {
  const { journal, connections } = conversation;
  keepBlamed(conversation);
  const last = journal.last();
  const waiting = [...connections.keys()].map((name) => {
    const entry = journal.entriesOf(name).at(journal.positionOf(name));
    return entry ? entry.frame.n - 1 : last;
  });
  journal.forget(Math.max(last - waitingFrames, Math.min(last - keptFrames, ...waiting)));
};
