import { z } from 'zod';
import { durationRemedy } from '../duration.ts';
import type { Json } from '../plan.ts';
import { sizeRemedy } from '../size.ts';

/*
 * How the schemas of this folder are written. They check *shape* alone: which keys, of which JSON type. What the text
 * inside means (durations, thresholds, paths, matchers) is read in `compile/`, with its own messages, so that one parse
 * finds both kinds of mistake. No schema transforms anything: a value that passes is the value that came in.
 *
 * A message given here is the *remedy*; the sentence about what is wrong is made in `shape-check.ts` from the issue.
 */

/** What an object's schema tells about itself when a key is unknown. */
export type ObjectFacts = { readonly noun: string; readonly known: readonly string[] };

/** A strict object; `noun` names it in messages: `a probe`. */
export const object = <Shape extends z.ZodRawShape>(noun: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? JSON.stringify({ noun, known: Object.keys(shape) } satisfies ObjectFacts)
        : undefined,
  });

/** What a union tells about itself: `keys[i]` is the key that its variant `i` cannot be without. */
export type UnionFacts = { readonly noun: string; readonly keys: readonly string[] };

/** Options of a union of objects that differ by one key each, in the order of `keys`: the first key present decides. */
export const byKey = (noun: string, keys: readonly string[]): { error: () => string } => ({
  error: () => JSON.stringify({ noun, keys } satisfies UnionFacts),
});

/** A value that `compile/` reads; editors get the JSON Schema, TypeScript the type. */
export const leaf = <T>(jsonSchema: Readonly<Record<string, unknown>>): z.ZodType<T, T> =>
  // Sound in one direction only: the type is what a user should write, and `compile/` refuses the rest by name.
  z.unknown().meta(jsonSchema) as unknown as z.ZodType<T, T>;

export const json = (): z.ZodType<Json, Json> => leaf<Json>({});

export const text = (remedy?: string): z.ZodString => z.string(remedy === undefined ? {} : { error: () => remedy });

export const duration = (): z.ZodString =>
  text(durationRemedy).meta({
    pattern: '^\\s*(\\d+(\\.\\d+)?(ms|[smhdw]))+\\s*$',
    examples: ['250ms', '5s', '1m', '24h'],
  });

export const size = (): z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> =>
  z.union([z.string(), z.number()], { error: () => sizeRemedy }).meta({ examples: ['512kb', '10mb', 65536] });

export const percentage = (): z.ZodString =>
  text("write a percentage such as '99.9%'").meta({ pattern: '^\\s*\\d+(\\.\\d+)?\\s*%\\s*$', examples: ['99.9%'] });

/** Text, or a number or a truth value that is sent as text. */
const scalar = () => z.union([z.string(), z.number(), z.boolean()], { error: () => 'write text' });

/** A table of text values, such as headers. */
export const textTable = (): z.ZodRecord<z.ZodString, ReturnType<typeof scalar>> => z.record(z.string(), scalar());

/** Keeps strict what zod's own arrays leave open: an empty list asserts nothing. */
export const listOf = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> => z.array(item).min(1);

/** The name of a connection, or several. */
export const names = () =>
  z.union([text(), listOf(text())], { error: () => "write the name of a connection, or a list such as ['a', 'b']" });

/** A place in a stream. */
export const cursor = () =>
  z.union([z.string(), z.number()], { error: () => 'write a number, a text, or a template such as {{cursor}}' });
