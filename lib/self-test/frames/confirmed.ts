import { isEvent } from './events.ts';
import type { FrameTarget } from './targets.ts';

/** A way to count that gives the same in another run; nothing where it does not. */
type Way = (target: FrameTarget, same: FrameTarget | undefined) => FrameTarget | undefined;

const sinceOpened: Way = (target, same) => (same?.nth === target.nth ? target : undefined);

const sinceSent: Way = (target, same) => {
  const { match, nthAfter, frame } = target;
  const after = frame.sentBefore;
  const holds = after > 0 && same?.nthAfter === nthAfter && same.frame.sentBefore === after;
  return holds ? { ...target, match: { ...match, after }, when: { kind: 'nth', n: nthAfter } } : undefined;
};

const confirm = (target: FrameTarget, same: FrameTarget | undefined): FrameTarget => {
  // An answer follows what was sent; an event has its place in a history.
  const ways = isEvent(target.message) ? [sinceOpened, sinceSent] : [sinceSent, sinceOpened];
  for (const way of ways) {
    const found = way(target, same);
    if (found) return found;
  }
  return { ...target, when: { kind: 'from', n: Math.min(target.nth, same?.nth ?? target.nth) } };
};

const aliasOf = ({ step, label, claimed }: FrameTarget): string => JSON.stringify([step.name, label, claimed]);

/**
 * Targets as another run confirms them. An event that came at another place there (a history that grows with each run) is
 * counted from what the probe itself sent last; and where that does not hold either, met from the earlier place on.
 */
export const confirmedBy = (targets: readonly FrameTarget[], again: readonly FrameTarget[]): readonly FrameTarget[] => {
  const others = new Map(again.map((target) => [aliasOf(target), target]));
  return targets.map((target) => confirm(target, others.get(aliasOf(target))));
};
