import { createHash } from 'node:crypto';
import type { ProbePlan, RehearsalEffect, RehearsalIncident, Step } from '../../config/plan.ts';
import type { Prober } from '../../probe/prober.ts';
import type { Failure, LatencyMs, Pass, Result, StepOutcome } from '../../result/result.ts';
import { openRandom, type Random } from './random.ts';

/** Median of a whole pass where no threshold says what is usual. */
const usualMedianMs = 100;

/** Healthy: log-normal, 2 % of samples up to four times as slow, and runs that differ by 5 %. */
const spread = 0.25;
const slowShare = 0.02;
const runSpread = 0.05;

/** Against thresholds: p99 of what is healthy is about 2.2 medians. */
const medianUnderLimit = 0.35;

const limitsOf = (probe: ProbePlan): readonly number[] =>
  [...(probe.slo?.thresholds ?? []), ...probe.alarm.recoverWhen]
    .filter(({ metric, op }) => metric.kind !== 'failed' && metric.kind !== 'checks' && op.startsWith('<'))
    .map(({ value }) => value);

const medianOf = (probe: ProbePlan): number => {
  const steps = probe.steps.flatMap((step) => step.thresholds.map(({ value }) => value * probe.steps.length));
  const tightest = Math.min(...limitsOf(probe), ...steps);
  return Number.isFinite(tightest) ? tightest * medianUnderLimit : usualMedianMs;
};

/** What the incidents of a moment do to a sample. */
type Weather = {
  readonly down: boolean;
  readonly blind: boolean;
  readonly errors: number;
  readonly tail: number;
  readonly factor: number;
};

const dayMs = 86_400_000;

const fine: Weather = { down: false, blind: false, errors: 0, tail: 0, factor: 1 };

const apply = (weather: Weather, effect: RehearsalEffect, sinceMs: number): Weather => {
  switch (effect.kind) {
    case 'down':
      return { ...weather, down: true };
    case 'blind':
      return { ...weather, blind: true };
    case 'errors':
      return { ...weather, errors: Math.max(weather.errors, effect.share) };
    case 'tail':
      return { ...weather, tail: Math.max(weather.tail, effect.share) };
    case 'slower':
      return { ...weather, factor: weather.factor * (1 + effect.by) };
    case 'creep':
      return { ...weather, factor: weather.factor * (1 + effect.byPerDay) ** (sinceMs / dayMs) };
  }
};

const sampleMs = (medianMs: number, weather: Weather, random: Random): number => {
  const usual = medianMs * weather.factor * Math.exp(spread * random.normal());
  if (random.uniform() < weather.tail) return usual * 3;
  return random.uniform() < slowShare ? usual * (1 + 3 * random.uniform()) : usual;
};

const failureOf = (weather: Weather): Failure | undefined => {
  if (weather.blind) return { kind: 'prober', message: 'rehearsed: our own side is broken' };
  return weather.down ? { kind: 'refused', message: 'rehearsed: connection refused' } : undefined;
};

/** How a step of one sample went. */
type Ending = { readonly latencyMs: LatencyMs; readonly failure?: Failure; readonly isError: boolean };

const stepOf = (step: Step, startMs: number, { latencyMs, failure, isError }: Ending): StepOutcome => ({
  step: step.name,
  type: step.type,
  status: failure || isError ? 'failed' : 'done',
  startMs,
  latencyMs,
  phasesMs: {},
  checks: failure
    ? []
    : [{ name: 'rehearsed', result: isError ? 'fail' : 'pass', actual: isError ? 'an error' : 'good' }],
  ...(failure ? { failure } : {}),
  ...(isError && step.type === 'request' ? { unexpectedStatus: 500 } : {}),
  attempts: 1,
});

const skippedStep = (step: Step, startMs: number): StepOutcome => ({
  ...stepOf(step, startMs, { latencyMs: null, isError: false }),
  status: 'skipped',
  checks: [],
  attempts: 0,
});

const passOf = (probe: ProbePlan, index: number, medianMs: number, weather: Weather, random: Random): Pass => {
  const failure = failureOf(weather);
  const isError = !failure && random.uniform() < weather.errors;
  const totalMs = sampleMs(medianMs, weather, random);
  const eachMs = totalMs / probe.steps.length;
  const ending: Ending = { latencyMs: failure ? null : eachMs, isError, ...(failure ? { failure } : {}) };
  // The first that breaks takes the rest of the pass with it.
  const steps = probe.steps.map((step, at) =>
    at > 0 && (failure || isError) ? skippedStep(step, at * eachMs) : stepOf(step, at * eachMs, ending),
  );
  return {
    index,
    startMs: index * totalMs,
    latencyMs: failure ? null : isError ? eachMs : totalMs,
    complete: !failure && !isError,
    steps,
    checks: [],
    tainted: false,
    loopDelayMs: 0,
  };
};

/** A run of its own number: the same seed gives the same run, whatever else is rehearsed beside it. */
const seedOf = (seed: number, probe: string, slotMs: number): number =>
  createHash('sha256')
    .update(JSON.stringify([seed, probe, slotMs]))
    .digest()
    .readUInt32BE(0);

export type SimulatedTarget = {
  readonly seed: number;
  /** Epoch ms that incidents count from. */
  readonly originMs: number;
  readonly incidents: readonly RehearsalIncident[];
};

const weatherAt = (target: SimulatedTarget, probe: string, nowMs: number): Weather => {
  let weather = fine;
  for (const { probes, startMs, forMs, effect } of target.incidents) {
    const sinceMs = nowMs - target.originMs - startMs;
    if (probes.includes(probe) && sinceMs >= 0 && sinceMs < forMs) weather = apply(weather, effect, sinceMs);
  }
  return weather;
};

/** A prober that measures a target that is not there: latencies of a plain shape, and incidents on time. */
export const simulatedProber =
  (target: SimulatedTarget): Prober =>
  async (probe, { clock, concurrency }) => {
    const startedAt = clock.now();
    const random = openRandom(seedOf(target.seed, probe.id, startedAt));
    const weather = weatherAt(target, probe.id, startedAt);
    const medianMs = medianOf(probe) * Math.exp(runSpread * random.normal());
    const passes = Array.from({ length: probe.samples }, (_, index) => passOf(probe, index, medianMs, weather, random));
    const result: Result = {
      startedAt,
      durationMs: passes.reduce((sum, pass) => sum + (pass.latencyMs ?? 0), 0),
      passes,
      repeated: [],
      connections: [],
      cleanup: [],
      deadlineReached: false,
      connectionMode: probe.samples >= 2 ? 'keep-alive' : 'fresh',
      self: { cpuMs: 0, loopDelayMaxMs: 0, concurrency, taintedSamples: 0, node: 'rehearsed' },
    };
    return result;
  };
