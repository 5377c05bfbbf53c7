import type { FieldName, FramePattern, Json, Matcher, MessageField } from '../config/plan.ts';
import type { MatchEngines } from '../match/engines.ts';
import { jsonContains } from '../match/equality.ts';
import { isObject, memberOf } from '../match/json-object.ts';
import { compilePath, PathLimitError } from '../match/json-path.ts';
import { describeMatcher, type MatchSource, testMatcher } from '../match/matcher.ts';
import { cutText } from '../result/redact.ts';
import type { Message } from './codec/codec.ts';
import { createFieldReader, type FieldReader } from './field.ts';

/** Where a message first differs from a pattern, and what it has there, redacted and cut. */
export type Difference = { readonly path: string; readonly actual: string };

export type CompiledPattern = {
  /** As a person reads it: `{event_code: "note_patched", $.run_id exists}`. */
  readonly text: string;
  matches(message: Message): boolean;
  /** How many parts of the pattern hold; of alternatives, the share of the one that comes nearest. */
  agreement(message: Message): number;
  /** How many parts there are. */
  readonly parts: number;
  difference(message: Message): Difference | undefined;
};

/** One part of a pattern: a key's value, a path's or a field's matcher, what must not hold, or alternatives. */
type Part = {
  readonly path: string;
  holds(message: Message): boolean;
  actual(message: Message): string;
  /** From 0 to 1, where it does not hold. Default 0. */
  nearness?(message: Message): number;
};

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

const asIs: Redact = (text) => text;
const maxShownChars = 80;

/** A value as JSON in few characters, whatever it is; a text keeps its quotes. */
export const showJson = (value: Json | undefined, redact: Redact): string => {
  if (value === undefined) return 'absent';
  try {
    return cutText(redact(JSON.stringify(value)), maxShownChars);
  } catch {
    // JSON.stringify recurses, JSON.parse does not: a hostile frame can be too deep to print.
    return '(nested too deeply to show)';
  }
};

/** The subset's leaves, by the keys that lead to them. An empty object is a leaf: it asks for an object. */
const leavesOf = (subset: Json, keys: readonly string[] = []): readonly (readonly [readonly string[], Json])[] =>
  isObject(subset) && (Object.keys(subset).length > 0 || keys.length === 0)
    ? Object.entries(subset).flatMap(([key, value]) => leavesOf(value, [...keys, key]))
    : [[keys, subset]];

const partOfLeaf = ([keys, wanted]: readonly [readonly string[], Json], redact: Redact): Part => {
  const find = ({ body }: Message) => keys.reduce<Json | undefined>(memberOf, body);
  return {
    path: keys.join('.'),
    holds: (message) => jsonContains(find(message), wanted),
    actual: (message) => showJson(find(message), redact),
  };
};

const satisfies = (
  matcher: Matcher,
  find: () => readonly Json[],
  engines: MatchEngines,
  source: MatchSource = {},
): boolean => {
  try {
    return testMatcher(matcher, find(), engines, source);
  } catch (error) {
    // What is too deep for a schema to walk, or too much for a path, is not what was awaited; any other error is ours.
    if (error instanceof RangeError) return false;
    throw error;
  }
};

const partOfPath = (path: string, matcher: Matcher, engines: MatchEngines, redact: Redact): Part => {
  const query = compilePath(path, engines.search);
  const nodes = ({ body }: Message) => query(body) as readonly Json[];
  return {
    path,
    holds: (message) => satisfies(matcher, () => nodes(message), engines),
    actual: (message) => {
      try {
        const found = nodes(message);
        const shown = showJson(found[0], redact);
        return found.length <= 1 ? shown : `${shown} and ${found.length - 1} more`;
      } catch (error) {
        if (error instanceof PathLimitError) return error.message;
        throw error;
      }
    },
  };
};

/** These may be numbers on the wire, and were read as texts: `$id: 7`, and a captured 7, mean the same. */
const textFields: ReadonlySet<MessageField> = new Set(['type', 'role', 'id', 'stream', 'code']);

const partOfField = (field: MessageField, matcher: Matcher, engines: MatchEngines, redact: Redact): Part => {
  const nodes = (message: Message): readonly Json[] => {
    const value = message[field];
    return value === undefined ? [] : [value];
  };
  return {
    path: `$${field}`,
    holds: (message) => satisfies(matcher, () => nodes(message), engines, { text: textFields.has(field) }),
    actual: (message) => showJson(message[field], redact),
  };
};

const partOfNegation = (pattern: CompiledPattern): Part => ({
  path: '$not',
  holds: (message) => !pattern.matches(message),
  actual: () => `matches ${pattern.text}`,
});

/** The share of a pattern that holds. An empty one holds whole. */
const share = (pattern: CompiledPattern, message: Message): number =>
  pattern.parts === 0 ? 1 : pattern.agreement(message) / pattern.parts;

const partOfAlternatives = (patterns: readonly CompiledPattern[]): Part => {
  const nearest = (message: Message): CompiledPattern | undefined =>
    patterns.toSorted((a, b) => share(b, message) - share(a, message))[0];
  return {
    path: '$anyOf',
    holds: (message) => patterns.some((pattern) => pattern.matches(message)),
    actual: (message) => {
      const pattern = nearest(message);
      const difference = pattern?.difference(message);
      return difference ? `none; ${pattern?.text} differs at ${difference.path}: ${difference.actual}` : 'none';
    },
    nearness: (message) => Math.max(0, ...patterns.map((pattern) => share(pattern, message))),
  };
};

/** A pattern in words; of the plan's own pattern, so that a name is the same in every pass. */
export const describePattern = (pattern: FramePattern, redact: Redact = asIs): string => {
  const describe = ([path, matcher]: readonly [string, Matcher]) =>
    `${path} ${cutText(redact(describeMatcher(matcher)), maxShownChars)}`;
  const fields = Object.entries(pattern.fields ?? {}).map(([field, matcher]) => [`$${field}`, matcher] as const);
  const parts = [
    ...Object.entries(pattern.subset).map(([key, value]) => `${key}: ${showJson(value, redact)}`),
    ...[...fields, ...Object.entries(pattern.paths)].map(describe),
    ...(pattern.anyOf ? [pattern.anyOf.map((option) => describePattern(option, redact)).join(' or ')] : []),
    ...(pattern.not ? [`not ${describePattern(pattern.not, redact)}`] : []),
  ];
  return `{${parts.join(', ')}}`;
};

const partsOf = (pattern: FramePattern, engines: MatchEngines, redact: Redact): readonly Part[] => {
  const { subset, paths, fields = {}, not, anyOf } = pattern;
  return [
    ...leavesOf(subset).map((leaf) => partOfLeaf(leaf, redact)),
    ...Object.entries(fields).map(([field, matcher]) => partOfField(field as MessageField, matcher, engines, redact)),
    ...Object.entries(paths).map(([path, matcher]) => partOfPath(path, matcher, engines, redact)),
    ...(anyOf ? [partOfAlternatives(anyOf.map((option) => compilePattern(option, engines, redact)))] : []),
    ...(not ? [partOfNegation(compilePattern(not, engines, redact))] : []),
  ];
};

/**
 * Prepares a pattern whose templates are filled in. What it says of values is redacted.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const compilePattern = (pattern: FramePattern, engines: MatchEngines, redact: Redact): CompiledPattern => {
  const parts = partsOf(pattern, engines, redact);
  return {
    get text() {
      return describePattern(pattern, redact);
    },
    matches: (message) => parts.every((part) => part.holds(message)),
    agreement: (message) =>
      parts.reduce((sum, part) => sum + (part.holds(message) ? 1 : (part.nearness?.(message) ?? 0)), 0),
    parts: parts.length,
    difference: (message) => {
      const broken = parts.find((part) => !part.holds(message));
      return broken && { path: broken.path, actual: broken.actual(message) };
    },
  };
};

/** Prepares what an expectation is made of. */
export type Compiler = {
  pattern(pattern: FramePattern): CompiledPattern;
  field(name: FieldName): FieldReader;
  /** A value in few characters, redacted. */
  show(value: Json | undefined): string;
};

/** Its methods throw SyntaxError for a path that is not JSONPath. */
export const createCompiler = (engines: MatchEngines, redact: Redact): Compiler => ({
  pattern: (pattern) => compilePattern(pattern, engines, redact),
  field: (name) => createFieldReader(name, engines.search),
  show: (value) => showJson(value, redact),
});
