import { createHash } from 'node:crypto';
import type { Schedule } from './plan.ts';

const longestSpreadMs = 60_000;

/**
 * How much later than its slot a probe starts, in ms: a fixed share of its cadence (of a minute, where that is less) by
 * a hash of its id. A thousand minutely probes start evenly over the minute, each at its own second for good, and their
 * slots stay whole minutes. A cron starts at its minute: whoever writes one means it.
 */
export const startOffsetMs = (probe: string, schedule: Schedule): number => {
  if (schedule.kind === 'cron') return 0;
  const hash = createHash('sha256').update(probe).digest().readUInt32BE(0);
  return hash % Math.min(schedule.everyMs, longestSpreadMs);
};
