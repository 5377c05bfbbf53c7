import { parts } from '../parts.ts';
import { end, leaseMs, type Step } from '../step.ts';

/** Paging starts again so long after the longest outage that is waited for. */
const mutedBeyondMs = 120_000;

/** Looks both ways once more, right before it: gates and lock may have changed since. Then it notes its intent, once. */
export const armAndRecheck: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  const { store, drill, clock, owner } = ports;
  const { closed } = await ports.gates(signal, 'start');
  if (closed.length > 0) return end(ports, runId, { verdict: 'ABORTED', reasons: closed });
  const { fence } = record;
  if (fence === undefined || !(await store.renew(drill.target, record.owner ?? owner, fence, leaseMs))) {
    const reasons = [`the lock of ${drill.target} is not held any more`];
    return end(ports, runId, { verdict: 'ABORTED', reasons });
  }
  await store.putOnce(runId, parts.intent, { at: clock.now(), fence, owner });
  await ports.mute(clock.now() + drill.maxOutageMs + mutedBeyondMs, `drill ${drill.id}, run ${runId}`);
  return { next: 'go' };
};
