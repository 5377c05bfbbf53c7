import type { LatencyMs, Percentiles, SoakOutcome } from '../result/result.ts';
import { createLatencies } from './latencies.ts';

/** So many failures are kept, the first of them. */
const maxFailures = 10;

/** Latencies of one step; those without an answer are above all. */
const createSeries = () => {
  const latencies = createLatencies();
  let unanswered = 0;
  const at = (rank: number): LatencyMs => latencies.rankMs(rank, unanswered);
  return {
    add: (latencyMs: LatencyMs): void => {
      if (latencyMs === null) unanswered += 1;
      else latencies.add(Math.max(0, latencyMs));
    },
    samples: () => latencies.count() + unanswered,
    unanswered: () => unanswered,
    percentiles: (): Percentiles => ({
      min: at(0),
      p50: at(0.5),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
      max: at(1),
    }),
  };
};

/** What an iteration came to. `thin`: nothing failed, and something could not be told. */
export type IterationEnd = 'passed' | 'failed' | 'thin';

/** Counts what a soak sees, in a size that does not grow with its length. */
export type SoakTally = {
  /** Of an open loop: how long after its time the iteration began. */
  late(lateMs: number): void;
  /** A step of an iteration is done; `null` when it was not answered. */
  step(name: string, latencyMs: LatencyMs): void;
  /** An iteration, counted from 1, has failed at a step; `frames`: those that the reason speaks of. */
  fail(iteration: number, step: string, reason: string, frames: readonly number[]): void;
  /** Of an iteration that could not be told: why, once. */
  doubt(step: string, reason: string): void;
  end(end: IterationEnd): void;
  iterations(): number;
  failed(): number;
  thin(): number;
  /** The first doubt, in words. */
  firstDoubt(): string | undefined;
  outcome(durationMs: number, messages: number): SoakOutcome;
};

/** `stepNames`: the inner steps, in order. */
export const createSoakTally = (stepNames: readonly string[]): SoakTally => {
  const steps = new Map(stepNames.map((name) => [name, createSeries()]));
  const lateness = createSeries();
  const failures: SoakOutcome['failures'][number][] = [];
  const ends: Record<IterationEnd, number> = { passed: 0, failed: 0, thin: 0 };
  let doubt: string | undefined;
  const iterations = () => ends.passed + ends.failed + ends.thin;
  return {
    late: lateness.add,
    step: (name, latencyMs) => steps.get(name)?.add(latencyMs),
    fail: (iteration, step, reason, frames) => {
      const blame = frames.length > 0 ? { frames } : {};
      if (failures.length < maxFailures) failures.push({ iteration, step, reason, ...blame });
    },
    doubt: (step, reason) => {
      doubt ??= `${step}: ${reason}`;
    },
    end: (end) => {
      ends[end] += 1;
    },
    iterations,
    failed: () => ends.failed,
    thin: () => ends.thin,
    firstDoubt: () => doubt,
    outcome: (durationMs, messages) => ({
      iterations: iterations(),
      failed: ends.failed,
      messages,
      durationMs,
      failures: [...failures],
      steps: [...steps].map(([name, series]) => ({
        name,
        samples: series.samples(),
        unanswered: series.unanswered(),
        latencyMs: series.percentiles(),
      })),
      ...(lateness.samples() === 0 ? {} : { lateMs: lateness.percentiles() }),
    }),
  };
};
