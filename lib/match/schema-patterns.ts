import type { Json } from '../config/plan.ts';

type Schema = { readonly [key: string]: Json };

/** Keywords of 2020-12 and before whose value is a schema, a list of them, or either. */
const inner: ReadonlySet<string> = new Set([
  'items',
  'prefixItems',
  'additionalItems',
  'contains',
  'unevaluatedItems',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
]);

/** Keywords whose value has a schema under each of its names. */
const named: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapValues = (object: Schema, change: (value: Json) => Json): Schema =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const rewriteKeyword = (keyword: string, value: Json, formatOf: (pattern: string) => string): Json => {
  const rewrite = (each: Json): Json => boundPatterns(each, formatOf);
  if (inner.has(keyword)) return Array.isArray(value) ? value.map(rewrite) : rewrite(value);
  return named.has(keyword) && isSchema(value) ? mapValues(value, rewrite) : value;
};

/**
 * A copy of a schema in which each `pattern` has become a format of its own, whose name `formatOf` gives: a validator asks
 * a format, where it would have handed a pattern to `RegExp`, in which some of them backtrack for ever.
 */
export const boundPatterns = (schema: Json, formatOf: (pattern: string) => string): Json => {
  if (!isSchema(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, rewriteKeyword(key, value, formatOf)] as const);
  const { pattern, ...rest } = Object.fromEntries(entries);
  if (typeof pattern !== 'string') return Object.fromEntries(entries);
  const others = Array.isArray(rest.allOf) ? rest.allOf : [];
  return { ...rest, allOf: [...others, { format: formatOf(pattern) }] };
};

/** Anchored, with one quantifier at most: such a pattern is linear in any engine. */
const isLinear = (pattern: string): boolean => {
  const bare = pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g, 'x').replaceAll('(?:', '(');
  return bare.startsWith('^') && !bare.includes('|') && (bare.match(/[*+?{]/g) ?? []).length <= 1;
};

/**
 * The names in `patternProperties` that could take a validator for ever. They cannot become formats, so that only those
 * are safe that are anchored and have one quantifier at most, such as `^x-` and `^[a-z_]+$`.
 */
export const unsafeNamePatterns = (schema: Json): readonly string[] => {
  if (Array.isArray(schema)) return schema.flatMap(unsafeNamePatterns);
  if (!isSchema(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const unsafe =
      keyword === 'patternProperties' && isSchema(value) ? Object.keys(value).filter((name) => !isLinear(name)) : [];
    if (inner.has(keyword)) return unsafeNamePatterns(value);
    return named.has(keyword) && isSchema(value)
      ? [...unsafe, ...Object.values(value).flatMap(unsafeNamePatterns)]
      : [];
  });
};
