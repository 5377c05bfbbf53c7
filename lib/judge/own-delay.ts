import type { LatencyMs, Pass } from '../result/result.ts';

/** Moments of one request that wait for our event loop: the name, the connection, the answer. */
const waitsPerAttempt = 3;

/** The event loop is watched at this interval: what is shorter was there and not seen. */
const unseenMs = 5;

const withoutDelay = (pass: Pass, step: string | undefined): readonly LatencyMs[] => {
  const carriedOut = pass.steps.filter((one) => one.status !== 'skipped' && (step === undefined || one.step === step));
  const latencyMs = step === undefined ? pass.latencyMs : carriedOut[0]?.latencyMs;
  if (carriedOut.length === 0 || latencyMs === undefined) return [];
  const attempts = carriedOut.reduce((sum, one) => sum + Math.max(1, one.attempts), 0);
  return [
    latencyMs === null
      ? null
      : Math.max(0, latencyMs - waitsPerAttempt * attempts * Math.max(unseenMs, pass.loopDelayMs)),
  ];
};

/** Latencies of a step, or of whole passes, less the most that our own late event loop can have added to them. */
export const withoutOwnDelay = (passes: readonly Pass[], step?: string): readonly LatencyMs[] =>
  passes.flatMap((pass) => withoutDelay(pass, step));
