import { resolve } from 'node:path';
import { parseEnvironment, parseStorage } from '../config/environment.ts';
import { parseConfig } from '../config/parse.ts';
import type { Environment, Plan, ProbePlan } from '../config/plan.ts';
import { formatProblems, nearest } from '../config/problem.ts';
import { checkOverrides, formatVariables, resolveVariables } from '../config/variables.ts';
import { loadConfigFile } from '../local/config-file.ts';
import type { VariableReport } from '../result/result.ts';
import { CommandError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command with a config has. */
export type ConfigOptions = { readonly config: string; readonly set: Readonly<Record<string, string>> };

/** Loads and checks a config. @throws CommandError with every problem at once. */
export const loadPlan = async (file: string, terminal: Terminal): Promise<Plan> => {
  const loaded = await loadConfigFile(resolve(terminal.cwd, file));
  if (!loaded.ok) throw new CommandError(loaded.problem);
  const result = parseConfig(loaded.value);
  if (!result.ok) throw new CommandError(`${file}: ${formatProblems(result.problems)}`);
  return result.plan;
};

export const environmentOf = (terminal: Terminal): Environment => {
  const environment = parseEnvironment(terminal.env.PLIMSOLL_ENVIRONMENT);
  if (!environment.ok) throw new CommandError(environment.message);
  return environment.value;
};

/** Where this command keeps runs. The stack's own table is reached by the stack alone. */
export const requireEmbeddedStorage = (terminal: Terminal): void => {
  const storage = parseStorage(terminal.env.PLIMSOLL_STORAGE);
  if (!storage.ok) throw new CommandError(storage.message);
  if (storage.value === 'dynamodb') {
    throw new CommandError(
      'PLIMSOLL_STORAGE is dynamodb, which this command does not reach: unset it to keep runs here',
    );
  }
};

export type ResolvedPlan = {
  readonly plan: Plan;
  readonly values: ReadonlyMap<string, string>;
  /** The values as they would be without `--set`. */
  readonly named: ReadonlyMap<string, string>;
  readonly variables: readonly VariableReport[];
  readonly missing: readonly string[];
};

/** A plan with its variables resolved from the flags and the environment. */
export const resolvePlan = async (options: ConfigOptions, terminal: Terminal): Promise<ResolvedPlan> => {
  const plan = await loadPlan(options.config, terminal);
  const problems = checkOverrides(plan, Object.keys(options.set));
  if (problems.length > 0) throw new CommandError(formatProblems(problems));
  const env = (name: string) => terminal.env[name];
  const { values, reports, missing } = await resolveVariables(plan.variables, {
    flag: (name) => options.set[name],
    env,
  });
  const named = await resolveVariables(plan.variables, { flag: () => undefined, env });
  return { plan, values, named: named.values, variables: reports, missing };
};

/** Stops before any request when a required variable has no value. */
export const requireVariables = ({ variables, missing }: ResolvedPlan): void => {
  if (missing.length === 0) return;
  const are = missing.length === 1 ? 'a required variable is' : 'required variables are';
  throw new CommandError(`${are} not set: ${missing.join(', ')}\n${formatVariables(variables)}`);
};

/** The probes named, in the plan's order; all when none is named. @throws CommandError where there are none. */
export const chooseProbes = (plan: Plan, ids: readonly string[]): readonly ProbePlan[] => {
  if (plan.probes.length === 0) {
    const named = ids.length === 0 ? '' : `no such probe: ${ids.join(', ')}; `;
    const then = 'there is nothing to run, to watch or to report; plimsoll drill runs them, drill --report shows them';
    throw new CommandError(`${named}the config has no probes, only drills: ${then}`);
  }
  const unknown = ids.filter((id) => !plan.probes.some((probe) => probe.id === id));
  if (unknown.length > 0) {
    const known = plan.probes.map((probe) => probe.id);
    const near = unknown.flatMap((id) => nearest(id, known) ?? []);
    const remedy =
      near.length === unknown.length ? `did you mean ${near.join(', ')}?` : `the config has ${known.join(', ')}`;
    throw new CommandError(`no such probe: ${unknown.join(', ')}; ${remedy}`);
  }
  return ids.length === 0 ? plan.probes : plan.probes.filter((probe) => ids.includes(probe.id));
};
