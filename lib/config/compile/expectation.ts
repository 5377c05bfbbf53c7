import type { Place } from '../place.ts';
import type { CookieAttribute, HttpExpectation, Json, Matcher } from '../plan.ts';
import { suggest } from '../problem.ts';
import type { HttpExpectationInput } from '../schema/config.ts';
import { checkJsonPath } from './json-path.ts';
import { compileMatcher, isFields, isMatcherObject, type Subject } from './matcher.ts';
import { given } from './values.ts';

/** A matcher of the schema is JSON by now: `copyData` dropped what is undefined. */
const asJson = (value: unknown): Json => value as Json;

export const optionalMatcher = (value: unknown, place: Place, subject: Subject): Matcher | undefined =>
  value === undefined ? undefined : compileMatcher(asJson(value), place, subject);

/** JSONPath to matcher; both are checked. */
const compilePaths = (
  table: Readonly<Record<string, unknown>> | undefined,
  place: Place,
): Readonly<Record<string, Matcher>> =>
  Object.fromEntries(
    place.entries(table).map(([path, value, at]) => {
      checkJsonPath(path, at);
      return [path, compileMatcher(asJson(value), at, 'json')];
    }),
  );

type CookieMatchers = Readonly<Partial<Record<CookieAttribute, Matcher>>>;

const attributes = [
  'value',
  'secure',
  'httpOnly',
  'sameSite',
  'path',
  'domain',
  'maxAge',
  'expires',
  'partitioned',
] as const satisfies readonly CookieAttribute[];

const compileCookie = (value: Json, place: Place): CookieMatchers => {
  if (!isFields(value) || isMatcherObject(value)) {
    return { value: compileMatcher(value, place, 'text') };
  }
  const cookie: Partial<Record<CookieAttribute, Matcher>> = {};
  for (const [name, expected, at] of place.entries(value)) {
    const attribute = attributes.find((known) => known === name);
    if (attribute) cookie[attribute] = compileMatcher(expected, at, attribute === 'value' ? 'text' : 'attribute');
    else at.refuse(`unknown cookie attribute \`${name}\``, { remedy: suggest(name, attributes, 'attributes') });
  }
  if (Object.keys(value).length === 0) {
    place.refuse('expects nothing of the cookie', {
      remedy: 'write { exists: true }, or an attribute such as { secure: true }',
    });
  }
  return cookie;
};

const compileHeaderMatchers = (
  table: HttpExpectationInput['header'],
  place: Place,
): Readonly<Record<string, Matcher>> => {
  const headers: Record<string, Matcher> = {};
  for (const [name, value, at] of place.entries(table)) {
    const lower = name.toLowerCase();
    if (Object.hasOwn(headers, lower))
      at.refuse('stands here twice: case does not tell headers apart', { remedy: 'remove one' });
    headers[lower] = compileMatcher(asJson(value), at, 'text');
  }
  return headers;
};

export const nothingExpected: HttpExpectation = { header: {}, cookie: {}, json: {}, tls: {} };

export const compileExpectation = (input: HttpExpectationInput | undefined, place: Place): HttpExpectation => {
  if (input === undefined) return nothingExpected;
  const tls = place.at('tls');
  return {
    ...given('status', optionalMatcher(input.status, place.at('status'), 'status')),
    header: compileHeaderMatchers(input.header, place.at('header')),
    cookie: Object.fromEntries(
      place
        .at('cookie')
        .entries(input.cookie)
        .map(([name, value, at]) => [name, compileCookie(asJson(value), at)]),
    ),
    ...given('body', optionalMatcher(input.body, place.at('body'), 'text')),
    json: compilePaths(input.json, place.at('json')),
    ...given('latencyMs', optionalMatcher(input.latency, place.at('latency'), 'latency')),
    tls: {
      ...given('version', optionalMatcher(input.tls?.version, tls.at('version'), 'text')),
      ...given('daysLeft', optionalMatcher(input.tls?.daysLeft, tls.at('daysLeft'), 'number')),
    },
  };
};

/** Whether it says nothing at all, and so would hold whatever came. */
export const expectsNothing = ({ status, header, cookie, body, json, latencyMs, tls }: HttpExpectation): boolean =>
  !status &&
  !body &&
  !latencyMs &&
  !tls.version &&
  !tls.daysLeft &&
  [header, cookie, json].every((table) => Object.keys(table).length === 0);
