import type { Place } from '../place.ts';
import type { VariableSpec } from '../plan.ts';
import { templateNames } from '../templates.ts';
import { checkTemplates, variableScope } from './names.ts';

type Trail = readonly string[];
type Variables = Readonly<Record<string, VariableSpec>>;

const referencesOf = (variables: Variables, name: string): readonly string[] =>
  Object.hasOwn(variables, name) ? templateNames(variables[name]?.default ?? '') : [];

/** Defaults that refer to defaults: a person follows three. */
const deepest = 32;

/** Cycles of defaults, each once, as the names along the way. */
const findCycles = (
  variables: Variables,
): { readonly cycles: readonly Trail[]; readonly endless: readonly Trail[] } => {
  const cycles: Trail[] = [];
  const endless: Trail[] = [];
  const done = new Set<string>();
  const walk = (name: string, trail: readonly string[]): void => {
    if (trail.length > deepest) {
      endless.push(trail);
      return;
    }
    const start = trail.indexOf(name);
    if (start >= 0) {
      cycles.push([...trail.slice(start), name]);
      return;
    }
    if (done.has(name)) return;
    for (const reference of referencesOf(variables, name)) walk(reference, [...trail, name]);
    done.add(name);
  };
  for (const name of Object.keys(variables)) walk(name, []);
  return { cycles, endless };
};

/** The control target has nothing to do with the service: it must learn none of its secrets, and reports name it. */
export const checkControlSecrets = (url: string | undefined, variables: Variables, place: Place): void => {
  const secret = templateNames(url ?? '').find((name) => Object.hasOwn(variables, name) && variables[name]?.secret);
  if (secret === undefined) return;
  place.refuse(`would send the secret {{${secret}}} to somebody else`, { remedy: 'write a URL without a secret' });
};

/** Defaults may refer to other variables, but not in a circle, and not from an open one to a secret. */
export const checkVariables = (variables: Variables, place: Place, lost: ReadonlySet<string>): void => {
  const scope = variableScope(new Set(Object.keys(variables)), lost);
  for (const [name, variable, at] of place.entries(variables)) {
    checkTemplates(variable.default, at.at('default'), scope);
    if (variable.secret) continue;
    const secret = referencesOf(variables, name).find(
      (reference) => Object.hasOwn(variables, reference) && variables[reference]?.secret,
    );
    if (secret !== undefined) {
      at.at('default').refuse(`holds the secret {{${secret}}}, and would show it`, {
        remedy: 'write secret: true here too',
      });
    }
  }
  const { cycles, endless } = findCycles(variables);
  for (const [first = ''] of endless) {
    place.at(first, 'default').refuse(`refers to variables more than ${deepest} deep`, { remedy: 'shorten the chain' });
  }
  for (const cycle of cycles) {
    const [first = ''] = cycle;
    place
      .at(first, 'default')
      .refuse(`refers to itself: ${cycle.join(' → ')}`, { remedy: 'give one of them a plain default' });
  }
};
