import type { Environment, GatePlan } from '../config/plan.ts';
import { worstResult } from './gate/evidence.ts';
import { type GateInput, judgeGateInputs } from './gate/input.ts';
import type { GateResult } from './gate/objective.ts';
import { type GateScenario, type GateTerms, judgeScenario, type ScenarioRuns } from './gate/scenario.ts';

export type { GateBaseline } from './gate/baseline.ts';
export { type GateInput, limitWords, readGateInputs } from './gate/input.ts';
export { type GateObjective, type GateResult, objectiveName } from './gate/objective.ts';
export type { Deferral, GateScenario, ScenarioRuns } from './gate/scenario.ts';

export type GateRequest = {
  readonly tool: string;
  readonly service: string;
  readonly environment: Environment;
  /** Repeats the gate. */
  readonly command: string;
  readonly plan: GatePlan;
  readonly scenarios: readonly ScenarioRuns[];
  /** Of `readGateInputs`. */
  readonly inputs: ReadonlyMap<string, number>;
  /** Reports the same, and stops nothing. */
  readonly advisory: boolean;
} & Pick<GateTerms, 'nowMs' | 'confident' | 'commandOf'>;

/** The answer of a gate, with all that it rests on. */
export type GateReport = Pick<
  GateRequest,
  'tool' | 'service' | 'environment' | 'command' | 'advisory' | 'confident'
> & {
  /** ISO. */
  readonly checkedAt: string;
  readonly maxAgeMs: number;
  readonly result: GateResult;
  /** What failed it: probe ids, and inputs as `input NAME`. */
  readonly broken: readonly string[];
  /** What left it open. */
  readonly undecided: readonly string[];
  /** Deferrals whose day has passed. */
  readonly overdue: readonly string[];
  readonly scenarios: readonly GateScenario[];
  readonly inputs: readonly GateInput[];
};

/** What holds where the config says nothing. */
export const defaultGate: GatePlan = { maxAgeMs: 86_400_000, advisory: false, inputs: {} };

const inputLabel = ({ name }: GateInput): string => `input ${name}`;

/** No figure from outside makes up for a service that nothing was measured of. */
const concludeResult = (scenarios: readonly GateScenario[], inputs: readonly GateInput[]): GateResult => {
  const measured = scenarios.flatMap(({ result }) => (result === 'skipped' || result === 'deferred' ? [] : result));
  const given = inputs.flatMap(({ result }) => result ?? []);
  return worstResult([...measured, ...given, ...(measured.length === 0 ? (['inconclusive'] as const) : [])]) ?? 'pass';
};

/**
 * Judges a release by what is stored and what was given: fail when a scenario or an input does, else inconclusive when a
 * scenario is, or when none at all was judged, else pass. What is skipped or deferred is neither.
 */
export const judgeGate = (request: GateRequest): GateReport => {
  const { tool, service, environment, command, advisory, confident, plan, nowMs, commandOf } = request;
  const terms = { nowMs, maxAgeMs: plan.maxAgeMs, confident, commandOf };
  const scenarios = request.scenarios.map((one) => judgeScenario(one, terms));
  const inputs = judgeGateInputs(plan.inputs, request.inputs);
  const judged = [
    ...scenarios.map(({ probe, result }) => ({ name: probe, result })),
    ...inputs.map((input) => ({ name: inputLabel(input), result: input.result })),
  ];
  const named = (wanted: GateResult) => judged.filter(({ result }) => result === wanted).map(({ name }) => name);
  return {
    tool,
    service,
    environment,
    command,
    checkedAt: new Date(nowMs).toISOString(),
    maxAgeMs: plan.maxAgeMs,
    confident,
    advisory,
    result: concludeResult(scenarios, inputs),
    broken: named('fail'),
    undecided: named('inconclusive'),
    overdue: scenarios.filter(({ deferral }) => deferral?.overdueMs !== undefined).map(({ probe }) => probe),
    scenarios,
    inputs,
  };
};
