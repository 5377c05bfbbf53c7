import { checkServiceNames } from './check/names.ts';
import { checkProbe } from './check/probe.ts';
import { checkTargetNames } from './check/target.ts';
import { checkControlSecrets, checkVariables } from './check/variables.ts';
import { compileBudget, compileCloud, compileRetention } from './compile/cloud.ts';
import { checkDrillTarget, compileDrill } from './compile/drill.ts';
import { compileControl, compileMaintenance } from './compile/maintenance.ts';
import { compileProbe } from './compile/probe.ts';
import { compileRehearsal } from './compile/rehearsal.ts';
import { compileGate, compileNetwork, compileNotify, compileVariables } from './compile/service.ts';
import { compileTarget } from './compile/target.ts';
import { given } from './compile/values.ts';
import { copyData, freezeDeep } from './data.ts';
import { type Ledger, type Located, openPlace, type Place } from './place.ts';
import type { DrillPlan, Json, Plan, ProbePlan, TargetPlan } from './plan.ts';
import { type Path, type Problem, suggest } from './problem.ts';
import { salvage } from './salvage.ts';
import { type Config, configSchema } from './schema/config.ts';

export type { Problem } from './problem.ts';
export { formatProblems } from './problem.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Lost = ReadonlySet<string>;

const checkUnique = (ids: readonly (readonly [string, Place])[], noun: string): void => {
  const seen = new Set<string>();
  for (const [id, place] of ids) {
    if (seen.has(id)) place.refuse(`is the id of another ${noun}`, { got: id, remedy: 'give each its own' });
    seen.add(id);
  }
};

const compileProbes = (
  config: Config,
  place: Place,
  variables: ReadonlySet<string>,
  lost: Lost,
): readonly ProbePlan[] => {
  const probes = place.items(config.probes);
  checkUnique(
    probes.map(([probe, at]) => [probe.id, at.at('id')]),
    'probe',
  );
  return probes.map(([probe, at]) => {
    const plan = compileProbe(probe, at);
    checkProbe(probe, plan, at, variables, lost);
    return plan;
  });
};

const compileTargets = (
  config: Config,
  place: Place,
  variables: ReadonlySet<string>,
  lost: Lost,
): Readonly<Record<string, TargetPlan>> =>
  Object.fromEntries(
    place.entries(config.targets).map(([name, target, at]) => {
      checkTargetNames(target, at, variables, lost);
      return [name, compileTarget(target, at)];
    }),
  );

const compileDrills = (
  config: Config,
  place: Place,
  compiled: Readonly<Record<string, TargetPlan>>,
  lost: Lost,
): readonly DrillPlan[] => {
  const drills = place.items(config.drills);
  checkUnique(
    drills.map(([drill, at]) => [drill.id, at.at('id')]),
    'drill',
  );
  const targets = Object.keys(compiled);
  const known = { probes: (config.probes ?? []).map(({ id }) => id), lost };
  return drills.map(([drill, at]) => {
    const input = Object.hasOwn(compiled, drill.target) ? config.targets?.[drill.target] : undefined;
    const target = input && compiled[drill.target];
    if (!target && !lost.has(drill.target)) {
      at.at('target').refuse('is no target', { got: drill.target, remedy: suggest(drill.target, targets, 'targets') });
    }
    const plan = compileDrill(drill, at, known);
    if (target) checkDrillTarget(plan, target, at.isWhole(input), at);
    return plan;
  });
};

/** What there is to do. Items that were cut out for a mistake are reported already. */
const checkPurpose = ({ probes, drills }: Config, place: Place): void => {
  if ((probes ?? []).length > 0 || (drills ?? []).length > 0) return;
  if ([probes, drills].some((list) => list && !place.isWhole(list))) return;
  const remedy = 'write at least one probe, or drills';
  place.at('probes').refuse(probes === undefined ? 'is missing' : 'is an empty list', { remedy });
};

/** Service names become a metric's dimension and part of resource names. */
const servicePattern = /^[A-Za-z0-9][\w.-]{0,63}$/;

const compileConfig = (config: Config, place: Place, lost: Lost): Plan => {
  if (!servicePattern.test(config.service)) {
    const remedy = 'use letters, digits, dots, dashes and _, at most 64';
    place.at('service').refuse('is not a service name', { got: config.service, remedy });
  }
  checkPurpose(config, place);
  const variables = compileVariables(config.variables, place.at('variables'));
  checkVariables(variables, place.at('variables'), lost);
  const names = new Set(Object.keys(variables));
  checkServiceNames(config, place, names, lost);
  checkControlSecrets(config.control?.url, variables, place.at('control', 'url'));
  const targets = compileTargets(config, place.at('targets'), names, lost);
  return {
    service: config.service,
    variables,
    probes: compileProbes(config, place.at('probes'), names, lost),
    targets,
    drills: compileDrills(config, place.at('drills'), targets, lost),
    notify: compileNotify(config.notify, place.at('notify')),
    ...given('gate', compileGate(config.gate, place.at('gate'))),
    network: compileNetwork(config.network, place.at('network')),
    maintenance: compileMaintenance(config, place.at('maintenance'), lost),
    ...given('control', compileControl(config.control, place.at('control'))),
    ...given('rehearsal', compileRehearsal(config, place.at('rehearsal'), lost)),
    metrics: config.metrics ?? 'service',
    retention: compileRetention(config.retention, place.at('retention')),
    ...given('budget', compileBudget(config.budget, place.at('budget'))),
    cloud: compileCloud(config.cloud, place.at('cloud')),
  };
};

/** What `salvage` answers fits the schema, which changes nothing: the value is what the type says. */
const asConfig = (value: Json): Config => value as unknown as Config;

/** Position of a key in its object, counted once for each object. */
const openPositions = (): ((container: unknown, key: string | number) => number) => {
  const known = new WeakMap<object, ReadonlyMap<string, number>>();
  return (container, key) => {
    if (typeof key === 'number') return key;
    if (typeof container !== 'object' || container === null) return 0;
    const positions = known.get(container) ?? new Map(Object.keys(container).map((name, index) => [name, index]));
    known.set(container, positions);
    // A key that is missing is looked for at the end of its object.
    return positions.get(key) ?? positions.size;
  };
};

const childOf = (container: unknown, key: Path[number]): unknown =>
  typeof container === 'object' && container !== null
    ? (container as Readonly<Record<string, unknown>>)[key]
    : undefined;

/** As in the user's file: what a person reads from the top, they repair from the top. */
const inDocumentOrder = (input: unknown): ((left: Located, right: Located) => number) => {
  const position = openPositions();
  return (left, right) => {
    let container = input;
    for (const [index, key] of left.at.entries()) {
      const other = right.at[index];
      if (other === undefined) return 1;
      if (key !== other) return position(container, key) - position(container, other);
      container = childOf(container, key);
    }
    return left.at.length - right.at.length;
  };
};

const report = (located: readonly Located[], input: unknown): ParsedConfig => {
  const sorted = located.toSorted(inDocumentOrder(input));
  const distinct = new Map(sorted.map(({ at: _, ...problem }) => [`${problem.path}: ${problem.message}`, problem]));
  return { ok: false, problems: [...distinct.values()] };
};

/**
 * Reads a config, from whatever a JSON, YAML or TypeScript file held, into a plan: every default filled in, every
 * small language parsed, frozen to the last leaf. What is wrong with it is reported all at once, in the order of the
 * file. Never throws and changes nothing of `input`.
 */
export const parseConfig = (input: unknown): ParsedConfig => {
  const data = copyData(input);
  if (data.value === undefined) return report(data.problems, input);
  const { faults, value, lost, ...cuttings } = salvage(configSchema, data.value);
  const ledger: Ledger = { problems: [...data.problems, ...faults], ...cuttings };
  const plan = value === undefined ? undefined : compileConfig(asConfig(value), openPlace([], ledger), lost);
  return plan && ledger.problems.length === 0 ? { ok: true, plan: freezeDeep(plan) } : report(ledger.problems, input);
};
