import type { Json, Matcher } from '../config/plan.ts';

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

const missing = (what: string) => (): never => {
  throw new Error(`the ${what} engine was not loaded: loadMatchEngines must see every matcher and pattern of the plan`);
};

const loadPatterns = async (): Promise<Pick<MatchEngines, 'search' | 'extract'>> => {
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
  return {
    search: (pattern, text) => compile(pattern).matcher(text).find(),
    extract: (pattern, text) => {
      const found = compile(pattern).matcher(text);
      if (!found.find()) return undefined;
      return (found.groupCount() > 0 ? found.group(1) : found.group(0)) ?? undefined;
    },
  };
};

const loadSchemas = async (): Promise<Pick<MatchEngines, 'schemaProblem'>> => {
  const { Validator } = await import('@cfworker/json-schema');
  return {
    schemaProblem: (schema, value) => {
      const result = new Validator(schema as ConstructorParameters<typeof Validator>[0], '2020-12').validate(value);
      if (result.valid) return undefined;
      // The last unit is the innermost: where it is wrong rather than what it is wrong in.
      const inner = result.errors.at(-1);
      return inner ? `${inner.instanceLocation}: ${inner.error}` : 'not valid';
    },
  };
};

/**
 * Loads what these matchers (and, with `extract`, body captures) need. Call it before the first sample.
 */
export const loadMatchEngines = async (
  matchers: Iterable<Matcher>,
  needs: { readonly extract?: boolean } = {},
): Promise<MatchEngines> => {
  let patterns = needs.extract ?? false;
  let schemas = false;
  for (const matcher of matchers) {
    patterns ||= usesOp(matcher, 'matches');
    schemas ||= usesOp(matcher, 'schema');
  }
  const search = missing('pattern');
  return {
    ...(patterns ? await loadPatterns() : { search, extract: search }),
    ...(schemas ? await loadSchemas() : { schemaProblem: missing('schema') }),
  };
};
