import { parts, put } from '../parts.ts';
import { each } from '../patience.ts';
import type { Step } from '../step.ts';

/** Replays each stream and holds it against what it was before the restart. */
export const verifyStreams: Step = async ({ request: { runId }, heads }, ports, signal) => {
  const findings = await each(heads, signal, (head) => ports.target.checkStream(head, signal));
  await put(ports.store, runId, parts.findings('VerifyStreams'), findings.flat());
  return { next: 'go' };
};
