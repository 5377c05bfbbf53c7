import type { z } from 'zod';
import { messageFields } from '../message-field.ts';
import type { Json } from '../plan.ts';
import { leaf } from './shape.ts';

export type MatcherInput = {
  readonly equals?: Json | undefined;
  readonly contains?: Json | undefined;
  /** RE2 syntax. */
  readonly matches?: string | undefined;
  readonly oneOf?: readonly Json[] | undefined;
  readonly lt?: number | string | undefined;
  readonly lte?: number | string | undefined;
  readonly gt?: number | string | undefined;
  readonly gte?: number | string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly type?: JsonTypeName | undefined;
  readonly exists?: boolean | undefined;
  /** JSON Schema, draft 2020-12. */
  readonly schema?: boolean | { readonly [key: string]: Json } | undefined;
  readonly not?: MatcherInput | string | number | boolean | null | undefined;
};

export type JsonTypeName = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

/** A bare value means equals. */
export type Expected = MatcherInput | Json;

/** The same where the value is never an object or a list. */
export type PlainExpected = MatcherInput | string | number | boolean | null;

const limit = { type: ['number', 'string'] };
const length = { type: 'integer', minimum: 0 };

/** For editors: what an object of matchers may hold. */
const matcherProperties = {
  equals: { description: 'the same JSON value' },
  contains: { description: 'text within text, an item of a list, or part of an object' },
  matches: { type: 'string', format: 'regex', description: 'a pattern in RE2 syntax, found anywhere' },
  oneOf: { type: 'array', minItems: 1, description: 'equals one of these' },
  lt: limit,
  lte: limit,
  gt: limit,
  gte: limit,
  minLength: length,
  maxLength: length,
  type: { enum: ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'] },
  exists: { type: 'boolean', description: 'false: it must be absent' },
  schema: { type: ['object', 'boolean'], description: 'a JSON Schema, draft 2020-12' },
  not: { description: 'a matcher, or a value, that must not hold' },
};

/** Under status, header, body, latency: a plain value, or matchers and nothing else. */
export const matcher = (): z.ZodType<PlainExpected, PlainExpected> =>
  leaf({
    anyOf: [
      { type: ['string', 'number', 'boolean', 'null'] },
      { type: 'object', properties: matcherProperties, additionalProperties: false },
    ],
  });

/** Under a JSONPath: any JSON value means equals, unless all its keys are matchers. */
export const jsonMatcher = (): z.ZodType<Expected, Expected> =>
  leaf({ anyOf: [{ type: 'object', properties: matcherProperties }, {}] });

const cookieAttributes = [
  'value',
  'secure',
  'httpOnly',
  'sameSite',
  'path',
  'domain',
  'maxAge',
  'expires',
  'partitioned',
] as const;

export type CookieInput =
  | MatcherInput
  | string
  | { readonly [Attribute in (typeof cookieAttributes)[number]]?: Expected };

/** A value, matchers on the value, or matchers by attribute. */
export const cookieMatcher = (): z.ZodType<CookieInput, CookieInput> =>
  leaf({
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { ...matcherProperties, ...Object.fromEntries(cookieAttributes.map((name) => [name, {}])) },
        additionalProperties: false,
      },
    ],
  });

export type FramePatternInput = { readonly [keyOrPath: string]: Expected };

const fieldProperties = Object.fromEntries(
  messageFields.map((field) => [`$${field}`, { description: `a matcher on what the codec read as the ${field}` }]),
);

/** Part of a message's body; keys that begin with `$` are JSONPaths or fields of the message, with matchers. */
export const framePattern = (): z.ZodType<FramePatternInput, FramePatternInput> =>
  leaf({
    type: 'object',
    properties: {
      ...fieldProperties,
      $not: { type: 'object', minProperties: 1, description: 'a pattern that must not hold' },
      $anyOf: {
        type: 'array',
        minItems: 1,
        items: { type: 'object', minProperties: 1 },
        description: 'patterns of which one must hold',
      },
    },
    examples: [{ type: 'ack' }, { $type: 'event', '$.id': { exists: true } }],
  });

/** A pattern where one that matches whatever came would make the step say nothing. */
export const somePattern = (): z.ZodType<FramePatternInput, FramePatternInput> =>
  leaf({ type: 'object', minProperties: 1, examples: [{ type: 'ack' }] });

export type UntilInput = FramePatternInput;

/** `{ quiet }`, a pattern, and for a replay `{ cursor }`. */
export const until = (): z.ZodType<UntilInput, UntilInput> =>
  leaf({ type: 'object', minProperties: 1, examples: [{ quiet: '500ms' }, { type: 'caught_up' }] });
