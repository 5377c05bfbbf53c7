import type { Schema } from '@cfworker/json-schema';
import type { Json, Matcher } from '../config/plan.ts';
import { boundPatterns } from './schema-patterns.ts';

/** The heavy parts of matching, loaded only for a plan that uses them and never while a sample is in flight. */
export type MatchEngines = {
  /** Whether the pattern (RE2 syntax, linear time) is found in the text. */
  search(pattern: string, text: string): boolean;
  /** First group of the first match, or the whole match; nothing where the pattern is not found. */
  extract(pattern: string, text: string): string | undefined;
  /** What a JSON Schema (2020-12) finds wrong, in one line; nothing where the value is valid. */
  schemaProblem(schema: Json, value: unknown): string | undefined;
};

const usesOp = (matcher: Matcher, op: string): boolean =>
  matcher.some((term) => term.op === op || (term.op === 'not' && usesOp(term.matcher, op)));

/** Patterns that hold no template, and so are whole before anything is sent. */
const patternsOf = (matcher: Matcher): readonly string[] =>
  matcher.flatMap((term) => {
    if (term.op === 'not') return patternsOf(term.matcher);
    const { op, value } = term;
    return op === 'matches' && typeof value === 'string' && !value.includes('{{') ? [value] : [];
  });

const missing = (what: string) => (): never => {
  throw new Error(`the ${what} engine was not loaded: loadMatchEngines must see every matcher and pattern of the plan`);
};

const loadPatterns = async (ready: readonly string[]): Promise<Pick<MatchEngines, 'search' | 'extract'>> => {
  const { RE2JS } = await import('re2js');
  const compiled = new Map<string, InstanceType<typeof RE2JS>>();
  const compile = (pattern: string) => {
    const known = compiled.get(pattern);
    if (known) return known;
    // Patterns may hold captured values: the cache must not grow with a soak.
    if (compiled.size >= 256) compiled.clear();
    const regex = RE2JS.compile(pattern);
    compiled.set(pattern, regex);
    return regex;
  };
  // The first takes 5 to 20 ms, for which a message that comes meanwhile would wait.
  for (const pattern of ready) compile(pattern).test('');
  return {
    search: (pattern, text) => compile(pattern).matcher(text).find(),
    extract: (pattern, text) => {
      const found = compile(pattern).matcher(text);
      if (!found.find()) return undefined;
      return (found.groupCount() > 0 ? found.group(1) : found.group(0)) ?? undefined;
    },
  };
};

/** A schema's pattern as a format: the library's table of them is one for the process, and so the name says it all. */
const formatName = (pattern: string): string => `pattern ${pattern}`;

const loadSchemas = async (search: MatchEngines['search']): Promise<Pick<MatchEngines, 'schemaProblem'>> => {
  const { Validator, format } = await import('@cfworker/json-schema');
  const formatOf = (pattern: string): string => {
    const name = formatName(pattern);
    format[name] = (text: string) => search(pattern, text);
    return name;
  };
  const known = new Map<Json, InstanceType<typeof Validator>>();
  const compile = (schema: Json) => {
    const before = known.get(schema);
    if (before) return before;
    // The library marks the parts of a schema with their addresses; a plan is frozen, and so it gets a copy.
    const copy = structuredClone(boundPatterns(schema, formatOf)) as Schema | boolean;
    const validator = new Validator(copy, '2020-12');
    known.set(schema, validator);
    return validator;
  };
  return {
    schemaProblem: (schema, value) => {
      try {
        const result = compile(schema).validate(value);
        if (result.valid) return undefined;
        // The last unit is the innermost: where it is wrong rather than what it is wrong in.
        const last = result.errors.at(-1);
        return last ? `${last.instanceLocation}: ${last.error.replace('format "pattern ', 'pattern "')}` : 'not valid';
      } catch (error) {
        if (error instanceof RangeError) return 'nested too deeply for a schema to be checked';
        throw error;
      }
    },
  };
};

/**
 * Loads what these matchers need; with `patterns`, also what body captures and paths do that search texts. Call it before
 * the first sample.
 */
export const loadMatchEngines = async (
  matchers: Iterable<Matcher>,
  needs: { readonly patterns?: boolean } = {},
): Promise<MatchEngines> => {
  let patterns = needs.patterns ?? false;
  let schemas = false;
  const ready: string[] = [];
  for (const matcher of matchers) {
    ready.push(...patternsOf(matcher));
    patterns ||= usesOp(matcher, 'matches');
    schemas ||= usesOp(matcher, 'schema');
  }
  const none = missing('pattern');
  const texts = patterns || schemas ? await loadPatterns(ready) : { search: none, extract: none };
  return { ...texts, ...(schemas ? await loadSchemas(texts.search) : { schemaProblem: missing('schema') }) };
};
