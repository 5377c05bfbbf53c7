import type {
  Attribution,
  BaselineReport,
  CheckSummary,
  Figure,
  Run,
  RunDocument,
  SeriesSummary,
  SoakOutcome,
  StepSummary,
  ThresholdResult,
  VariableReport,
} from '../result/result.ts';
import { PHASES } from './facts.ts';
import { PERCENTILES } from './format.ts';

/**
 * The orders below are a contract: a run reads as DESIGN.md documents it, the rest follows. `satisfies` makes the
 * compiler ask for a place for every key that the result gains.
 */
const DOCUMENT = {
  schema: 1,
  tool: 1,
  service: 1,
  environment: 1,
  startedAt: 1,
  verdict: 1,
  variables: 1,
  runs: 1,
} satisfies Keys<RunDocument>;

const RUN = {
  probe: 1,
  kind: 1,
  slot: 1,
  startedAt: 1,
  status: 1,
  verdict: 1,
  reasons: 1,
  samples: 1,
  latencyMs: 1,
  phasesMs: 1,
  steps: 1,
  series: 1,
  checks: 1,
  slo: 1,
  baseline: 1,
  attribution: 1,
  recovery: 1,
  runId: 1,
  trigger: 1,
  region: 1,
  environment: 1,
  overridden: 1,
  severity: 1,
  runbook: 1,
  durationMs: 1,
  lateMs: 1,
  missed: 1,
  planned: 1,
  good: 1,
  connections: 1,
  cleanup: 1,
  self: 1,
  exemplar: 1,
} satisfies Keys<Run>;

const STEP = {
  name: 1,
  type: 1,
  status: 1,
  reason: 1,
  samples: 1,
  latencyMs: 1,
  phasesMs: 1,
  thresholds: 1,
  figures: 1,
  soak: 1,
} satisfies Keys<StepSummary>;

const FIGURE = { name: 1, value: 1, unit: 1 } satisfies Keys<Figure>;
const SOAK = {
  iterations: 1,
  failed: 1,
  messages: 1,
  durationMs: 1,
  failures: 1,
  steps: 1,
  lateMs: 1,
} satisfies Keys<SoakOutcome>;
const SOAK_STEP = { name: 1, samples: 1, unanswered: 1, latencyMs: 1 } satisfies Keys<SoakOutcome['steps'][number]>;
const SOAK_FAILURE = { iteration: 1, step: 1, reason: 1, frames: 1 } satisfies Keys<SoakOutcome['failures'][number]>;

const SERIES = { name: 1, connection: 1, samples: 1, unanswered: 1, latencyMs: 1 } satisfies Keys<SeriesSummary>;
const CHECK = { name: 1, passed: 1, total: 1, actual: 1, step: 1, inconclusive: 1 } satisfies Keys<CheckSummary>;
const BASELINE = { state: 1, ratio: 1, interval: 1, runs: 1, trend: 1 } satisfies Keys<BaselineReport>;
const ATTRIBUTION = { at: 1, words: 1, phase: 1, control: 1 } satisfies Keys<Attribution>;
const VARIABLE = {
  name: 1,
  set: 1,
  source: 1,
  passedOver: 1,
  required: 1,
  secret: 1,
  value: 1,
} satisfies Keys<VariableReport>;

const THRESHOLD = {
  threshold: 1,
  step: 1,
  actual: 1,
  unit: 1,
  passed: 1,
  bad: 1,
  total: 1,
  budget: 1,
  interval: 1,
  confident: 1,
  budgetLeft: 1,
} satisfies Keys<ThresholdResult>;

const LATENCY = Object.fromEntries(PERCENTILES.map((name) => [name, 1]));
const PHASE = Object.fromEntries(PHASES.map((name) => [name, 1]));

type Keys<T> = Record<keyof Required<T>, 1>;

/** The document as pretty JSON in a stable order of keys, with a line feed at its end. Latencies in ms, `null` = never. */
export function renderJson(document: RunDocument): string {
  const ordered = inOrder(DOCUMENT, {
    ...document,
    variables: document.variables.map((variable) => inOrder(VARIABLE, withoutSecret(variable))),
    runs: document.runs.map(orderRun),
  });
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function orderRun(run: Run): object {
  return inOrder(RUN, {
    ...run,
    ...(run.attribution ? { attribution: inOrder(ATTRIBUTION, run.attribution) } : {}),
    latencyMs: inOrder(LATENCY, run.latencyMs),
    phasesMs: inOrder(PHASE, run.phasesMs),
    steps: run.steps.map(orderStep),
    series: run.series.map((series) => inOrder(SERIES, { ...series, latencyMs: inOrder(LATENCY, series.latencyMs) })),
    checks: run.checks.map((check) => inOrder(CHECK, check)),
    slo: run.slo.map((threshold) => inOrder(THRESHOLD, threshold)),
    ...(run.recovery ? { recovery: run.recovery.map((threshold) => inOrder(THRESHOLD, threshold)) } : {}),
    baseline: inOrder(BASELINE, run.baseline),
  });
}

function orderStep(step: StepSummary): object {
  return inOrder(STEP, {
    ...step,
    latencyMs: inOrder(LATENCY, step.latencyMs),
    phasesMs: inOrder(PHASE, step.phasesMs),
    thresholds: step.thresholds.map((threshold) => inOrder(THRESHOLD, threshold)),
    ...(step.figures ? { figures: step.figures.map((figure) => inOrder(FIGURE, figure)) } : {}),
    ...(step.soak ? { soak: orderSoak(step.soak) } : {}),
  });
}

function orderSoak(soak: SoakOutcome): object {
  return inOrder(SOAK, {
    ...soak,
    failures: soak.failures.map((failure) => inOrder(SOAK_FAILURE, failure)),
    steps: soak.steps.map((step) => inOrder(SOAK_STEP, { ...step, latencyMs: inOrder(LATENCY, step.latencyMs) })),
    ...(soak.lateMs ? { lateMs: inOrder(LATENCY, soak.lateMs) } : {}),
  });
}

/** The known keys in their order, then any others as they came: an older reader loses nothing of a newer document. */
function inOrder(order: object, value: object): object {
  const given = new Map<string, unknown>(Object.entries(value));
  const known = Object.keys(order).filter((key) => given.has(key));
  const others = [...given.keys()].filter((key) => !Object.hasOwn(order, key));
  return Object.fromEntries([...known, ...others].map((key) => [key, given.get(key)]));
}

function withoutSecret(variable: VariableReport): VariableReport {
  if (!variable.secret) return variable;
  const { value: _, ...rest } = variable;
  return rest;
}
