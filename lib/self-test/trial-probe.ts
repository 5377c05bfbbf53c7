import type { ProbePlan, RequestStep, Step } from '../config/plan.ts';
import { onceOf } from './http/exchanges.ts';
import { keyHeaders } from './http/faults.ts';

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

/** Which request is a repeat, a target knows by a key; where that is no header of its own, nobody can take it away. */
const noteOnKey = (step: Step): readonly string[] => {
  if (step.type !== 'idempotent') return [];
  const once = onceOf(step);
  return once && keyHeaders(once).length > 0
    ? []
    : [`${step.name}: that the target forgets the key and does it again; the key is in no Idempotency-Key header`];
};

/** What the proxy stands in for at an origin that speaks TLS. */
const noteOnOrigin = (origin: string): readonly string[] =>
  origin.startsWith('https:')
    ? [`${origin}: its certificate (trust, name, expiry) and its TLS; the fault proxy dials it itself`]
    : [];

/** The probe untouched, but for its length. */
export const untouchedProbeOf = (probe: ProbePlan): ProbePlan => ({
  ...probe,
  samples: 1,
  steps: probe.steps.flatMap(unrolled),
});

/** The probe behind a proxy of ours before each of these origins. */
export const trialProbeOf = (probe: ProbePlan, origins: Iterable<string>): TrialProbe => {
  const { steps, cleanup, ...rest } = untouchedProbeOf(probe);
  return {
    probe: { ...rest, steps: steps.map(withoutTls), cleanup: cleanup.map(withoutTls) },
    notExercised: [
      ...probe.steps.flatMap(noteOnSoak),
      ...[...steps, ...cleanup].flatMap(noteOnTls),
      ...steps.flatMap(noteOnKey),
      ...[...origins].flatMap(noteOnOrigin),
    ],
  };
};
