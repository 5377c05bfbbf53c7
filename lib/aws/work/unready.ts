import type { ProbePlan } from '../../config/plan.ts';
import type { Prober } from '../../probe/prober.ts';
import type { Pass, Result } from '../../result/result.ts';

const failedPass = ({ steps }: ProbePlan, message: string): Pass => ({
  index: 0,
  startMs: 0,
  latencyMs: null,
  complete: false,
  steps: steps.slice(0, 1).map(({ name, type }) => ({
    step: name,
    type,
    status: 'failed',
    startMs: 0,
    latencyMs: null,
    phasesMs: {},
    checks: [],
    failure: { kind: 'prober', message },
    attempts: 0,
  })),
  checks: [],
  tainted: false,
  loopDelayMs: 0,
});

/**
 * A prober that sends nothing and says why: a fault of our own side, so that the run is `inconclusive`, and three in a row
 * are told to `notify.monitoring`. Skipped, it would count as an arrival, and the monitor would go quiet for good.
 */
export const unreadyProber =
  (reason: string): Prober =>
  async (probe, { clock, concurrency }): Promise<Result> => ({
    startedAt: clock.now(),
    durationMs: 0,
    passes: [failedPass(probe, reason)],
    repeated: [],
    connections: [],
    cleanup: [],
    deadlineReached: false,
    connectionMode: 'fresh',
    self: { cpuMs: 0, loopDelayMaxMs: 0, concurrency, taintedSamples: 0, node: process.version },
  });
