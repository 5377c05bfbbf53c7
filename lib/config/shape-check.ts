import type { z } from 'zod';
import { type Located, locate } from './place.ts';
import type { Json } from './plan.ts';
import { formatPath, nearest, type Path, suggest } from './problem.ts';
import type { ObjectFacts, UnionFacts } from './schema/shape.ts';

type Issue = z.core.$ZodIssue;
type UnknownKeys = Extract<Issue, { code: 'unrecognized_keys' }>;
type InvalidUnion = Extract<Issue, { code: 'invalid_union' }>;

/** A shape fault with its place in the value that was checked. */
export type Fault = Located & {
  /** The value at `at` is absent. */
  readonly missing: boolean;
  /** The key that this one is a slip for. */
  readonly meant?: string;
};

const facts = <T>(issue: Issue): T | undefined => {
  if (!issue.message.startsWith('{')) return undefined;
  // Our own schemas wrote it; a default message never begins with a brace.
  return JSON.parse(issue.message) as T;
};

export const valueAt = (root: Json, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as { readonly [key: string]: Json })[key]
        : undefined,
    root,
  );

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const fault = (path: Path, message: string, got: unknown, remedy: string | undefined, missing = false): Fault => ({
  ...locate(path, message, { ...(missing ? {} : { got }), ...(remedy ? { remedy } : {}) }),
  missing,
});

const plainRemedy = (issue: Issue): string | undefined =>
  issue.message === '' || issue.message.startsWith('{') ? undefined : issue.message;

const describePlain = (issue: Issue, path: Path, value: Json | undefined): Fault => {
  const remedy = plainRemedy(issue);
  if (value === undefined) return fault(path, 'is missing', undefined, remedy, true);
  switch (issue.code) {
    case 'invalid_type':
      return fault(path, `must be ${typeWords[issue.expected] ?? issue.expected}`, value, remedy);
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, known) : undefined;
      const choice = known.length === 1 ? `must be ${known[0]}` : `must be one of ${known.join(', ')}`;
      return fault(path, choice, value, near === undefined ? remedy : `did you mean \`${near}\`?`);
    }
    case 'too_small':
      return issue.origin === 'array'
        ? fault(path, 'is an empty list', undefined, remedy ?? 'write at least one item')
        : fault(path, `must be at least ${issue.minimum}`, value, remedy);
    case 'too_big':
      return fault(path, `must be at most ${issue.maximum}`, value, remedy);
    default:
      return fault(path, 'is not allowed', value, remedy);
  }
};

const unknownKey = (path: Path, key: string, noun: string, meant: string | undefined, otherwise: string): Fault => ({
  ...fault(
    path,
    `unknown key \`${key}\` in ${noun}`,
    undefined,
    meant === undefined ? otherwise : `did you mean \`${meant}\`?`,
  ),
  ...(meant === undefined ? {} : { meant }),
});

const describeUnknownKeys = (issue: UnknownKeys, path: Path, value: Json | undefined): readonly Fault[] => {
  const { noun, known } = facts<ObjectFacts>(issue) ?? { noun: 'this object', known: [] };
  const present = isRecord(value) ? Object.keys(value) : [];
  const free = known.filter((key) => !present.includes(key));
  return issue.keys
    .slice(0, mostFaults)
    .map((key) => unknownKey([...path, key], key, noun, nearest(key, free), suggest(key, known, 'keys')));
};

/** Variants by JSON type: `false` or an object, text or a number. */
const branchByType = (issue: InvalidUnion): readonly Issue[] | undefined =>
  issue.errors.find((issues) => !issues.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type'));

const expectedTypes = (issue: InvalidUnion): string => {
  const expected = issue.errors.flatMap((issues) =>
    issues.flatMap((inner) => (inner.code === 'invalid_type' && inner.path.length === 0 ? [inner.expected] : [])),
  );
  return [...new Set(expected.map((name) => typeWords[name] ?? name))].join(', or ');
};

const describeKeyUnion = (
  issue: InvalidUnion,
  { noun, keys }: UnionFacts,
  path: Path,
  root: Json,
): readonly Fault[] => {
  const value = valueAt(root, path);
  const known = keys.filter((key) => key !== '');
  if (!isRecord(value)) {
    const plain = typeof value === 'string' ? issue.errors[keys.indexOf('')] : undefined;
    if (plain) return plain.flatMap((inner) => explain(inner, path, root));
    const text = keys.includes('') ? 'text, or an object' : 'an object';
    return [fault(path, `must be ${text} with one of ${known.join(', ')}`, value, undefined, value === undefined)];
  }
  const chosen = keys.findIndex((key) => key !== '' && Object.hasOwn(value, key));
  if (chosen < 0) return [describeNoVariant(value, noun, known, path)];
  const key = keys[chosen];
  return (issue.errors[chosen] ?? []).flatMap((inner) => {
    if (inner.code !== 'unrecognized_keys' || inner.path.length > 0) return explain(inner, path, root);
    const rivals = inner.keys.filter((other) => known.includes(other));
    const others = inner.keys.filter((other) => !known.includes(other));
    return [
      ...rivals.map((rival) =>
        fault(
          [...path, rival],
          `${noun} has either \`${key}\` or \`${rival}\`, not both`,
          undefined,
          'keep one of the two',
        ),
      ),
      ...(others.length > 0 ? describeUnknownKeys({ ...inner, keys: others }, path, value) : []),
    ];
  });
};

const describeNoVariant = (
  value: Readonly<Record<string, unknown>>,
  noun: string,
  known: readonly string[],
  path: Path,
): Fault => {
  for (const key of Object.keys(value)) {
    const near = nearest(key, known);
    if (near !== undefined) return unknownKey([...path, key], key, noun, near, '');
  }
  const message = `is not ${noun}: it needs ${known.length > 1 ? `one of ${known.join(', ')}` : known[0]}`;
  return fault(path, message, value, undefined);
};

const describeUnion = (issue: InvalidUnion, path: Path, root: Json): readonly Fault[] => {
  const union = facts<UnionFacts>(issue);
  const value = valueAt(root, path);
  if (union) return describeKeyUnion(issue, union, path, root);
  if (value === undefined) return [fault(path, 'is missing', undefined, plainRemedy(issue), true)];
  const branch = branchByType(issue);
  if (branch) return branch.flatMap((inner) => explain(inner, path, root));
  return [fault(path, `must be ${expectedTypes(issue)}`, value, plainRemedy(issue))];
};

/** One zod issue, whose path is relative to `base`, as faults in plain words. */
const explain = (issue: Issue, base: Path, root: Json): readonly Fault[] => {
  const path = [...base, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'unrecognized_keys') return describeUnknownKeys(issue, path, valueAt(root, path));
  if (issue.code === 'invalid_union') return describeUnion(issue, path, root);
  return [describePlain(issue, path, valueAt(root, path))];
};

/** A missing key whose misspelt self is reported already is one mistake, not two. */
const withoutEchoes = (faults: readonly Fault[]): readonly Fault[] => {
  const meant = new Set(
    faults.flatMap((slip) => (slip.meant === undefined ? [] : [formatPath([...slip.at.slice(0, -1), slip.meant])])),
  );
  return faults.filter(({ missing, path }) => !missing || !meant.has(path));
};

/** A file with more is no config with mistakes in it: it is another file. */
export const mostFaults = 1000;

/** What the schema finds wrong with a value, the first 1,000 faults of it; empty when it fits. */
export const findFaults = (schema: z.ZodType, value: Json): readonly Fault[] => {
  // Default messages are silenced: what is left is what our schemas say.
  const result = schema.safeParse(value, { error: () => '' });
  return result.success
    ? []
    : withoutEchoes(result.error.issues.slice(0, mostFaults).flatMap((issue) => explain(issue, [], value)));
};
