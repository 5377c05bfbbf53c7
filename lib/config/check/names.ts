import { isMatcherObject } from '../compile/matcher.ts';
import type { Place } from '../place.ts';
import type { PlacedStep } from '../placed-step.ts';
import type { Json, Step } from '../plan.ts';
import { capturesOf } from '../plan-walk.ts';
import { nearest } from '../problem.ts';
import type { Config, ProbeInput } from '../schema/config.ts';
import { malformedTemplates, templateNames } from '../templates.ts';

/** Names that a template may use at one spot. */
export type Scope = {
  readonly known: ReadonlySet<string>;
  /** Captured further down: the message then says so. */
  readonly later: ReadonlyMap<string, string>;
  /** Captured within a soak further up, and gone with its iteration. */
  readonly ended?: ReadonlyMap<string, string>;
  /** Names that may have been cut out with a fault that is reported already. */
  readonly lost: ReadonlySet<string>;
  /** Where earlier steps have captures to offer. */
  readonly inSteps: boolean;
};

/** Outside of steps there are variables alone. */
export const variableScope = (known: ReadonlySet<string>, lost: ReadonlySet<string>): Scope => ({
  known,
  later: new Map(),
  lost,
  inSteps: false,
});

const refuseName = (name: string, place: Place, { known, later, ended, lost, inSteps }: Scope): void => {
  if (known.has(name) || lost.has(name)) return;
  const soak = ended?.get(name);
  if (soak !== undefined) {
    const remedy = `step \`${soak}\` captures it anew each time: capture it once more after that step`;
    place.refuse(`{{${name}}} is gone with the iteration that captured it`, { remedy });
    return;
  }
  const step = later.get(name);
  if (step !== undefined) {
    const remedy = `step \`${step}\` captures it from its answer: use it after that step`;
    place.refuse(`{{${name}}} is not captured yet`, { remedy });
    return;
  }
  const near = nearest(name, known);
  const otherwise = inSteps ? 'declare it under variables, or capture it first' : 'declare it under variables';
  place.refuse(`{{${name}}} is ${inSteps ? 'neither a variable nor captured by an earlier step' : 'no variable'}`, {
    remedy: near === undefined ? otherwise : `did you mean {{${near}}}?`,
  });
};

const checkText = (text: string, place: Place, scope: Scope): void => {
  for (const template of malformedTemplates(text)) {
    place.refuse(`${template} is no template`, {
      remedy: 'a name has letters, digits, _ and dots, such as {{baseUrl}}',
    });
  }
  for (const name of templateNames(text)) refuseName(name, place, scope);
};

/** Every template in every text below `value`; the schema of a matcher is taken as written. */
export const checkTemplates = (value: unknown, place: Place, scope: Scope): void => {
  if (typeof value === 'string') checkText(value, place, scope);
  else if (Array.isArray(value)) for (const [item, at] of place.items(value)) checkTemplates(item, at, scope);
  else if (typeof value === 'object' && value !== null) {
    const literal = isMatcherObject(value as Json);
    for (const [key, item, at] of place.entries(value as Readonly<Record<string, unknown>>)) {
      if (literal && key === 'schema') continue;
      // A JSONPath says by itself that it takes no templates.
      if (!key.startsWith('$')) checkText(key, at, scope);
      checkTemplates(item, at, scope);
    }
  }
};

const refuseShadows = (step: Step, place: Place, variables: ReadonlySet<string>): void => {
  for (const name of capturesOf(step)) {
    if (variables.has(name)) {
      place.refuse(`captures \`${name}\`, which is the name of a variable`, {
        remedy: 'call the capture something else',
      });
    }
  }
};

type StepScope = Scope & { readonly known: Set<string>; readonly ended: Map<string, string> };

const laterCaptures = (steps: readonly PlacedStep[]): readonly (readonly [string, string])[] =>
  steps.toReversed().flatMap(({ step }) => capturesOf(step).map((name) => [name, step.name] as const));

/** Steps in order: each may use what those before it captured. */
const checkSteps = (steps: readonly PlacedStep[], scope: StepScope, variables: ReadonlySet<string>): void => {
  const ahead = { ...scope, later: new Map([...scope.later, ...laterCaptures(steps)]) };
  for (const { step, input, place, inner } of steps) {
    const written = input as Readonly<Record<string, unknown>>;
    const { name: _name, mark: _mark, capture: _capture, soak: _soak, ...rendered } = written;
    checkTemplates(rendered, place, ahead);
    checkSteps(inner, { ...ahead, known: new Set(scope.known) }, variables);
    refuseShadows(step, place.at('capture'), variables);
    for (const name of capturesOf(step)) scope.known.add(name);
    for (const name of inner.flatMap((one) => capturesOf(one.step))) scope.ended.set(name, step.name);
  }
};

export const checkProbeNames = (
  probe: ProbeInput,
  steps: { readonly steps: readonly PlacedStep[]; readonly cleanup: readonly PlacedStep[] },
  place: Place,
  variables: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): void => {
  const scope = variableScope(variables, lost);
  for (const [name, at] of place.at('needs').items(probe.needs)) {
    if (variables.has(name) || lost.has(name)) continue;
    const near = nearest(name, variables);
    at.refuse('is no variable', {
      got: name,
      remedy: near === undefined ? 'declare it under variables' : `did you mean \`${near}\`?`,
    });
  }
  checkTemplates(probe.enabled, place.at('enabled'), scope);
  const inSteps = { ...scope, known: new Set(variables), ended: new Map<string, string>(), inSteps: true };
  checkSteps(steps.steps, inSteps, variables);
  checkSteps(steps.cleanup, inSteps, variables);
};

/** What is left: channels, the control target, and the commands that restart. */
export const checkServiceNames = (
  config: Config,
  place: Place,
  variables: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): void => {
  const scope = variableScope(variables, lost);
  checkTemplates(config.notify, place.at('notify'), scope);
  checkTemplates(config.control, place.at('control'), scope);
  for (const [drill, at] of place.at('drills').items(config.drills))
    checkTemplates(drill.restart, at.at('restart'), scope);
};
