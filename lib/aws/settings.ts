import { parseEnvironment } from '../config/environment.ts';
import type { Environment } from '../config/plan.ts';
import { environmentNames } from '../names.ts';

type Name = Exclude<keyof typeof environmentNames, 'environment'>;

/** What the stack tells a function: names of resources, and where it is. */
export type Settings<Names extends Name = Name> = Readonly<Record<Names, string>> & {
  readonly environment: Environment;
  readonly region: string;
};

/**
 * Reads what the stack has set.
 * @throws Error that names every variable that is missing.
 */
export const readSettings = <Names extends Name>(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly Names[],
): Settings<Names> => {
  const entries = names.map((name) => [name, env[environmentNames[name]] ?? ''] as const);
  const region = env.AWS_REGION ?? '';
  const missing = [
    ...entries.flatMap(([name, value]) => (value === '' ? [environmentNames[name]] : [])),
    ...(region === '' ? ['AWS_REGION'] : []),
  ];
  if (missing.length > 0) {
    throw new Error(`this function is not set up: ${missing.join(', ')} must be set, which the stack does`);
  }
  const environment = parseEnvironment(env[environmentNames.environment]);
  if (!environment.ok) throw new Error(environment.message);
  const named = Object.fromEntries(entries) as Readonly<Record<Names, string>>;
  return { ...named, environment: environment.value, region };
};
