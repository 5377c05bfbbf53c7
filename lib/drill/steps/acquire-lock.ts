import { parts, put } from '../parts.ts';
import { end, leaseMs, type Step } from '../step.ts';

/** One drill of a target at a time. */
export const acquireLock: Step = async ({ request: { runId } }, ports) => {
  const { store, drill, owner } = ports;
  const answer = await store.acquire(drill.target, owner, leaseMs);
  if ('held' in answer) {
    const { by, until } = answer.held;
    const reasons = [`the lock of ${drill.target} is held by ${by} until ${new Date(until).toISOString()}`];
    return end(ports, runId, { verdict: 'REFUSED', reasons });
  }
  await put(store, runId, parts.lock, { fence: answer.fence, owner });
  return { next: 'go' };
};
