import type { ProbePlan } from '../../config/plan.ts';
import type { FieldEdit } from '../../fault-proxy/fault.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { type JsonPlace, valueAt } from '../../match/json-place.ts';
import { distinct, leavesIn, overlap, samePlace, showPlace } from '../places.ts';
import type { Aim, PlannedFault } from '../planned-fault.ts';
import type { Seen } from '../seen.ts';
import { placesOfInvariants, placesOfPattern, placesOfStep } from './asserted.ts';
import { isEvent, isFirst } from './events.ts';
import type { FrameTarget } from './targets.ts';

/** Another value in a field that is held against the one before: the first of a stream must be too high, not too low. */
const misplaced = (path: JsonPlace, value: unknown, first: boolean): FieldEdit =>
  first && typeof value === 'number' ? { path, value: value + 1_000_000 } : { path };

const isMark = (place: JsonPlace, { match, root = [] }: FrameTarget): boolean =>
  match.fields?.some(({ path }) => samePlace(path, [...root, ...place])) ?? false;

/** What its step looks at in a message, what marks its sort last: of that the least can be falsified. */
const placesNamed = (target: FrameTarget, engines: MatchEngines): readonly JsonPlace[] => {
  const { patterns, message, step, claimed } = target;
  if (!claimed) return [];
  const places = patterns.flatMap((one) => placesOfPattern(one, message, engines));
  return [...places, ...placesOfStep(step, message, engines)].toSorted(
    (a, b) => Number(isMark(a, target)) - Number(isMark(b, target)),
  );
};

/** Another value in what the step looks at, in what each invariant compares, and in what neither does. */
export const frameCorruptions = (
  target: FrameTarget,
  { invariants }: ProbePlan,
  seen: Seen,
  engines: MatchEngines,
  aim: Aim,
): readonly PlannedFault[] => {
  const { root, message, step } = target;
  if (!root) {
    // Where the bit falls is chance, and so is whether anybody looks there.
    const flipped = aim('corrupt', { action: 'corrupt' }, (name) => `one bit of ${name} is another`);
    return [{ ...flipped, beyond: true }];
  }
  const edit = (place: JsonPlace, field: FieldEdit) =>
    aim('corrupt', { action: 'corrupt', field }, (name) => `${showPlace(place)} of ${name} is another`);
  const named = placesNamed(target, engines);
  const watching = isEvent(message) ? invariants : [];
  // Another key is no duplicate: of that one nothing can be seen.
  const ordering = watching.filter(({ kind }) => kind !== 'noDuplicates');
  const asserted = distinct([...named.slice(0, 1), ...placesOfInvariants(ordering, message, engines)]);
  const used = [...named, ...placesOfInvariants(invariants, message, engines)];
  const free = leavesIn(message.body).find((place) => !used.some((one) => overlap(one, place)));
  const whole = step.type === 'replay' && step.assert.includes('equalsLive');
  const beyond = asserted.length > 0 && !whole ? ({ beyond: true } as const) : {};
  const first = isFirst(target.frame, seen.frames);
  return [
    ...asserted.map((place) => edit(place, misplaced([...root, ...place], valueAt(message.body, place), first))),
    ...(free ? [{ ...edit(free, { path: [...root, ...free] }), ...beyond }] : []),
  ];
};
