import type { FailureKind, Pass } from '../result/result.ts';

/** Faults of our own side or of the config: they say nothing of the service. */
export const ownFaults: ReadonlySet<FailureKind> = new Set(['prober', 'guard', 'template']);

/** Broken by ourselves: it counts neither as an answer nor as the lack of one. */
const isOwnFault = (pass: Pass): boolean =>
  pass.steps.some(({ failure }) => failure !== undefined && ownFaults.has(failure.kind));

/** Passes that say something of the service: no threshold and no objective looks at the others. */
export const tellingPasses = (passes: readonly Pass[]): readonly Pass[] => passes.filter((pass) => !isOwnFault(pass));
