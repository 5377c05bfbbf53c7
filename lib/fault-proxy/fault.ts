import type { Json } from '../config/plan.ts';
import type { JsonPlace } from '../match/json-place.ts';

/** A random delay in ms, cut to 0 … 600,000. */
export type Distribution =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'normal'; readonly meanMs: number; readonly deviationMs: number }
  /** `sigma` is the standard deviation of the delay's natural logarithm. */
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly sigma: number };

/**
 * Which of the matching requests or frames are hit; all of them when absent. `share`: 0 to 1, drawn from the seed.
 * `n` counts from 1: HTTP requests and upgrades since the faults were set, frames in one direction of one connection.
 */
export type When =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'every' | 'nth' | 'from'; readonly n: number };

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof methods)[number];

/** As the client sees it: `in` comes from the target, `out` goes to it. */
export type Direction = 'in' | 'out';

/** `path` is a prefix of the path and query, here and below. */
export type HttpMatch = { readonly method?: Method; readonly path?: string };
export type UpgradeMatch = { readonly path?: string };
export type FrameMatch = {
  /** Of the websocket's URL. */
  readonly path?: string;
  /** Only the n-th websocket opened since the faults were set, from 1. */
  readonly connection?: number;
  /** Both when absent, each counted by itself. */
  readonly direction?: Direction;
  /** Only what comes once so many frames have passed the other way: the client's own steps are the clock. */
  readonly after?: number;
  readonly contains?: string;
  /** All must hold; a frame that is not JSON matches none. */
  readonly fields?: readonly { readonly path: JsonPlace; readonly equals: Json }[];
};

/** Puts `value` into a JSON field that is there, or without it another value of the same type where there is one. */
export type FieldEdit = { readonly path: JsonPlace; readonly value?: Json };

/** Where an answer stops: before its headers, right after them, or half way through its body. */
export type StopPoint = 'headers' | 'after-headers' | 'body';

/** Whether the frame that sets a fault off still passes (`after`) or is the first that does not (`before`). */
export type Edge = 'after' | 'before';

type Scoped<Layer extends string, Match> = {
  readonly layer: Layer;
  readonly when?: When;
  readonly match?: Match;
};

/** `error` and `refuse` never reach the target; `forget` is done to the request; all else to the target's own answer. */
export type HttpFault = Scoped<'http', HttpMatch> &
  (
    | { readonly action: 'delay'; readonly delay: Distribution }
    | { readonly action: 'error'; readonly status: number; readonly body?: string }
    /** Resets the connection (RST). */
    | { readonly action: 'refuse' }
    | { readonly action: 'hang'; readonly at: StopPoint }
    | { readonly action: 'cut'; readonly at: StopPoint }
    | { readonly action: 'drip'; readonly bytes: number; readonly everyMs: number }
    /** Pads the body with spaces up to a size, streamed: JSON stays JSON. */
    | { readonly action: 'oversize'; readonly bytes: number }
    | { readonly action: 'wrong-type'; readonly contentType: string }
    /** A field of the JSON body, or one bit of any body. */
    | { readonly action: 'corrupt'; readonly field?: FieldEdit }
    /** Keeps a header of the request from the target, as one that forgets its idempotency keys would. Lower case. */
    | { readonly action: 'forget'; readonly header: string }
  );

export type UpgradeFault = Scoped<'upgrade', UpgradeMatch> &
  (
    | { readonly action: 'delay'; readonly delay: Distribution }
    | { readonly action: 'error'; readonly status: number; readonly body?: string }
    | { readonly action: 'hang' }
  );

export type FrameFault = Scoped<'frame', FrameMatch> &
  /** Frames behind a delayed one wait with it: a wire does not overtake itself. */
  (
    | { readonly action: 'delay'; readonly delay: Distribution }
    | { readonly action: 'drop' }
    | { readonly action: 'duplicate' }
    /** Swaps a frame with the next; passes it alone when none comes within the time. */
    | { readonly action: 'reorder'; readonly withinMs: number }
    | { readonly action: 'corrupt'; readonly field?: FieldEdit }
    /** Sets these fields of a JSON object, and removes those that are null (RFC 7396): a refusal becomes a consent. */
    | { readonly action: 'merge'; readonly patch: { readonly [key: string]: Json } }
    | { readonly action: 'oversize'; readonly bytes: number }
    /** Nothing passes any more in the directions it covers, pings and closes included; the sockets stay open. */
    | { readonly action: 'silence'; readonly at: Edge }
    /** Ends both connections without a close frame. */
    | { readonly action: 'cut'; readonly at: Edge }
    /** Closes towards the client with this code, and towards the target with 1001. */
    | { readonly action: 'close'; readonly code: number; readonly at: Edge }
  );

export type Fault = HttpFault | UpgradeFault | FrameFault;
export type Layer = Fault['layer'];

/** The largest values a fault may ask for. */
export const limits = {
  delayMs: 600_000,
  bodyBytes: 10 * 1024 ** 3,
  /** A frame is built in memory. */
  frameBytes: 128 * 1024 ** 2,
  count: 1_000_000_000,
} as const;
