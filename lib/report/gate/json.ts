import type { GateReport, GateScenario } from '../../judge/gate.ts';
import type { Run } from '../../result/result.ts';

const proofOf = (run: Run, ageMs: number | null) => ({
  runId: run.runId,
  slot: run.slot,
  startedAt: run.startedAt,
  ageMs,
  trigger: run.trigger,
  region: run.region,
  environment: run.environment,
  verdict: run.verdict,
  reasons: run.reasons,
  ...(run.attribution === undefined ? {} : { attribution: run.attribution }),
  samples: run.samples,
  planned: run.planned,
  good: run.good,
  latencyMs: run.latencyMs,
});

const scenarioOf = (scenario: GateScenario) => {
  const { probe, command, result, reasons, notes, deferral, run, ageMs, objectives, baseline } = scenario;
  return {
    probe,
    result,
    command,
    reasons,
    notes,
    ...(deferral === undefined ? {} : { deferred: { ...deferral, overdue: deferral.overdueMs !== undefined } }),
    proof: run && proofOf(run, ageMs),
    objectives,
    baseline,
  };
};

/** The gate's answer as pretty JSON in a stable order of keys, with a line feed at its end. Latencies in ms, `null` = never. */
export const renderGateJson = (report: GateReport): string => {
  const { tool, service, environment, checkedAt, command, maxAgeMs, confident, advisory } = report;
  const { result, broken, undecided, overdue, scenarios, inputs } = report;
  const document = {
    schema: 1,
    tool,
    service,
    environment,
    checkedAt,
    command,
    maxAgeMs,
    confident,
    advisory,
    result,
    broken,
    undecided,
    overdue,
    scenarios: scenarios.map(scenarioOf),
    inputs,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
