import { fails, passes } from '../finding.ts';
import { parts, put } from '../parts.ts';
import type { Step } from '../step.ts';

/** Only the lock that it holds. One that was lost to another is a finding: two may have worked on the target. */
export const releaseLock: Step = async (record, { store, drill }) => {
  const { fence, owner } = record;
  if (fence === undefined || owner === undefined) return { next: 'go' };
  const { runId } = record.request;
  // Released before, by a try whose answer was lost.
  if (record.verified.includes('ReleaseLock')) return { next: 'go' };
  const told = { area: 'cleanup', check: 'the lock was held to the end' } as const;
  const released = await store.release(drill.target, owner, fence);
  const finding = released ? passes(told, `fence ${fence}`) : fails(told, `fence ${fence} was not the newest any more`);
  await put(store, runId, parts.findings('ReleaseLock'), [finding]);
  return { next: 'go' };
};
