import type { Place } from './place.ts';
import type { Step } from './plan.ts';
import type { StepInput } from './schema/config.ts';

/** A compiled step beside what its author wrote, and where. */
export type PlacedStep = {
  readonly step: Step;
  readonly input: StepInput;
  readonly place: Place;
  /** Of a soak: what it repeats. */
  readonly inner: readonly PlacedStep[];
};

/** Pairs steps with their inputs, one to one. */
export const placeSteps = (
  steps: readonly Step[],
  inputs: readonly (readonly [StepInput, Place])[],
): readonly PlacedStep[] =>
  inputs.flatMap(([input, place], index) => {
    const step = steps[index];
    if (step === undefined) return [];
    const inner =
      step.type === 'soak' && 'soak' in input
        ? placeSteps(step.steps, place.at('soak', 'steps').items(input.soak.steps))
        : [];
    return [{ step, input, place, inner }];
  });

/** A step and what it repeats, in order. */
export const withPlacedInner = (placed: PlacedStep): readonly PlacedStep[] => [
  placed,
  ...placed.inner.flatMap(withPlacedInner),
];
