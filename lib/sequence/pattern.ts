import type { FramePattern, Json, Matcher } from '../config/plan.ts';
import type { MatchEngines } from '../match/engines.ts';
import { jsonContains } from '../match/equality.ts';
import { compilePath, PathLimitError } from '../match/json-path.ts';
import { describeMatcher, testMatcher } from '../match/matcher.ts';
import { cutText } from '../result/redact.ts';

/** Where a body first differs from a pattern, and what it has there, redacted and cut. */
export type Difference = { readonly path: string; readonly actual: string };

export type CompiledPattern = {
  /** As a person reads it: `{event_code: "note_patched", $.run_id exists}`. */
  readonly text: string;
  matches(body: Json): boolean;
  /** How many parts of the pattern hold. */
  agreement(body: Json): number;
  difference(body: Json): Difference | undefined;
};

/** One part of a pattern: a key's value, or a path's matcher. */
type Part = { readonly path: string; holds(body: Json): boolean; actual(body: Json): string };

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

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const member = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The subset's leaves, by the keys that lead to them. An empty object is a leaf: it asks for an object. */
const leavesOf = (subset: Json, keys: readonly string[] = []): readonly (readonly [readonly string[], Json])[] =>
  isObject(subset) && (Object.keys(subset).length > 0 || keys.length === 0)
    ? Object.entries(subset).flatMap(([key, value]) => leavesOf(value, [...keys, key]))
    : [[keys, subset]];

const partOfLeaf = ([keys, wanted]: readonly [readonly string[], Json], redact: Redact): Part => {
  const find = (body: Json) => keys.reduce<Json | undefined>(member, body);
  return {
    path: keys.join('.'),
    holds: (body) => jsonContains(find(body), wanted),
    actual: (body) => showJson(find(body), redact),
  };
};

const partOfPath = (path: string, matcher: Matcher, engines: MatchEngines, redact: Redact): Part => {
  const query = compilePath(path, engines.search);
  const nodes = (body: Json) => query(body) as readonly Json[];
  return {
    path,
    holds: (body) => {
      try {
        return testMatcher(matcher, nodes(body), engines);
      } catch (error) {
        // What is too deep for a schema to walk, or too much for a path, is not what was awaited; any other error is ours.
        if (error instanceof RangeError) return false;
        throw error;
      }
    },
    actual: (body) => {
      try {
        const found = nodes(body);
        const shown = showJson(found[0], redact);
        return found.length <= 1 ? shown : `${shown} and ${found.length - 1} more`;
      } catch (error) {
        if (error instanceof PathLimitError) return error.message;
        throw error;
      }
    },
  };
};

/** A pattern in words; of the plan's own pattern, so that a name is the same in every pass. */
export const describePattern = (pattern: FramePattern, redact: Redact = asIs): string => {
  const keys = Object.entries(pattern.subset).map(([key, value]) => `${key}: ${showJson(value, redact)}`);
  const paths = Object.entries(pattern.paths).map(
    ([path, matcher]) => `${path} ${cutText(redact(describeMatcher(matcher)), maxShownChars)}`,
  );
  return `{${[...keys, ...paths].join(', ')}}`;
};

/**
 * Prepares a pattern whose templates are filled in. What it says of values is redacted.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const compilePattern = (pattern: FramePattern, engines: MatchEngines, redact: Redact): CompiledPattern => {
  const parts = [
    ...leavesOf(pattern.subset).map((leaf) => partOfLeaf(leaf, redact)),
    ...Object.entries(pattern.paths).map(([path, matcher]) => partOfPath(path, matcher, engines, redact)),
  ];
  return {
    text: describePattern(pattern, redact),
    // Every leaf speaks for itself, but only an object can hold any of them.
    matches: (body) =>
      (isObject(body) || Object.keys(pattern.subset).length === 0) && parts.every((part) => part.holds(body)),
    agreement: (body) => parts.filter((part) => part.holds(body)).length,
    difference: (body) => {
      const broken = parts.find((part) => !part.holds(body));
      return broken && { path: broken.path, actual: broken.actual(body) };
    },
  };
};
