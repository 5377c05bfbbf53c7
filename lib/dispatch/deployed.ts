import type { ControlPlan, Environment, MaintenancePlan, NetworkPlan, Plan, VariableSpec } from '../config/plan.ts';
import type { Retention } from '../result/retention.ts';

/**
 * What a synth bakes into the plan asset: the plan, and what its variables were where it ran. It holds no secret: of a
 * secret there is the reference alone, its default taken out.
 */
export type DeployedPlan = {
  readonly schema: 1;
  readonly environment: Environment;
  /** Its variables are those that are still to be read where the probe runs. */
  readonly plan: Plan;
  /** Variables that the synth resolved, from `flag`, `env:` or a default; never a secret. */
  readonly values: Readonly<Record<string, string>>;
  /** Cadences that have a schedule of their own, by key; the minute tick has the others. Absent: as `cadencesOf` says. */
  readonly cadences?: readonly string[];
};

/** What a probe has to know of its service: small, it rides in every message. */
export type DeployedService = {
  readonly service: string;
  readonly environment: Environment;
  /** Those that are still to be read where the probe runs: from `ssm:` and `secretsmanager:`. */
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly values: Readonly<Record<string, string>>;
  readonly network: NetworkPlan;
  readonly maintenance: readonly MaintenancePlan[];
  readonly control?: ControlPlan;
  /** Series judged in the whole plan: `keysOf`. */
  readonly keys: number;
  /** Two metrics of its own for each probe. */
  readonly metrics: 'service' | 'probe';
  /** Absent: the defaults. */
  readonly retention?: Retention;
};
