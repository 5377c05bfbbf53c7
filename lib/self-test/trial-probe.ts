import type { ProbePlan, RequestStep, Step } from '../config/plan.ts';

/** A probe as a self-test runs it: once, and without what a proxy in between changes of itself. */
export type TrialProbe = {
  readonly probe: ProbePlan;
  /** What of the probe is not tried, and why. */
  readonly notExercised: readonly string[];
};

const checksTls = ({ expect: { tls } }: RequestStep): boolean =>
  tls.version !== undefined || tls.daysLeft !== undefined;

/** Iterations of a soak are alike: what one does not notice, a thousand do not. */
const unrolled = (step: Step): readonly Step[] => (step.type === 'soak' ? step.steps : [step]);

const withoutTls = (step: Step): Step =>
  step.type === 'request' && checksTls(step) ? { ...step, expect: { ...step.expect, tls: {} } } : step;

const noteOnSoak = (step: Step): readonly string[] =>
  step.type === 'soak' ? [`${step.name}: that it lasts; what it repeats is tried once`] : [];

const noteOnTls = (step: Step): readonly string[] =>
  step.type === 'request' && checksTls(step)
    ? [`${step.name}: its TLS checks; the fault proxy dials the target itself, and speaks to the probe without TLS`]
    : [];

/** The probe untouched, but for its length. */
export const untouchedProbeOf = (probe: ProbePlan): ProbePlan => ({
  ...probe,
  samples: 1,
  steps: probe.steps.flatMap(unrolled),
});

/** The probe behind a proxy of ours. */
export const trialProbeOf = (probe: ProbePlan): TrialProbe => {
  const { steps, cleanup, ...rest } = untouchedProbeOf(probe);
  return {
    probe: { ...rest, steps: steps.map(withoutTls), cleanup: cleanup.map(withoutTls) },
    notExercised: [...probe.steps.flatMap(noteOnSoak), ...[...steps, ...cleanup].flatMap(noteOnTls)],
  };
};
