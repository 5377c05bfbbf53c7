import type { Json, Matcher, MatcherTerm } from '../config/plan.ts';
import type { MatchEngines } from './engines.ts';
import { jsonContains, jsonEquals, jsonType } from './equality.ts';

/**
 * The one matcher rule. A matcher sees *nodes*: one for a status or a header, none where the thing is absent, many
 * where a JSONPath finds many. Every node must satisfy it and there must be at least one; `exists` alone speaks of
 * absence.
 */
export type MatchSource = {
  /** Headers, cookies and bodies are text: a number to compare with is then compared as a number. */
  readonly text?: boolean;
};

const describeValue = (value: Json): string => JSON.stringify(value);

const words: { readonly [Op in Exclude<MatcherTerm['op'], 'not'>]: (value: Json) => string } = {
  equals: (value) => `equals ${describeValue(value)}`,
  contains: (value) => `contains ${describeValue(value)}`,
  matches: (value) => `matches /${String(value)}/`,
  oneOf: (value) => `is one of ${describeValue(value)}`,
  lt: (value) => `< ${String(value)}`,
  lte: (value) => `<= ${String(value)}`,
  gt: (value) => `> ${String(value)}`,
  gte: (value) => `>= ${String(value)}`,
  minLength: (value) => `has length >= ${String(value)}`,
  maxLength: (value) => `has length <= ${String(value)}`,
  type: (value) => `is of type ${String(value)}`,
  exists: (value) => (value === false ? 'is absent' : 'exists'),
  schema: () => 'fits its schema',
};

/** The matcher in words, for check names and reasons: `equals 200`, `>= 1 and < 5`. */
export const describeMatcher = (matcher: Matcher): string =>
  matcher
    .map((term) => (term.op === 'not' ? `not (${describeMatcher(term.matcher)})` : words[term.op](term.value)))
    .join(' and ');

const asNumber = (node: unknown, source: MatchSource): number =>
  typeof node === 'number'
    ? node
    : source.text && typeof node === 'string' && node.trim() !== ''
      ? Number(node)
      : Number.NaN;

const lengthOf = (node: unknown): number => {
  if (typeof node === 'string') return [...node].length;
  if (Array.isArray(node)) return node.length;
  return typeof node === 'object' && node !== null ? Object.keys(node).length : Number.NaN;
};

const equals = (node: unknown, value: Json, source: MatchSource): boolean =>
  source.text && typeof value === 'number' ? asNumber(node, source) === value : jsonEquals(node, value);

const contains = (node: unknown, value: Json): boolean => {
  if (typeof node === 'string') return node.includes(String(value));
  if (Array.isArray(node)) return node.some((item) => jsonContains(item, value));
  return jsonContains(node, value);
};

const isOfType = (node: unknown, type: Json): boolean =>
  type === 'integer' ? Number.isInteger(node) : jsonType(node) === type;

const testTerm = (term: MatcherTerm, node: unknown, source: MatchSource, engines: MatchEngines): boolean => {
  if (term.op === 'not') return !term.matcher.every((inner) => testTerm(inner, node, source, engines));
  const { op, value } = term;
  switch (op) {
    case 'equals':
      return equals(node, value, source);
    case 'contains':
      return contains(node, value);
    case 'matches':
      return typeof node === 'string' && engines.search(String(value), node);
    case 'oneOf':
      return Array.isArray(value) && value.some((option: Json) => equals(node, option, source));
    case 'lt':
      return asNumber(node, source) < Number(value);
    case 'lte':
      return asNumber(node, source) <= Number(value);
    case 'gt':
      return asNumber(node, source) > Number(value);
    case 'gte':
      return asNumber(node, source) >= Number(value);
    case 'minLength':
      return lengthOf(node) >= Number(value);
    case 'maxLength':
      return lengthOf(node) <= Number(value);
    case 'type':
      return isOfType(node, value);
    case 'exists':
      return value !== false;
    case 'schema':
      return engines.schemaProblem(value, node) === undefined;
  }
};

/** Whether absence satisfies the matcher: only `exists: false`, or the negation of what wants presence. */
const holdsForAbsence = (matcher: Matcher): boolean =>
  matcher.every((term) =>
    term.op === 'not' ? !holdsForAbsence(term.matcher) : term.op === 'exists' && term.value === false,
  );

/** Whether these nodes satisfy the matcher. */
export const testMatcher = (
  matcher: Matcher,
  nodes: readonly unknown[],
  engines: MatchEngines,
  source: MatchSource = {},
): boolean =>
  nodes.length === 0
    ? holdsForAbsence(matcher)
    : nodes.every((node) => matcher.every((term) => testTerm(term, node, source, engines)));
