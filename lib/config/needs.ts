import type { Json, ProbePlan, SoakStep, Step } from './plan.ts';
import { capturesOf, connectionsOf, marksUsedBy, withInner } from './plan-walk.ts';
import { fillTemplate, operands, templateNames } from './templates.ts';

type Values = ReadonlyMap<string, Json>;

/** Names that a step's templates use, and names that its captures give to later steps. */
export type StepNeeds = { readonly needs: readonly string[]; readonly makes: readonly string[] };

export const needsOf = (step: Step): StepNeeds => {
  if (step.type === 'soak') return { needs: needsWithin(step.steps), makes: [] };
  // What is never rendered is not needed: a threshold, a name, the pattern of a capture.
  const { name: _name, mark: _mark, thresholds: _thresholds, ...rest } = step;
  const rendered = 'capture' in rest ? { ...rest, capture: {} } : rest;
  return { needs: templateNames(rendered), makes: capturesOf(step) };
};

/** What steps need that none of them makes for those after it. */
const needsWithin = (steps: readonly Step[]): readonly string[] => {
  const made = new Set<string>();
  const needed = new Set<string>();
  for (const { needs, makes } of steps.map(needsOf)) {
    for (const name of needs) if (!made.has(name)) needed.add(name);
    for (const name of makes) made.add(name);
  }
  return [...needed];
};

export type PlannedSkips = {
  /** Step name to the reason, steps and cleanup alike. */
  readonly skipped: ReadonlyMap<string, string>;
  /** The whole run is skipped, and why. */
  readonly skipProbe?: string;
};

const off = new Set(['', 'false', '0', 'no', 'off']);

const disabled = (enabled: ProbePlan['enabled'], values: Values): string | undefined => {
  if (enabled === true) return undefined;
  if (enabled === false) return 'disabled: enabled is false';
  const unset = templateNames(enabled).filter((name) => !values.has(name));
  const empty = new Map<string, Json>([...values, ...unset.map((name) => [name, ''] as const)]);
  const rendered = fillTemplate(enabled, empty).trim();
  if (!off.has(rendered.toLowerCase())) return undefined;
  const because = unset.length > 0 ? `${list(unset)} is not set` : `it is '${rendered}'`;
  return `disabled: enabled is ${enabled}, and ${because}`;
};

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** What steps leave for later ones, as far as the steps that are skipped took it away. */
type Gone = {
  readonly captures: Map<string, string>;
  readonly connections: Map<string, string>;
  readonly marks: Map<string, string>;
};

const missingLink = (step: Step, gone: Gone): string | undefined => {
  for (const as of connectionsOf(step)) {
    const opener = gone.connections.get(as);
    if (opener !== undefined) return `connection \`${as}\` is not opened: step \`${opener}\` is skipped`;
  }
  for (const mark of marksUsedBy(step)) {
    const setter = gone.marks.get(mark);
    if (setter !== undefined) return `mark \`${mark}\` is not set: step \`${setter}\` is skipped`;
  }
  return undefined;
};

const reasonToSkip = (step: Step, known: ReadonlySet<string>, gone: Gone): string | undefined => {
  if (step.type === 'soak') return reasonWithin(step, known, gone);
  const absent = needsOf(step).needs.filter((name) => !known.has(name));
  const captured = absent.find((name) => gone.captures.has(name));
  const unset = absent.filter((name) => !gone.captures.has(name));
  if (unset.length > 0) return `${list(unset)} ${unset.length > 1 ? 'are' : 'is'} not set`;
  if (captured !== undefined)
    return `\`${captured}\` is not captured: step \`${gone.captures.get(captured)}\` is skipped`;
  return missingLink(step, gone);
};

/** A soak that could not take all of its steps would repeat something else than its author meant: it is skipped whole. */
const reasonWithin = (soak: SoakStep, known: ReadonlySet<string>, gone: Gone): string | undefined => {
  const made = new Set(known);
  const left: Gone = {
    captures: new Map(gone.captures),
    connections: new Map(gone.connections),
    marks: new Map(gone.marks),
  };
  for (const step of soak.steps) {
    const reason = reasonToSkip(step, made, left);
    if (reason !== undefined) return `${reason} (step \`${step.name}\`)`;
    keep(step, made, left);
  }
  return undefined;
};

const skip = (step: Step, known: ReadonlySet<string>, gone: Gone): void => {
  for (const name of capturesOf(step)) if (!known.has(name)) gone.captures.set(name, step.name);
  for (const one of withInner(step)) {
    if (one.type === 'connect') gone.connections.set(one.as, step.name);
    if (one.mark !== undefined) gone.marks.set(one.mark, step.name);
  }
};

const keep = (step: Step, known: Set<string>, gone: Gone): void => {
  for (const name of capturesOf(step)) known.add(name);
  for (const one of withInner(step)) {
    if (one.type === 'connect') gone.connections.delete(one.as);
    if (one.mark !== undefined) gone.marks.delete(one.mark);
  }
};

/** A codec is loaded before the first step. The operands of a dialect are filled in later. */
const codecNeeds = ({ codec }: ProbePlan): readonly string[] =>
  templateNames(codec).filter((name) => !operands.includes(name));

/**
 * What of a probe cannot run with these values. A template that names a variable without a value is a need: its step
 * is skipped, and so are those that hang on its captures, its connection or its marks. No step left, a variable of
 * `needs` or of the codec without a value, or `enabled` off: the whole run is skipped. Required variables were dealt with before.
 */
export const plannedSkips = (probe: ProbePlan, values: Values): PlannedSkips => {
  const skipped = new Map<string, string>();
  const why = disabled(probe.enabled, values);
  if (why !== undefined) return { skipped, skipProbe: why };
  const unset = [...new Set([...probe.needs, ...codecNeeds(probe)])].filter((name) => !values.has(name));
  if (unset.length > 0)
    return { skipped, skipProbe: `needs ${list(unset)}, which ${unset.length > 1 ? 'are' : 'is'} not set` };
  const known = new Set(values.keys());
  const gone: Gone = { captures: new Map(), connections: new Map(), marks: new Map() };
  for (const step of [...probe.steps, ...probe.cleanup]) {
    const reason = reasonToSkip(step, known, gone);
    if (reason === undefined) keep(step, known, gone);
    else {
      skipped.set(step.name, reason);
      skip(step, known, gone);
    }
  }
  const first = probe.steps[0];
  const left = probe.steps.some((step) => !skipped.has(step.name));
  if (left || first === undefined) return { skipped };
  return { skipped, skipProbe: `no step can run: ${skipped.get(first.name)} (step \`${first.name}\`)` };
};
