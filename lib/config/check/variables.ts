import type { Place } from '../place.ts';
import type { VariableSpec } from '../plan.ts';
import { templateNames } from '../templates.ts';
import { checkTemplates, variableScope } from './names.ts';

type Variables = Readonly<Record<string, VariableSpec>>;

const referencesOf = (variables: Variables, name: string): readonly string[] =>
  Object.hasOwn(variables, name) ? templateNames(variables[name]?.default ?? '') : [];

/** Cycles of defaults, each once, as the names along the way. */
const findCycles = (variables: Variables): readonly (readonly string[])[] => {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  const walk = (name: string, trail: readonly string[]): void => {
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
  return cycles;
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
  for (const cycle of findCycles(variables)) {
    const [first = ''] = cycle;
    place
      .at(first, 'default')
      .refuse(`refers to itself: ${cycle.join(' → ')}`, { remedy: 'give one of them a plain default' });
  }
};
