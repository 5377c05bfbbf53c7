import type {
  CheckOutcome,
  CheckSummary,
  Pass,
  Percentiles,
  Run,
  RunDocument,
  SelfState,
  StepOutcome,
  StepSummary,
  ThresholdResult,
} from '../../lib/result/result.ts';

/** Run documents as the judge would make them, for the reports: small builders. */

const STARTED = '2026-04-07T13:00:05.120Z';

/** Latencies in ms; nearest rank, `null` sorts last. */
export function percentiles(latencies: readonly (number | null)[]): Percentiles {
  const sorted = [...latencies].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
  const rank = (p: number): number | null => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? null;
  return { min: rank(0), p50: rank(50), p90: rank(90), p95: rank(95), p99: rank(99), max: rank(100) };
}

export function check(name: string, result: CheckOutcome['result'] = 'pass', actual = '200'): CheckOutcome {
  return { name, result, actual };
}

export function stepOutcome(step: string, overrides: Partial<StepOutcome> = {}): StepOutcome {
  return {
    step,
    type: 'request',
    status: 'done',
    startMs: 0,
    latencyMs: 10,
    phasesMs: { firstByte: 8, download: 2 },
    checks: [check('status equals 200')],
    attempts: 1,
    reusedConnection: true,
    ...overrides,
  };
}

export function pass(index: number, steps: readonly StepOutcome[], overrides: Partial<Pass> = {}): Pass {
  const ends = steps.map((step) => step.startMs + (step.latencyMs ?? 0));
  const never = steps.some((step) => step.latencyMs === null);
  return {
    index,
    startMs: index * 60,
    latencyMs: never ? null : Math.max(0, ...ends),
    complete: steps.every((step) => step.failure === undefined && step.status !== 'skipped'),
    steps,
    checks: [],
    tainted: false,
    loopDelayMs: 0.4,
    ...overrides,
  };
}

export function threshold(text: string, overrides: Partial<ThresholdResult> = {}): ThresholdResult {
  return { threshold: text, actual: 18, unit: 'ms', passed: true, ...overrides };
}

export const SELF: SelfState = { cpuMs: 31.2, loopDelayMaxMs: 1.1, concurrency: 2, taintedSamples: 0, node: 'v24.1.0' };

/** A run whose summaries follow from its passes. */
export function run(probe: string, passes: readonly Pass[], overrides: Partial<Run> = {}): Run {
  const latencies = passes.map((one) => one.latencyMs);
  return {
    runId: `${probe}/2026-04-07T13:00:00Z/local`,
    probe,
    kind: 'http',
    slot: '2026-04-07T13:00:00Z',
    trigger: 'demand',
    region: 'local',
    environment: 'dev',
    startedAt: STARTED,
    durationMs: passes.reduce((sum, one) => sum + (one.latencyMs ?? 5), 40),
    status: 'done',
    verdict: 'pass',
    reasons: [],
    samples: passes.length,
    planned: passes.length,
    good: passes.filter((one) => !isBad(one)).length,
    latencyMs: percentiles(latencies),
    phasesMs: passes[0]?.steps[0]?.phasesMs ?? {},
    steps: summarizeSteps(passes),
    series: [
      {
        name: 'total',
        connection: 'keep-alive',
        samples: latencies.length,
        unanswered: latencies.filter((ms) => ms === null).length,
        latencyMs: percentiles(latencies),
      },
    ],
    checks: summarizeChecks(passes),
    slo: [],
    baseline: { state: 'none', ratio: null, interval: null, runs: 0 },
    connections: [],
    cleanup: [],
    self: SELF,
    severity: 'ticket',
    exemplar: passes.find(isBad) ?? median(passes),
    ...overrides,
  };
}

/** A run that measured nothing. */
export function emptyRun(probe: string, status: Exclude<Run['status'], 'done'>, reason: string): Run {
  return run(probe, [], {
    status,
    verdict: null,
    reasons: [reason],
    planned: 5,
    durationMs: 0,
    steps: [],
    series: [],
    self: null,
  });
}

export function document(runs: readonly Run[], overrides: Partial<RunDocument> = {}): RunDocument {
  return {
    schema: 1,
    tool: 'plimsoll 0.1.0',
    service: 'notes',
    environment: 'dev',
    startedAt: STARTED,
    verdict: 'pass',
    variables: [],
    runs,
    ...overrides,
  };
}

function median(passes: readonly Pass[]): Pass | null {
  return (
    [...passes].sort((a, b) => (a.latencyMs ?? 0) - (b.latencyMs ?? 0))[Math.floor((passes.length - 1) / 2)] ?? null
  );
}

function isBad(one: Pass): boolean {
  return !one.complete || [...one.checks, ...one.steps.flatMap((step) => step.checks)].some((c) => c.result === 'fail');
}

function summarizeSteps(passes: readonly Pass[]): readonly StepSummary[] {
  return (passes[0]?.steps ?? []).map((first) => {
    const all = passes.flatMap((one) => one.steps.filter((step) => step.step === first.step));
    return {
      name: first.step,
      type: first.type,
      status: all.find((step) => step.status !== 'done')?.status ?? 'done',
      ...(first.reason === undefined ? {} : { reason: first.reason }),
      samples: all.filter((step) => step.status !== 'skipped').length,
      latencyMs: percentiles(all.map((step) => step.latencyMs)),
      phasesMs: first.phasesMs,
      thresholds: [],
    };
  });
}

function summarizeChecks(passes: readonly Pass[]): readonly CheckSummary[] {
  const all = passes.flatMap((one) => [
    ...one.steps.flatMap((step) => step.checks.map((c) => ({ ...c, step: step.step }))),
    ...one.checks.map((c) => ({ ...c, step: undefined })),
  ]);
  const keys = [...new Set(all.map((one) => JSON.stringify([one.step, one.name])))];
  return keys.map((key) => {
    const same = all.filter((one) => JSON.stringify([one.step, one.name]) === key);
    const judged = same.filter((one) => one.result !== 'inconclusive');
    const shown = same.find((one) => one.result === 'fail') ?? same.at(-1);
    return {
      name: shown?.name ?? '',
      ...(shown?.step === undefined ? {} : { step: shown.step }),
      passed: judged.filter((one) => one.result === 'pass').length,
      total: judged.length,
      inconclusive: same.length - judged.length,
      actual: shown?.actual ?? '',
    };
  });
}

/** A document with the samples of its runs by run id. */
export type Everything = { readonly document: RunDocument; readonly passes: ReadonlyMap<string, readonly Pass[]> };

/** Keys whose values are ours and not a target's or a user's. */
const OURS: ReadonlySet<string> = new Set([
  'kind',
  'at',
  'status',
  'verdict',
  'type',
  'unit',
  'state',
  'direction',
  'result',
  'confident',
  'trigger',
  'severity',
]);

/** The document with `text` in every field that holds free text, names of headers among them. */
export function poisoned({ document: clean, passes }: Everything, text: string): Everything {
  const inValue = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return OURS.has(key) || key === 'runId' ? value : text;
    if (Array.isArray(value)) return value.map((one) => inValue(one, key));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, one]) => [name, inValue(one, name)] as const);
    return Object.fromEntries(key === 'headers' ? [...entries, [text, text]] : entries);
  };
  return {
    document: inValue(clean, '') as RunDocument,
    passes: new Map([...passes].map(([runId, all]) => [runId, inValue(all, '') as readonly Pass[]])),
  };
}
