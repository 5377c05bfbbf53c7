import type { Place } from '../place.ts';
import { placeSteps } from '../placed-step.ts';
import type { ProbePlan } from '../plan.ts';
import type { ProbeInput } from '../schema/config.ts';
import { checkCodecNames, checkKnownTypes } from './codec.ts';
import { checkConnections, checkInvariantMarks } from './connections.ts';
import { checkFields } from './fields.ts';
import { checkProbeNames } from './names.ts';
import { checkOperations } from './operations.ts';

/** What only shows once a probe is compiled: names that one part gives and another uses. */
export const checkProbe = (
  probe: ProbeInput,
  plan: ProbePlan,
  place: Place,
  variables: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): void => {
  const steps = placeSteps(plan.steps, place.at('steps').items(probe.steps));
  const cleanup = placeSteps(plan.cleanup, place.at('cleanup').items(probe.cleanup));
  const all = [...steps, ...cleanup];
  checkProbeNames(probe, { steps, cleanup }, place, variables, lost);
  checkCodecNames(probe.codec, place.at('codec'), variables, lost);
  checkConnections(all, lost);
  const invariants = place
    .at('invariants')
    .items(probe.invariants)
    .flatMap(([, at], index) => {
      const invariant = plan.invariants[index];
      return invariant ? [[invariant, at] as const] : [];
    });
  checkInvariantMarks(invariants, steps, lost);
  // A codec that was cut out could do what the default cannot.
  if (plan.kind === 'http' || (probe.codec === undefined && !place.isWhole(probe))) return;
  checkOperations(plan.codec, all, lost);
  checkFields(plan.codec, all, invariants, lost);
  checkKnownTypes(plan.codec, invariants, lost);
};
