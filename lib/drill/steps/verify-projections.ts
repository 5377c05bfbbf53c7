import { parts, put } from '../parts.ts';
import type { Step } from '../step.ts';

/** Read models agree with the events, as they did before: the baseline has seen to that. */
export const verifyProjections: Step = async ({ request: { runId } }, ports, signal) => {
  const findings = await ports.target.projections(signal);
  await put(ports.store, runId, parts.findings('VerifyProjections'), findings);
  return { next: 'go' };
};
