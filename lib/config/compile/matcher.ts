import { unsafeNamePatterns } from '../../match/schema-patterns.ts';
import { parseDuration } from '../duration.ts';
import type { Place } from '../place.ts';
import type { Json, Matcher, MatcherOp, MatcherTerm } from '../plan.ts';
import { describeValue, nearest } from '../problem.ts';
import { hasTemplate } from '../templates.ts';
import { checkPattern } from './values.ts';

/** What the matcher looks at, and so which bare values can ever be equal to it. */
export type Subject = 'status' | 'text' | 'word' | 'latency' | 'number' | 'attribute' | 'json';

const ops = [
  'equals',
  'contains',
  'matches',
  'oneOf',
  'lt',
  'lte',
  'gt',
  'gte',
  'minLength',
  'maxLength',
  'type',
  'exists',
  'schema',
] as const satisfies readonly MatcherOp[];
const names: readonly string[] = [...ops, 'not'];
const types = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'];

export type Fields = { readonly [key: string]: Json };

export const isFields = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of matchers and nothing else. The empty object is none: it would hold whatever came. */
export const isMatcherObject = (value: Json): boolean => {
  const keys = isFields(value) ? Object.keys(value) : [];
  return keys.length > 0 && keys.every((key) => names.includes(key));
};

const isWholeTemplate = (value: Json): boolean =>
  typeof value === 'string' && /^\{\{[^{}]*\}\}$/.test(value.trim()) && hasTemplate(value);

const readLatency = (value: Json, place: Place): Json => {
  if (typeof value === 'number' && value >= 0) return value;
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration?.ok) return duration.value;
  place.refuse('is no latency', { got: value, remedy: "write milliseconds, or a duration such as '500ms'" });
  return 0;
};

const readNumber = (value: Json, place: Place): Json => {
  if (typeof value !== 'number' && !isWholeTemplate(value)) {
    place.refuse('must be a number', { got: value, remedy: 'write a number, or one template such as {{limit}}' });
  }
  return value;
};

const readLength = (value: Json, place: Place): Json => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    place.refuse('must be a whole number, 0 or more', { got: value });
  }
  return value;
};

const readText = (value: Json, place: Place): Json => {
  if (typeof value !== 'string') place.refuse('must be a pattern as text', { got: value });
  else checkPattern(value, place);
  return value;
};

const readOptions = (value: Json, place: Place, subject: Subject): Json => {
  if (!Array.isArray(value) || value.length === 0) {
    place.refuse('must be a list of at least one value', { got: value, remedy: 'write { oneOf: [1, 2] }' });
    return [];
  }
  return place.items(value as readonly Json[]).map(([option, at]) => readBare(option, at, subject));
};

const readType = (value: Json, place: Place): Json => {
  if (typeof value !== 'string' || !types.includes(value)) {
    const remedy = `to compare with an object that has the key \`type\`, write { equals: … }`;
    place.refuse(`must be one of ${types.join(', ')}`, { got: value, remedy });
  }
  return value;
};

const readSchema = (value: Json, place: Place): Json => {
  if (!isFields(value) && typeof value !== 'boolean') {
    place.refuse('must be a JSON Schema: an object, true or false', { got: value });
  }
  for (const pattern of unsafeNamePatterns(value)) {
    place.refuse('has a name in patternProperties that could take for ever to match', {
      got: pattern,
      remedy: "begin it with ^ and use one quantifier at most, such as '^x-' or '^[a-z_]+$'",
    });
  }
  return value;
};

const readOperand = (op: MatcherOp, value: Json, place: Place, subject: Subject): Json => {
  switch (op) {
    case 'equals':
      return readBare(value, place, subject);
    case 'oneOf':
      return readOptions(value, place, subject);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return subject === 'latency' ? readLatency(value, place) : readNumber(value, place);
    case 'minLength':
    case 'maxLength':
      return readLength(value, place);
    case 'matches':
      return readText(value, place);
    case 'type':
      return readType(value, place);
    case 'schema':
      return readSchema(value, place);
    case 'exists':
      if (typeof value !== 'boolean') place.refuse('must be true or false', { got: value });
      return value;
    case 'contains':
      return value;
  }
};

const bareRemedy: { readonly [S in Subject]: string } = {
  status: 'write the status as a number, such as 200, or { oneOf: [200, 204] }',
  number: 'write a number, or a matcher such as { gte: 14 }',
  latency: "write a limit, such as { lt: '500ms' }",
  text: "write text, or a matcher such as { contains: 'json' }",
  word: "write text, or a matcher such as { oneOf: ['a', 'b'] }",
  attribute: "write the attribute's value, or a matcher such as { exists: true }",
  json: '',
};

const fits = (value: Json, subject: Subject): boolean => {
  switch (subject) {
    case 'status':
      return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
    case 'number':
      return typeof value === 'number';
    case 'text':
      return ['string', 'number', 'boolean'].includes(typeof value);
    case 'word':
      return ['string', 'number'].includes(typeof value);
    case 'attribute':
      return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
    default:
      return true;
  }
};

const readBare = (value: Json, place: Place, subject: Subject): Json => {
  if (subject === 'latency') return readLatency(value, place);
  if (!fits(value, subject)) {
    const what = subject === 'status' ? 'is no HTTP status' : 'can never be equal';
    place.refuse(what, { got: value, remedy: bareRemedy[subject] });
  }
  // Ids and codes are text once a codec has read them, whatever they were on the wire.
  return subject === 'word' && typeof value === 'number' ? String(value) : value;
};

/** Keys of which each is a matcher or a slip for one: nobody means such an object literally. */
const misspelt = (value: Fields): readonly (readonly [string, string])[] => {
  const keys = Object.keys(value);
  const pairs = keys.map(
    (key) => [key, names.includes(key) ? key : key.length > 3 ? nearest(key, names) : undefined] as const,
  );
  const known = pairs.flatMap(([key, name]) => (name === undefined ? [] : [[key, name] as const]));
  return keys.length > 0 && known.length === keys.length ? known.filter(([key, name]) => key !== name) : [];
};

const refuseObject = (value: Fields, place: Place, subject: Subject): boolean => {
  const slips = misspelt(value);
  for (const [key, name] of slips) {
    const literal =
      subject === 'json' ? ` (to compare with the object itself, write { equals: ${describeValue(value)} })` : '';
    place.at(key).refuse(`unknown matcher \`${key}\``, { remedy: `did you mean \`${name}\`?${literal}` });
  }
  if (slips.length > 0 || subject === 'json') return slips.length > 0;
  const unknown = Object.keys(value).filter((key) => !names.includes(key));
  for (const key of unknown)
    place.at(key).refuse(`unknown matcher \`${key}\``, { remedy: `matchers: ${names.join(', ')}` });
  if (unknown.length === 0)
    place.refuse('is an empty matcher, which would hold whatever came', { remedy: bareRemedy[subject] });
  return true;
};

const readTerm = (op: string, value: Json, place: Place, subject: Subject): MatcherTerm =>
  op === 'not'
    ? { op, matcher: compileMatcher(value, place, subject) }
    : { op: op as MatcherOp, value: readOperand(op as MatcherOp, value, place, subject) };

/**
 * The one matcher rule: an object whose keys are all matchers is one; any other value means equals. Faults are
 * reported at `place`; what is answered then is of no use but to go on.
 */
export const compileMatcher = (value: Json, place: Place, subject: Subject): Matcher => {
  if (isFields(value) && isMatcherObject(value)) {
    return place.entries(value).map(([op, operand, at]) => readTerm(op, operand, at, subject));
  }
  if (isFields(value) && refuseObject(value, place, subject)) return [];
  if (subject === 'latency') {
    place.refuse('a latency is never equal to a limit', { got: value, remedy: bareRemedy.latency });
    return [];
  }
  return [{ op: 'equals', value: readBare(value, place, subject) }];
};
