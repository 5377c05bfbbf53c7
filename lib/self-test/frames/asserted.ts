import { messageFieldOf } from '../../config/message-field.ts';
import type { FieldName, FramePattern, Invariant, Json, Step } from '../../config/plan.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { compilePath } from '../../match/json-path.ts';
import { isObject, type JsonPlace, valueAt } from '../../match/json-place.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import { leavesIn, placeOf } from '../places.ts';

/** Where a message field stands in the body: the first place with its very value. */
const placeOfField = (field: keyof Message, message: Message): JsonPlace | undefined => {
  const wanted = message[field];
  return wanted === undefined
    ? undefined
    : leavesIn(message.body).find((place) => valueAt(message.body, place) === wanted);
};

/** Where a field name of the plan leads in a message: a key, a JSONPath, or `$sequence`. */
export const placeOfName = (name: FieldName, message: Message, engines: MatchEngines): JsonPlace | undefined => {
  const field = messageFieldOf(name);
  if (field) return placeOfField(field, message);
  if (name.startsWith('$')) return placeOf(compilePath(name, engines.search), message.body);
  return valueAt(message.body, [name]) === undefined ? undefined : [name];
};

const leavesOf = (subset: Json, place: JsonPlace = []): readonly JsonPlace[] =>
  isObject(subset) && Object.keys(subset).length > 0
    ? Object.entries(subset).flatMap(([key, value]) => leavesOf(value, [...place, key]))
    : place.length === 0
      ? []
      : [place];

/** Places that a pattern looks at, those that a capture fills in among them. */
export const placesOfPattern = (
  pattern: FramePattern,
  message: Message,
  engines: MatchEngines,
): readonly JsonPlace[] => {
  const { subset, paths, fields = {}, anyOf = [] } = pattern;
  const named = [...Object.keys(paths), ...Object.keys(fields).map((field) => `$${field}`)];
  return [
    ...leavesOf(subset).filter((place) => valueAt(message.body, place) !== undefined),
    ...named.map((name) => placeOfName(name, message, engines)).filter((place) => place !== undefined),
    ...anyOf.flatMap((one) => placesOfPattern(one, message, engines)),
  ];
};

/** Field whose value an invariant holds against that of other messages, or against what is known. */
const comparedBy = (invariant: Invariant): FieldName | undefined => {
  if (invariant.kind === 'noDuplicates') return invariant.key;
  if (invariant.kind === 'unknownTypes' && invariant.policy !== 'fail') return undefined;
  return 'field' in invariant ? invariant.field : undefined;
};

/** Where invariants look in a message. */
export const placesOfInvariants = (
  invariants: readonly Invariant[],
  message: Message,
  engines: MatchEngines,
): readonly JsonPlace[] =>
  invariants
    .map(comparedBy)
    .map((name) => (name === undefined ? undefined : placeOfName(name, message, engines)))
    .filter((place) => place !== undefined);

/** What a step of its own kind looks at, beside patterns. */
const fieldsOfStep = (step: Step): readonly FieldName[] => {
  if (step.type === 'ack' || step.type === 'reconnect') return ['$type', '$code'];
  return step.type === 'replay' ? ['$stream', '$cursor', '$sequence'] : [];
};

export const placesOfStep = (step: Step, message: Message, engines: MatchEngines): readonly JsonPlace[] =>
  fieldsOfStep(step)
    .map((name) => placeOfName(name, message, engines))
    .filter((place) => place !== undefined);
