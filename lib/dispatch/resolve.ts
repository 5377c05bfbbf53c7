import type { VariableSource, VariableSpec } from '../config/plan.ts';
import { type ResolvedVariables, resolveVariables, type VariableReaders } from '../config/variables.ts';
import type { DeployedService } from './deployed.ts';

/** Sources that are read where the probe runs; the others are read where the synth ran. */
export const isDeployedSource = (source: VariableSource): boolean =>
  source.startsWith('ssm:') || source.startsWith('secretsmanager:');

const unread: VariableSpec = { from: [], required: false, secret: false };

/** A value of the synth comes after the sources that were written before its own. It is no template, whatever it holds. */
const withSynthValue = (value: string, spec: VariableSpec = unread): VariableSpec => ({
  ...spec,
  from: [...spec.from, 'flag'],
  // A source that is empty counts as not set, and a default does not.
  ...(value === '' ? { default: '' } : {}),
});

/**
 * The values of a deployed service, where the probe runs: those of the synth, and those that are read from `ssm:` and
 * `secretsmanager:`, which win where they were written first. In the reports, `flag` is what the synth resolved.
 *
 * @throws Error naming the variable and the source, when a source is broken rather than empty.
 */
export const resolveDeployed = (
  { variables, values }: Pick<DeployedService, 'variables' | 'values'>,
  readers: Pick<VariableReaders, 'ssm' | 'secretsmanager'>,
): Promise<ResolvedVariables> => {
  const left = new Map(Object.entries(variables));
  const settled = new Map(Object.entries(values));
  const known = [...settled].map(([name, value]) => [name, withSynthValue(value, left.get(name))] as const);
  const specs = { ...variables, ...Object.fromEntries(known) };
  return resolveVariables(specs, { ...readers, flag: (name) => settled.get(name), env: () => undefined });
};
