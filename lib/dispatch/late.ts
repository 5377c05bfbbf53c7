import { formatDurationMs } from '../config/duration.ts';
import type { Environment, ProbePlan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import type { ProbeState } from '../judge/memory.ts';
import type { Occasion } from '../judge/run.ts';
import type { WorkItem } from './message.ts';
import { lambdaTimeoutMs } from './time-left.ts';

/**
 * A run that begins later than this says little of its slot, however long its cadence is. It is longer than one takes to come
 * back whose function crashed: the queue hides its message for a Lambda's life and a minute (lib/stack/queues.ts).
 */
const longestLateMs = lambdaTimeoutMs + 5 * 60_000;

/** EventBridge Scheduler fires anywhere within its minute: a cadence below it is never called late for that. */
const schedulerPrecisionMs = 60_000;

const mayBeLateMs = ({ probe, trigger }: WorkItem): { readonly limitMs: number; readonly why: string } => {
  const cadence = trigger === 'schedule' && probe.schedule ? cadenceMs(probe.schedule) : Number.POSITIVE_INFINITY;
  const limitMs = Math.min(Math.max(cadence, schedulerPrecisionMs), longestLateMs);
  return { limitMs, why: limitMs === cadence ? 'the time between two runs' : 'the most that is measured' };
};

/**
 * Why a run comes too late to be measured, for a record of status `late`; `undefined` when it does not. A scheduled one may
 * be late by its cadence (of less than a minute: by a minute), every other by 20 minutes, and none by more.
 */
export const latenessOf = (item: WorkItem, nowMs: number): string | undefined => {
  const lateMs = nowMs - Date.parse(item.dueAt);
  const { limitMs, why } = mayBeLateMs(item);
  if (lateMs <= limitMs) return undefined;
  const seconds = Math.ceil(lateMs / 1000) * 1000;
  return `its turn came ${formatDurationMs(seconds)} after it was due: over ${formatDurationMs(limitMs)}, ${why}`;
};

/** A queue holds a message back for 15 minutes at most: an item that is not due by then comes early, and goes back. */
export const isEarly = ({ trigger, slot, dueAt }: WorkItem, nowMs: number): boolean =>
  // Its own offset spreads a scheduled run over the minute, and no more: from its slot on it may be made.
  Date.parse(trigger === 'confirm' ? dueAt : slot) > nowMs;

/** The run that an item asks for. */
export const occasionOf = (item: WorkItem, region: string, environment: Environment, nowMs: number): Occasion => ({
  slot: item.slot,
  trigger: item.trigger,
  region,
  environment,
  ...(item.trigger === 'schedule' ? { lateMs: Math.max(0, Math.round(nowMs - Date.parse(item.dueAt))) } : {}),
  ...(item.token === undefined ? {} : { token: item.token }),
});

/** The extra run that a probe's state asks for. */
export const confirmItem = (probe: ProbePlan, { slot, at }: NonNullable<ProbeState['confirm']>): WorkItem => ({
  probe,
  slot,
  trigger: 'confirm',
  token: 'confirm',
  dueAt: at,
});
