import type { ProbePlan, Step } from './plan.ts';

/** A step, and within a soak those that it repeats, in order. */
export const withInner = (step: Step): readonly Step[] =>
  step.type === 'soak' ? [step, ...step.steps.flatMap(withInner)] : [step];

/** Every step of a probe wherever it stands: those within soaks, and its cleanup. */
export const stepsOf = ({ steps, cleanup }: Pick<ProbePlan, 'steps' | 'cleanup'>): readonly Step[] =>
  [...steps, ...cleanup].flatMap(withInner);

/** Names that a step gives to later ones. What is captured within a soak lives for one iteration of it. */
export const capturesOf = (step: Step): readonly string[] => ('capture' in step ? Object.keys(step.capture) : []);

/** Connections that must be there for a step; those of a soak's own steps are theirs. */
export const connectionsOf = (step: Step): readonly string[] => {
  switch (step.type) {
    case 'request':
    case 'connect':
    case 'soak':
      return [];
    case 'idempotent':
      return step.action.kind === 'send' ? [step.action.as, step.events.as] : [step.events.as];
    default:
      return [step.as].flat();
  }
};

/** Marks that a step looks back to. */
export const marksUsedBy = (step: Step): readonly string[] =>
  step.type === 'expect' ? [step.from, step.latency?.since].filter((mark) => mark !== undefined) : [];
