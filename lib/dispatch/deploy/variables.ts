import type { Plan, VariableSource, VariableSpec } from '../../config/plan.ts';
import { fillTemplate, templateNames } from '../../config/templates.ts';
import type { VariableReport } from '../../result/result.ts';
import { isDeployedSource } from '../resolve.ts';

/** What can be read where the synth runs. */
export type SynthReaders = {
  readonly flag: (name: string) => string | undefined;
  readonly env: (name: string) => string | undefined;
};

/** What the synth knows of a variable. */
type Known = {
  readonly spec: VariableSpec;
  /** What the flag or the environment says; never of a secret. */
  readonly found?: { readonly value: string; readonly source: VariableSource };
  /** Sources before it that are read where the probe runs. */
  readonly open: readonly VariableSource[];
  /** A default that may travel. */
  readonly template?: string;
};

/** Of a text without its references: `Bearer {{token}}` is a secret for what it refers to, and none by itself. */
const harmless = /^(?:\b(?:bearer|basic|token|apikey)\b|[^\p{L}\p{N}])*$/iu;

const isMadeOfReferences = (text: string): boolean =>
  templateNames(text).length > 0 && harmless.test(text.replace(/\{\{[^{}]*\}\}/g, ' '));

const look = (name: string, spec: VariableSpec, read: SynthReaders): Known => {
  const template = spec.default === undefined ? {} : { template: spec.default };
  if (spec.secret) {
    const travels = spec.default !== undefined && isMadeOfReferences(spec.default);
    return { spec, open: spec.from.filter(isDeployedSource), ...(travels ? template : {}) };
  }
  const open: VariableSource[] = [];
  for (const source of spec.from) {
    if (isDeployedSource(source)) open.push(source);
    else {
      const value = source === 'flag' ? read.flag(name) : read.env(source.slice('env:'.length));
      // Empty is not set, as it is where a command runs (lib/config/variables.ts).
      if (value !== undefined && value !== '') return { spec, open, found: { value, source } };
    }
  }
  return { spec, open, ...template };
};

type Answer<T> = (name: string) => T | undefined;

/** Asks each name once; a circle of defaults, which no plan has, ends. */
const once = <T>(answer: (name: string) => T | undefined): Answer<T> => {
  const known = new Map<string, T | undefined>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    known.set(name, undefined);
    const value = answer(name);
    known.set(name, value);
    return value;
  };
};

/** What a variable is here: final, or what stands behind sources that are still to be read. */
const openValues = (known: ReadonlyMap<string, Known>): Answer<string> => {
  const settle: Answer<string> = once((name) => {
    const { spec, found, template } = known.get(name) ?? {};
    if (found) return found.value;
    if (spec?.secret || template === undefined) return undefined;
    const parts = new Map<string, string>();
    for (const reference of templateNames(template)) {
      // What may still change where the probe runs must not be baked into another.
      const part = known.get(reference)?.open.length === 0 ? settle(reference) : undefined;
      if (part === undefined) return undefined;
      parts.set(reference, part);
    }
    return fillTemplate(template, parts);
  });
  return settle;
};

const openReach = (known: ReadonlyMap<string, Known>, settle: Answer<string>): ((name: string) => boolean) => {
  const reach: Answer<true> = once((name) => {
    const { open = [], template } = known.get(name) ?? {};
    if (open.length > 0 || settle(name) !== undefined) return true;
    return template !== undefined && templateNames(template).every((reference) => reach(reference)) ? true : undefined;
  });
  return (name) => reach(name) === true;
};

const reportOf = (name: string, { spec, found, open }: Known, value: string | undefined): VariableReport => ({
  name,
  set: value !== undefined,
  source: found?.source ?? (value === undefined ? null : 'default'),
  required: spec.required,
  secret: spec.secret,
  ...(value === undefined ? {} : { value }),
  ...(value === undefined && open.length > 0 ? { passedOver: open } : {}),
});

type DeployedVariables = {
  /** Those still to be read, and those that are made of such. */
  readonly variables: Plan['variables'];
  /** Final, or what stands behind the sources that are still to be read. */
  readonly values: ReadonlyMap<string, string>;
  /** One for each variable of the plan, in its order. */
  readonly reports: readonly VariableReport[];
  /** Whether anything, here or where the probe runs, may give it a value. */
  readonly canBeSet: (name: string) => boolean;
};

/** Splits a plan's variables into what is known where the synth runs, and what is read where the probe does. */
export const deployVariables = (variables: Plan['variables'], read: SynthReaders): DeployedVariables => {
  const known = new Map(Object.entries(variables).map(([name, spec]) => [name, look(name, spec, read)]));
  const settle = openValues(known);
  const canBeSet = openReach(known, settle);
  const left: [string, VariableSpec][] = [];
  const values = new Map<string, string>();
  for (const [name, { spec, open, template }] of known) {
    const value = settle(name);
    if (value !== undefined) values.set(name, value);
    const standIn = value === undefined && template !== undefined && canBeSet(name) ? { default: template } : {};
    if (open.length === 0 && !('default' in standIn)) continue;
    left.push([name, { from: open, ...standIn, required: spec.required, secret: spec.secret }]);
  }
  const reports = [...known].map(([name, one]) => reportOf(name, one, settle(name)));
  return { variables: Object.fromEntries(left), values, reports, canBeSet };
};
