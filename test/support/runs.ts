import { compareLatencies, percentiles } from '../../lib/result/percentiles.ts';
import type { LatencyMs, Pass, Run, StepOutcome } from '../../lib/result/result.ts';
import { runId } from '../../lib/result/run-id.ts';
import { type SketchData, sketchOf } from '../../lib/result/sketch.ts';
import type { StoredRun } from '../../lib/result/store.ts';

export type StoredRunOverrides = {
  readonly probe?: string;
  /** ISO time. */
  readonly slot?: string;
  readonly region?: string;
  /** One pass each; `null` was refused. Everything else is computed from them. */
  readonly latencies?: readonly LatencyMs[];
  /** Parts of the document to put in place of what was computed. */
  readonly run?: Partial<Run>;
  readonly sketches?: Readonly<Record<string, SketchData>>;
  readonly passes?: readonly Pass[];
};

const stepOf = (latencyMs: LatencyMs): StepOutcome => ({
  step: 'list',
  type: 'request',
  status: latencyMs === null ? 'failed' : 'done',
  startMs: 0,
  latencyMs,
  phasesMs: latencyMs === null ? {} : { connect: latencyMs / 4, firstByte: latencyMs / 2, download: latencyMs / 4 },
  checks: [
    {
      name: 'status equals 200',
      result: latencyMs === null ? 'fail' : 'pass',
      actual: latencyMs === null ? 'absent' : '200',
    },
  ],
  ...(latencyMs === null
    ? { failure: { kind: 'refused', message: 'connection refused by 127.0.0.1:8080' } as const }
    : {}),
  attempts: 1,
});

/** A pass of one request. */
export const makePass = (latencyMs: LatencyMs, index = 0): Pass => ({
  index,
  startMs: index * 1000,
  latencyMs,
  complete: latencyMs !== null,
  steps: [stepOf(latencyMs)],
  checks: [],
  tainted: false,
  loopDelayMs: 0.1,
});

const describePasses = (passes: readonly Pass[]) => {
  const latencies = passes.map((pass) => pass.latencyMs);
  const summary = { connection: 'keep-alive', samples: passes.length, latencyMs: percentiles(latencies) } as const;
  const unanswered = latencies.filter((each) => each === null).length;
  return {
    verdict: unanswered > 0 ? 'fail' : 'pass',
    reasons: unanswered > 0 ? [`${unanswered} of ${passes.length} samples were refused`] : [],
    samples: passes.length,
    planned: passes.length,
    good: passes.length - unanswered,
    latencyMs: summary.latencyMs,
    steps: [
      {
        name: 'list',
        type: 'request',
        status: 'done',
        samples: passes.length,
        latencyMs: summary.latencyMs,
        phasesMs: {},
        thresholds: [],
      },
    ],
    series: ['total', 'step:list'].map((name) => ({ name, unanswered, ...summary })),
    checks: [
      {
        name: 'status equals 200',
        step: 'list',
        passed: passes.length - unanswered,
        total: passes.length,
        inconclusive: 0,
        actual: '200',
      },
    ],
    exemplar: passes.toSorted((a, b) => compareLatencies(b.latencyMs, a.latencyMs))[0] ?? null,
  } satisfies Partial<Run>;
};

/** A complete run of the probe `api-read` with five good passes, but for what is overridden. */
export const makeStoredRun = (overrides: StoredRunOverrides = {}): StoredRun => {
  const { probe = 'api-read', slot = '2026-01-31T13:00:00.000Z', region = 'local' } = overrides;
  const { latencies = [12.5, 11.25, 13, 10.75, 40] } = overrides;
  const passes = overrides.passes ?? latencies.map((latencyMs, index) => makePass(latencyMs, index));
  const answered = passes.flatMap((pass) => pass.latencyMs ?? []);
  const run: Run = {
    runId: runId({ probe, slot, region }),
    probe,
    kind: 'http',
    slot,
    trigger: 'schedule',
    region,
    environment: 'dev',
    startedAt: new Date(Date.parse(slot) + 120).toISOString(),
    durationMs: 5000,
    status: 'done',
    phasesMs: { connect: 3, firstByte: 6, download: 3 },
    slo: [],
    baseline: { state: 'none', ratio: null, interval: null, runs: 0 },
    connections: [{ origin: 'http://127.0.0.1:8080', phasesMs: { connect: 0.4 }, totalMs: 0.4 }],
    cleanup: [],
    self: { cpuMs: 40, loopDelayMaxMs: 1.2, concurrency: 1, taintedSamples: 0, node: '24.0.0' },
    severity: 'ticket',
    ...describePasses(passes),
    ...overrides.run,
  };
  return {
    run,
    sketches: overrides.sketches ?? { total: sketchOf(answered), 'step:list': sketchOf(answered) },
    passes,
  };
};
