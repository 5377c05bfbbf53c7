import type { VariableReport } from '../result/result.ts';
import type { Plan, VariableSource, VariableSpec } from './plan.ts';
import type { Problem } from './problem.ts';
import { nearest } from './problem.ts';
import { fillTemplate, templateNames } from './templates.ts';

type Found = string | undefined;

/**
 * Where values come from; the name is what stands behind the scheme. A reader that is absent here (no AWS on a laptop)
 * is passed over. `undefined` says not set; a throw says that the source is broken, and stops the run.
 */
export type VariableReaders = {
  readonly flag: (name: string) => Found;
  readonly env: (name: string) => Found;
  readonly ssm?: (path: string) => Found | Promise<Found>;
  readonly secretsmanager?: (id: string) => Found | Promise<Found>;
};

export type ResolvedVariables = {
  /** Only those that are set. */
  readonly values: ReadonlyMap<string, string>;
  /** One for each variable, in the order of the config. */
  readonly reports: readonly VariableReport[];
  /** Required and not set: nothing may run. */
  readonly missing: readonly string[];
};

type Lookup = { readonly value: string; readonly source: string } | { readonly passedOver: readonly string[] };

const splitSource = (source: VariableSource, name: string): readonly [keyof VariableReaders, string] => {
  if (source === 'flag') return ['flag', name];
  const colon = source.indexOf(':');
  return [source.slice(0, colon) as keyof VariableReaders, source.slice(colon + 1)];
};

const read = async (source: VariableSource, name: string, readers: VariableReaders): Promise<Found> => {
  const [scheme, key] = splitSource(source, name);
  try {
    return await readers[scheme]?.(key);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`variable ${name} could not be read from ${source}: ${reason}`, { cause: error });
  }
};

const lookUp = async (name: string, spec: VariableSpec, readers: VariableReaders): Promise<Lookup> => {
  const passedOver: string[] = [];
  for (const source of spec.from) {
    const [scheme] = splitSource(source, name);
    if (!readers[scheme]) {
      passedOver.push(source);
      continue;
    }
    const value = await read(source, name, readers);
    // Container platforms set a variable that has no value to the empty text: that is not set, and the next may have it.
    if (value !== undefined && value !== '') return { value, source };
  }
  return { passedOver };
};

/** Fills the defaults in, those that others refer to first; a default whose references are not set is none. */
const fillDefaults = (variables: Plan['variables'], values: Map<string, string>): ReadonlySet<string> => {
  const filled = new Set<string>();
  const fill = (name: string, trail: ReadonlySet<string>): void => {
    const text = Object.hasOwn(variables, name) ? variables[name]?.default : undefined;
    // A plan has no cycles; one made by hand still ends.
    if (values.has(name) || text === undefined || trail.has(name)) return;
    const names = templateNames(text);
    for (const reference of names) fill(reference, new Set([...trail, name]));
    if (!names.every((reference) => values.has(reference))) return;
    values.set(name, fillTemplate(text, values));
    filled.add(name);
  };
  for (const name of Object.keys(variables)) fill(name, new Set());
  return filled;
};

/**
 * Resolves every variable: its sources in the order written, the first that has a value that is not empty; then its
 * default, which may be empty.
 * @throws Error naming the variable and the source, when a source is broken rather than empty.
 */
export const resolveVariables = async (
  variables: Plan['variables'],
  readers: VariableReaders,
): Promise<ResolvedVariables> => {
  const entries = Object.entries(variables);
  const lookups = new Map<string, Lookup>();
  for (const [name, spec] of entries) lookups.set(name, await lookUp(name, spec, readers));
  const values = new Map<string, string>();
  for (const [name, lookup] of lookups) if ('value' in lookup) values.set(name, lookup.value);
  const defaults = fillDefaults(variables, values);
  const reports = entries.map(([name, spec]) =>
    describe(name, spec, lookups.get(name), values.get(name), defaults.has(name)),
  );
  return {
    values,
    reports,
    missing: reports.flatMap((report) => (report.required && !report.set ? [report.name] : [])),
  };
};

const describe = (
  name: string,
  { required, secret }: VariableSpec,
  lookup: Lookup | undefined,
  value: Found,
  byDefault: boolean,
): VariableReport => ({
  name,
  set: value !== undefined,
  source: lookup && 'source' in lookup ? lookup.source : byDefault ? 'default' : null,
  required,
  secret,
  ...(value === undefined || secret ? {} : { value }),
  ...(value === undefined && lookup && 'passedOver' in lookup && lookup.passedOver.length > 0
    ? { passedOver: lookup.passedOver }
    : {}),
});

const longestValue = 60;

const showValue = ({ set, secret, value, required, passedOver = [] }: VariableReport): string => {
  if (set)
    return secret
      ? '(secret)'
      : value && value.length > longestValue
        ? `${value.slice(0, longestValue - 1)}…`
        : (value ?? '');
  const unread = passedOver.length > 0 ? `; ${passedOver.join(', ')} cannot be read here` : '';
  return `${required ? '(required)' : '(optional)'}${unread}`;
};

/** The table that every run prints: name, set or not, the source that won, the value unless it is a secret. */
export const formatVariables = (reports: readonly VariableReport[]): string => {
  const rows = [
    ['variable', 'set', 'source', 'value'],
    ...reports.map((report) => [report.name, report.set ? 'yes' : 'no', report.source ?? '-', showValue(report)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** Problems with `--set name=value`: a name that is unknown, or a variable that no flag may set. */
export const checkOverrides = (plan: Pick<Plan, 'variables'>, names: Iterable<string>): readonly Problem[] => {
  const settable = Object.entries(plan.variables).flatMap(([name, { from }]) => (from.includes('flag') ? [name] : []));
  const remedy =
    settable.length > 0 ? `these may be set: ${settable.join(', ')}` : 'no variable of this config may be set';
  return [...names].flatMap((name): Problem[] => {
    if (settable.includes(name)) return [];
    if (Object.hasOwn(plan.variables, name)) {
      return [{ path: `--set ${name}`, message: `variable \`${name}\` has no \`flag\` source`, remedy }];
    }
    const near = nearest(name, settable);
    const hint = near === undefined ? remedy : `did you mean \`${near}\`? ${remedy}`;
    return [{ path: `--set ${name}`, message: `there is no variable \`${name}\``, remedy: hint }];
  });
};
