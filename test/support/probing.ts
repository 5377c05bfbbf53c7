import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../../lib/config/parse.ts';
import type { Json, Plan, ProbePlan } from '../../lib/config/plan.ts';
import { formatProblems } from '../../lib/config/problem.ts';
import { judgeRun } from '../../lib/judge/run.ts';
import { createGuard } from '../../lib/probe/guard.ts';
import type { ProbeContext } from '../../lib/probe/prober.ts';
import { probers } from '../../lib/probe/probers.ts';
import { createRedactor } from '../../lib/result/redact.ts';
import type { Result, Run } from '../../lib/result/result.ts';

/** A plan from a config as a user writes it; a bad one fails the test with its problems. */
export const planOf = (config: object): Plan => {
  const result = parseConfig({ service: 'test', ...config });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.plan;
};

/** One probe of a config of one. */
export const probeOf = (probe: object, variables: object = {}): ProbePlan => {
  const [first] = planOf({ variables, probes: [{ id: 'under-test', ...probe }] }).probes;
  if (!first) throw new Error('no probe in the plan');
  return first;
};

export const contextOf = (
  values: Readonly<Record<string, Json>> = {},
  secrets: readonly string[] = [],
): ProbeContext => ({
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  values: new Map(Object.entries(values)),
  guard: createGuard({ allow: [], loopback: true }),
  redact: createRedactor(secrets),
  // A noisy machine must not repeat samples under a target that counts them; tests of tainting set their own.
  taintedAboveMs: Number.POSITIVE_INFINITY,
  concurrency: 1,
});

/** A monotonic clock that goes on as it is told, and not with a busy machine: what that takes is in no latency. */
export const handClock = () => {
  let atMs = 1_000;
  const clock: ProbeContext['clock'] = { now: () => Date.now(), monotonic: () => atMs };
  return {
    clock,
    /** In the steps of whoever watches the event loop, who then finds nothing late. */
    pass: async (ms: number): Promise<void> => {
      for (const endMs = atMs + ms; atMs < endMs; await sleep(5)) atMs += 5;
    },
  };
};

/** Measures a probe against real sockets. */
export const measure = (
  probe: ProbePlan,
  context: ProbeContext = contextOf(),
  signal: AbortSignal = new AbortController().signal,
): Promise<Result> => probers[probe.kind](probe, context, signal);

export const occasion = {
  slot: '2026-01-01T00:00:00.000Z',
  trigger: 'demand',
  region: 'local',
  environment: 'dev',
} as const;

/** Measures and judges. */
export const runOf = async (probe: ProbePlan, context: ProbeContext = contextOf()): Promise<Run> =>
  judgeRun(probe, occasion, await measure(probe, context)).run;
