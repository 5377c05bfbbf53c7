import type { Json } from './json.ts';

export type MatcherOp =
  | 'equals'
  | 'contains'
  | 'matches'
  | 'oneOf'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'minLength'
  | 'maxLength'
  | 'type'
  | 'exists'
  | 'schema';

/** All terms must hold. A bare value in the config is one `equals` term. */
export type Matcher = readonly MatcherTerm[];

export type MatcherTerm =
  | { readonly op: MatcherOp; readonly value: Json }
  /** Holds when the inner matcher does not. */
  | { readonly op: 'not'; readonly matcher: Matcher };

/** What a codec reads out of a message, whatever its protocol calls it. */
export type MessageField = 'type' | 'role' | 'id' | 'stream' | 'cursor' | 'sequence' | 'code';

/** What a message is for. `control`: the protocol's own housekeeping. `unknown`: of a type that the protocol has not. */
export type Role = 'ack' | 'event' | 'error' | 'heartbeat' | 'control' | 'unknown';

/** A message matches when its body contains `subset` (deeply; arrays whole), and all the rest holds too. */
export type FramePattern = {
  readonly subset: { readonly [key: string]: Json };
  /** RFC 9535 JSONPath to matcher. */
  readonly paths: Readonly<Record<string, Matcher>>;
  /** Spelt `$type`, `$stream`…: what the codec read. */
  readonly fields?: Readonly<Partial<Record<MessageField, Matcher>>>;
  /** Spelt `$not`: holds when this one does not. */
  readonly not?: FramePattern;
  /** Spelt `$anyOf`: one of these holds. */
  readonly anyOf?: readonly FramePattern[];
};
