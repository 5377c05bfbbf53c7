import { environmentRefusals } from '../config/environment.ts';
import type { Environment, Plan, VariableSpec } from '../config/plan.ts';
import { templateNames } from '../config/templates.ts';
import { cloudDrills } from '../drill/in-cloud.ts';
import type { VariableReport } from '../result/result.ts';
import { cadencesOf } from './cadence.ts';
import { deployVariables, type SynthReaders } from './deploy/variables.ts';
import type { DeployedPlan } from './deployed.ts';
import { isDeployedSource } from './resolve.ts';

export type { SynthReaders } from './deploy/variables.ts';

type Deployment =
  | {
      readonly ok: true;
      readonly deployed: DeployedPlan;
      /** What was set where the synth ran, and by which source; never a secret's value. */
      readonly reports: readonly VariableReport[];
    }
  /** All at once, each in words with its remedy. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Variables that the deployed parts work with, and those that their defaults are made of. */
const neededBy = (plan: Plan): ReadonlySet<string> => {
  const { probes, control, notify, variables, targets } = plan;
  const parts = probes.map(({ steps, cleanup, enabled }) => [steps, cleanup, enabled]);
  // How a target is started, and with what environment, is a laptop's business.
  const drills = cloudDrills(plan).map(({ target, restart }) => {
    const { ready, identity, ledger } = targets[target] ?? {};
    return [ready, identity, ledger, restart];
  });
  const waiting = [...templateNames([parts, control?.url, notify, drills]), ...probes.flatMap(({ needs }) => needs)];
  const needed = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name) || !Object.hasOwn(variables, name)) continue;
    needed.add(name);
    waiting.push(...templateNames(variables[name]?.default ?? ''));
  }
  return needed;
};

/** `ssm:/notes/token`. */
const remedyFor = (name: string, { service }: Plan): string => `add 'ssm:/${service}/${name}' to its \`from\``;

const secretProblem = (name: string, { from }: VariableSpec, plan: Plan): string => {
  const here = from.length > 0 ? ` (${from.join(', ')}: read where the synth runs)` : '';
  return `variable \`${name}\` is a secret, and a plan that is deployed holds none${here}: ${remedyFor(name, plan)}, and put its value there`;
};

type CanBeSet = (name: string) => boolean;

const missingProblem = (name: string, spec: VariableSpec, plan: Plan, canBeSet: CanBeSet): string => {
  const lacking = templateNames(spec.default ?? '').filter((reference) => !canBeSet(reference));
  const why = lacking.length > 0 ? ` (its default is made of ${lacking.join(', ')})` : '';
  const ways = spec.from.filter((source) => !isDeployedSource(source));
  const set = ways.length > 0 ? `set it where the synth runs (${ways.join(', ')}), or ` : '';
  return `variable \`${name}\` is required and not set${why}: ${set}${remedyFor(name, plan)}`;
};

const variableProblems = (plan: Plan, canBeSet: CanBeSet): readonly string[] => {
  const needed = neededBy(plan);
  return Object.entries(plan.variables).flatMap(([name, spec]) => {
    if (canBeSet(name) || !(spec.required || needed.has(name))) return [];
    if (spec.secret) return [secretProblem(name, spec, plan)];
    return spec.required ? [missingProblem(name, spec, plan, canBeSet)] : [];
  });
};

/**
 * What a synth bakes: the plan with its variables as they are where it runs. Of a secret it takes the reference alone,
 * and where `ssm:` or `secretsmanager:` stands before a source of here, it stays the first to be asked.
 */
export const deployPlan = (plan: Plan, environment: Environment, read: SynthReaders): Deployment => {
  const { variables, values, reports, canBeSet } = deployVariables(plan.variables, read);
  const problems = [...variableProblems(plan, canBeSet), ...environmentRefusals(plan, environment, values, 'dynamodb')];
  if (problems.length > 0) return { ok: false, problems };
  const deployed: DeployedPlan = {
    schema: 1,
    environment,
    plan: { ...plan, variables },
    values: Object.fromEntries(values),
    cadences: cadencesOf(plan.probes).schedules.map(({ key }) => key),
  };
  return { ok: true, deployed, reports };
};
