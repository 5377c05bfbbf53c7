import { controlIdentity } from '../identity.ts';
import { parts, put } from '../parts.ts';
import { each, lookOften } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { Sighting, StreamHead } from '../record.ts';
import { end, type Step } from '../step.ts';

const isHead = (head: StreamHead | { readonly problem: string }): head is StreamHead => !('problem' in head);

const identityProblems = (sightings: readonly Sighting[]): readonly string[] => {
  const control = controlIdentity(sightings);
  return 'reason' in control ? [control.reason] : [];
};

/** What each stream shows; those that cannot be read are problems. */
export const captureHeads = async (ports: Ports, runId: string, signal: AbortSignal): Promise<readonly string[]> => {
  const streams = ports.targetPlan.ledger?.streams ?? [];
  const heads = await each(streams, signal, (stream) => ports.target.head(stream, signal));
  for (const head of heads) if (isHead(head)) await put(ports.store, runId, parts.head(head.stream), head);
  return heads.flatMap((head, index) => (isHead(head) ? [] : [`stream ${streams[index]}: ${head.problem}`]));
};

/** What already fails without a restart; nothing found after one could be blamed on it. */
export const standingProblems = async ({ target }: Ports, signal: AbortSignal): Promise<readonly string[]> => {
  const { problem } = await target.ready(signal);
  if (problem !== undefined) return [`the target is not ready: ${problem}`];
  const projections = await target.projections(signal);
  return projections.filter(({ result }) => result === 'fail').map(({ check, actual }) => `${check}: ${actual}`);
};

/** The steady state, and the negative control of the identity: how it looks when nobody restarts anything. */
export const captureBaseline: Step = async ({ request: { runId } }, ports, signal) => {
  const standing = await standingProblems(ports, signal);
  const sightings = standing.length === 0 ? await lookOften(ports, signal) : [];
  await put(ports.store, runId, parts.before, sightings);
  const problems = [
    ...standing,
    ...(standing.length === 0 ? identityProblems(sightings) : []),
    ...(standing.length === 0 ? await captureHeads(ports, runId, signal) : []),
  ];
  return problems.length === 0 ? { next: 'go' } : end(ports, runId, { verdict: 'INVALID_BASELINE', reasons: problems });
};
