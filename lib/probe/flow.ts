import { plannedSkips } from '../config/needs.ts';
import type { ProbePlan } from '../config/plan.ts';
import { withoutOwnDelay } from '../judge/own-delay.ts';
import { redactDeep } from '../result/redact.ts';
import type { ConnectionTiming, Pass, Result, StepOutcome } from '../result/result.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { type EventLoopWatch, watchEventLoop } from './event-loop.ts';
import { isSafe } from './method.ts';
import { runPass } from './pass.ts';
import type { ProbeContext } from './prober.ts';
import type { ConnectionMode, OpenSessions, Sessions } from './session.ts';

/** Failed passes that keep what was sent and received; the rest keep their figures. */
const evidencePasses = 5;

type Measured = { readonly pass: Pass; readonly cleanup: readonly StepOutcome[] };

type Measuring = {
  readonly probe: ProbePlan;
  readonly context: ProbeContext;
  readonly sessions: Sessions;
  readonly deadline: Deadline;
  readonly loop: EventLoopWatch;
  readonly startMs: number;
  readonly skips: ReadonlyMap<string, string>;
};

const measurePass = async (index: number, run: Measuring): Promise<Measured> => {
  const { context, sessions, loop } = run;
  loop.start();
  const startMs = context.clock.monotonic();
  const frame = { probe: run.probe, context, session: sessions.open(startMs), skips: run.skips, startMs };
  const { pass, cleanup } = await runPass(index, run.startMs, frame, run.deadline);
  const loopDelayMs = loop.worstMs();
  return { pass: { ...pass, tainted: loopDelayMs > context.taintedAboveMs, loopDelayMs }, cleanup };
};

/** Doing it again must change nothing at the target, and must not hide what the target did wrong. */
const mayRepeat = (probe: ProbePlan, pass: Pass): boolean =>
  [...probe.steps, ...probe.cleanup].every((step) => step.type === 'request' && isSafe(step.request.method)) &&
  pass.steps.every((step) => step.status !== 'failed' || step.failure?.kind === 'timeout');

/** Slower than the second time by more than our own delay can explain: the target's doing, and not to be repeated away. */
const isSlowInItself = (first: Pass, again: Pass): boolean => {
  const [least] = withoutOwnDelay([first]);
  return again.complete && (again.latencyMs ?? 0) < (least ?? 0);
};

const bare = ({ evidence: _, ...step }: StepOutcome): StepOutcome => step;

const withoutEvidence = ({ sequence: _, ...pass }: Pass): Pass => ({ ...pass, steps: pass.steps.map(bare) });

const isClean = (pass: Pass): boolean =>
  pass.steps.every((step) => step.status !== 'failed') && pass.checks.every((check) => check.result === 'pass');

/** Passes as they come; evidence stays with the first failures and the last pass, and goes from the others at once. */
const collectPasses = () => {
  const passes: Pass[] = [];
  let failed = 0;
  return {
    passes: passes as readonly Pass[],
    add: (pass: Pass): void => {
      const last = passes.at(-1);
      const keeps = last && !isClean(last) && ++failed <= evidencePasses;
      if (last && !keeps) passes[passes.length - 1] = withoutEvidence(last);
      passes.push(pass);
    },
  };
};

type Samples = Pick<Result, 'passes' | 'repeated' | 'cleanup'>;

const measureSamples = async (run: Measuring): Promise<Samples> => {
  const { passes, add } = collectPasses();
  const repeated: Pass[] = [];
  const cleanup: StepOutcome[] = [];
  while (passes.length < run.probe.samples && !run.deadline.signal.aborted) {
    let measured = await measurePass(passes.length, run);
    cleanup.push(...measured.cleanup.map(bare));
    if (measured.pass.tainted && mayRepeat(run.probe, measured.pass) && !run.deadline.signal.aborted) {
      const first = measured.pass;
      const again = await measurePass(passes.length, run);
      const slow = isSlowInItself(first, again.pass);
      repeated.push(withoutEvidence(slow ? again.pass : first));
      measured = slow ? { ...measured, pass: { ...first, tainted: false } } : again;
    }
    // A pass that the deadline cut says nothing new, unless it is all there is.
    if (!run.deadline.reached() || measured.pass.complete || passes.length === 0) add(measured.pass);
  }
  return { passes, repeated, cleanup };
};

const warmUp = async (run: Measuring): Promise<readonly ConnectionTiming[]> => {
  try {
    return await run.sessions.warmUp(run.context.values, run.deadline.signal);
  } catch (error) {
    if (run.deadline.reached()) return [];
    throw error;
  }
};

/**
 * Runs a probe: warms up, then makes its passes one after another until they are done or the deadline is reached.
 * Rejects when `signal` aborts (after the cleanup of the pass that was under way) or when we are broken.
 */
export const runFlow = async (
  probe: ProbePlan,
  context: ProbeContext,
  signal: AbortSignal,
  openSessions: OpenSessions,
): Promise<Result> => {
  const mode: ConnectionMode = probe.samples >= 2 ? 'keep-alive' : 'fresh';
  const sessions = await openSessions(probe, context, mode);
  const startedAt = context.clock.now();
  const startMs = context.clock.monotonic();
  const cpu = process.cpuUsage();
  const deadline = startDeadline(probe.deadlineMs, signal);
  const loop = watchEventLoop(context.clock);
  const { skipped } = plannedSkips(probe, context.values);
  const run: Measuring = { probe, context, sessions, deadline, loop, startMs, skips: skipped };
  try {
    const connections = await warmUp(run);
    const samples = await measureSamples(run);
    signal.throwIfAborted();
    const { user, system } = process.cpuUsage(cpu);
    const all = [...samples.passes, ...samples.repeated];
    const result: Result = {
      startedAt,
      durationMs: context.clock.monotonic() - startMs,
      ...samples,
      connections,
      deadlineReached: deadline.reached(),
      connectionMode: mode,
      self: {
        cpuMs: (user + system) / 1000,
        loopDelayMaxMs: Math.max(0, ...all.map((pass) => pass.loopDelayMs)),
        concurrency: context.concurrency,
        taintedSamples: samples.passes.filter((pass) => pass.tainted).length,
        node: process.version,
      },
    };
    // Each part is redacted where it is made; but a secret that a late step captures stands in what earlier ones show.
    return redactDeep(result, context.redact.late);
  } finally {
    loop.stop();
    deadline.clear();
    sessions.close();
  }
};
