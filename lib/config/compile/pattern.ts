import { messageFieldOf, messageRoles } from '../message-field.ts';
import type { Place } from '../place.ts';
import type { FramePattern, Json, Matcher, MessageField } from '../plan.ts';
import { suggest } from '../problem.ts';
import type { FramePatternInput } from '../schema/matcher.ts';
import { hasTemplate } from '../templates.ts';
import { checkFieldOrPath } from './field.ts';
import { compileMatcher, type Subject } from './matcher.ts';
import { given } from './values.ts';

const subjects: { readonly [Field in MessageField]: Subject } = {
  type: 'word',
  role: 'word',
  id: 'word',
  stream: 'word',
  cursor: 'json',
  sequence: 'json',
  code: 'word',
};

/** A role that no codec gives would never be seen. */
const checkRoles = (matcher: Matcher, place: Place): void => {
  for (const term of matcher) {
    if (term.op === 'not') checkRoles(term.matcher, place);
    if (term.op !== 'equals' && term.op !== 'oneOf') continue;
    for (const role of [term.value].flat() as readonly Json[]) {
      if (typeof role !== 'string' || messageRoles.some((one) => one === role) || hasTemplate(role)) continue;
      place.refuse('is no role of a message', { got: role, remedy: suggest(role, messageRoles, 'roles') });
    }
  }
};

/** What a pattern is gathered from, key by key. */
type Parts = {
  readonly subset: Record<string, Json>;
  readonly paths: Record<string, Matcher>;
  readonly fields: Partial<Record<MessageField, Matcher>>;
  not?: FramePattern;
  anyOf?: readonly FramePattern[];
};

const readAlternatives = (value: Json, place: Place): readonly FramePattern[] => {
  if (!Array.isArray(value) || value.length === 0) {
    place.refuse('must be a list of at least one pattern', {
      got: value,
      remedy: "write [{ type: 'a' }, { type: 'b' }]",
    });
    return [];
  }
  return place.items(value as readonly FramePatternInput[]).map(([one, at]) => compileSomePattern(one, at));
};

const readKey = (parts: Parts, key: string, value: Json, place: Place): void => {
  if (!key.startsWith('$')) {
    parts.subset[key] = value;
    return;
  }
  if (key === '$not') {
    parts.not = compileSomePattern(value as FramePatternInput, place);
    return;
  }
  if (key === '$anyOf') {
    parts.anyOf = readAlternatives(value, place);
    return;
  }
  const field = messageFieldOf(key);
  if (field !== undefined) {
    const matcher = compileMatcher(value, place, subjects[field]);
    if (field === 'role') checkRoles(matcher, place);
    parts.fields[field] = matcher;
    return;
  }
  checkFieldOrPath(key, place);
  parts.paths[key] = compileMatcher(value, place, 'json');
};

/** The empty pattern is one: it holds of every message. */
export const compilePattern = (input: FramePatternInput, place: Place): FramePattern => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    place.refuse('must be an object: part of a frame', {
      got: input,
      remedy: "write such as { type: 'ack' }, or { '$.id': { exists: true } }",
    });
    return { subset: {}, paths: {} };
  }
  const parts: Parts = { subset: {}, paths: {}, fields: {} };
  // JSON by now: `copyData` dropped what is undefined.
  for (const [key, value, at] of place.entries(input)) readKey(parts, key, value as Json, at);
  const { subset, paths, fields, not, anyOf } = parts;
  return {
    subset,
    paths,
    ...given('fields', Object.keys(fields).length > 0 ? fields : undefined),
    ...given('not', not),
    ...given('anyOf', anyOf),
  };
};

/** The same where a pattern that holds of every message would say nothing. */
export const compileSomePattern = (input: FramePatternInput, place: Place): FramePattern => {
  if (typeof input === 'object' && input !== null && Object.keys(input).length === 0 && !Array.isArray(input)) {
    const remedy = "say what the frame is like, such as { type: 'ack' }";
    place.refuse('is an empty pattern, which every frame matches', { remedy });
  }
  return compilePattern(input, place);
};
