import type { FramePattern } from '../../config/plan.ts';
import { hasTemplate } from '../../config/templates.ts';
import type { FrameMatch } from '../../fault-proxy/fault.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { jsonEquals } from '../../match/equality.ts';
import { type JsonPlace, valueAt } from '../../match/json-place.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import { distinct } from '../places.ts';
import type { SeenFrame } from '../seen.ts';
import { placeOfName, placesOfPattern } from './asserted.ts';
import { sameSocket } from './events.ts';

/** Where a message stands in its frame's document; nothing where the frame is not JSON. */
export const rootOf = ({ json }: SeenFrame, { body }: Message): JsonPlace | undefined => {
  if (json === undefined) return undefined;
  if (jsonEquals(json, body)) return [];
  const index = Array.isArray(json) ? json.findIndex((one) => jsonEquals(one, body)) : -1;
  return index < 0 ? undefined : [String(index)];
};

const isWord = (value: unknown): value is string | boolean =>
  typeof value === 'boolean' || (typeof value === 'string' && value !== '');

/** Places whose values name the sort of a message, and stay the same from run to run: constants of the plan, or its type. */
const markingPlaces = (message: Message, patterns: readonly FramePattern[], engines: MatchEngines) => {
  const constant = (place: JsonPlace) =>
    patterns.some(({ subset }) => {
      const wanted = valueAt(subset, place);
      return isWord(wanted) && !hasTemplate(String(wanted)) && jsonEquals(wanted, valueAt(message.body, place));
    });
  const places = patterns.flatMap((pattern) => placesOfPattern(pattern, message, engines)).filter(constant);
  const type = placeOfName('$type', message, engines);
  return places.length > 0 || !type ? distinct(places) : [type];
};

/** What a fault knows a frame's like by in another run. */
export const matchOf = (
  frame: SeenFrame,
  message: Message,
  patterns: readonly FramePattern[],
  engines: MatchEngines,
): FrameMatch => {
  const match: FrameMatch = { connection: frame.connection, direction: 'in' };
  const root = rootOf(frame, message);
  const places = root ? markingPlaces(message, patterns, engines) : [];
  const fields = places.flatMap((place) => {
    const equals = valueAt(message.body, place);
    return root && equals !== undefined ? [{ path: [...root, ...place], equals }] : [];
  });
  if (fields.length > 0) return { ...match, fields };
  const { type = '' } = message;
  return type !== '' && frame.text?.includes(type) ? { ...match, contains: type } : match;
};

const fits = (frame: SeenFrame, { contains, fields = [], after = 0 }: FrameMatch): boolean =>
  frame.sentBefore >= after &&
  (contains === undefined || frame.text?.includes(contains) === true) &&
  fields.every(({ path, equals }) => frame.json !== undefined && jsonEquals(valueAt(frame.json, path), equals));

/** The number of a frame among those of its websocket that match, from 1. */
export const nthOf = (frame: SeenFrame, match: FrameMatch, frames: readonly SeenFrame[]): number =>
  frames.slice(0, frames.indexOf(frame) + 1).filter((one) => sameSocket(one, frame) && fits(one, match)).length;
