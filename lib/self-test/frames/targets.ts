import type { FramePattern, ProbePlan, Step } from '../../config/plan.ts';
import type { FrameMatch, When } from '../../fault-proxy/fault.ts';
import type { MatchEngines } from '../../match/engines.ts';
import type { JsonPlace } from '../../match/json-place.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import type { Seen, SeenFrame } from '../seen.ts';
import { isEvent, isFollowed, watchedEvent } from './events.ts';
import { matchOf, nthOf, rootOf } from './matching.ts';
import { patternsFor } from './patterns.ts';

/** A received frame that the probe looks at, and how a fault finds its like in another run. */
export type FrameTarget = {
  /** Who claims it; of one that nobody claims, the last step before the invariants are judged. */
  readonly step: Step;
  readonly claimed: boolean;
  /** `note_patched`. */
  readonly label: string;
  readonly frame: SeenFrame;
  readonly message: Message;
  /** Where the message stands in the frame's document; nothing where it is not JSON. */
  readonly root?: JsonPlace;
  readonly patterns: readonly FramePattern[];
  readonly match: FrameMatch;
  /** Its number among those that match on its websocket, from 1. */
  readonly nth: number;
  /** The same among those that came after the probe's last frame before it. */
  readonly nthAfter: number;
  readonly when: When;
  /** It may be swapped with the next. */
  readonly isFollowed: boolean;
};

const targetOf = (
  frame: SeenFrame,
  step: Step,
  claimed: boolean,
  seen: Seen,
  engines: MatchEngines,
): FrameTarget | undefined => {
  const read = frame.messages.map((message) => ({ message, patterns: patternsFor(step, message, engines) }));
  const { message, patterns } = read.find((one) => one.patterns.length > 0) ?? read[0] ?? {};
  if (!message || !patterns) return undefined;
  const root = rootOf(frame, message);
  const match = matchOf(frame, message, patterns, engines);
  const nth = nthOf(frame, match, seen.frames);
  return {
    step,
    claimed,
    label: message.code ?? message.type ?? 'frame',
    frame,
    message,
    ...(root ? { root } : {}),
    patterns,
    match,
    nth,
    nthAfter: nthOf(frame, { ...match, after: frame.sentBefore }, seen.frames),
    when: { kind: 'nth', n: nth },
    isFollowed: isFollowed(frame, seen),
  };
};

const mostLabels = 3;

/** Of each sort that a step claims one: of events the second, for the first of a stream has nothing before it. */
const pick = (targets: readonly FrameTarget[]): readonly FrameTarget[] =>
  [...Map.groupBy(targets, ({ step, label }) => JSON.stringify([step.name, label])).values()].flatMap((alike) => {
    const second = alike[1] && isEvent(alike[1].message) ? alike[1] : undefined;
    return second ?? alike[0] ?? [];
  });

const bounded = (targets: readonly FrameTarget[]): readonly FrameTarget[] =>
  [...Map.groupBy(targets, ({ step }) => step.name).values()].flatMap((ofStep) => ofStep.slice(0, mostLabels));

/** The frames of a run that faults are aimed at. Where no step claims any and nothing watches them, the first that came. */
export const frameTargets = (probe: ProbePlan, seen: Seen, engines: MatchEngines): readonly FrameTarget[] => {
  const claimed = seen.claims.flatMap(({ step: name, frame }) => {
    const step = probe.steps.find((one) => one.name === name);
    return (step && targetOf(frame, step, true, seen, engines)) ?? [];
  });
  const watched = probe.invariants.length > 0 ? watchedEvent(seen) : undefined;
  const other = watched ?? (claimed.length > 0 ? undefined : seen.frames[0]);
  const last = probe.steps.at(-1);
  const unclaimed = other && last ? targetOf(other, last, false, seen, engines) : undefined;
  return [...bounded(pick(claimed)), ...(unclaimed ? [unclaimed] : [])];
};
