import type { FramePattern } from './matcher.ts';

/** `generation`: one connection as opened once. `scenario`: everything in the pass. */
export type InvariantScope = 'generation' | 'scenario';

/** A key of the body, a JSONPath, or a message field of the codec (`$sequence`). */
export type FieldName = string;

/** Percentiles are nearest rank, in ms. */
export type LatencyLimits = Readonly<Partial<Record<'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs', number>>>;

export type Invariant =
  | {
      readonly kind: 'monotonic';
      /** A stream name, or `*`: each stream by itself. */
      readonly stream: string;
      readonly field: FieldName;
      readonly strict: boolean;
      readonly scope: InvariantScope;
    }
  /** Over several streams of one connection, the order of arrival is that of the field. `['*']`: all. */
  | { readonly kind: 'totalOrder'; readonly streams: readonly string[]; readonly field: FieldName }
  | {
      readonly kind: 'chain';
      /** Each link: one value of `field`, or several that may stand there. */
      readonly links: readonly (readonly string[])[];
      /** Default `$type`. */
      readonly field: FieldName;
      /** One chain for each value. Absent: one in all. */
      readonly groupBy?: FieldName;
      /** Links of one chain may come over several streams. Default false: each stream has chains of its own. */
      readonly acrossStreams: boolean;
      /** A chain that began must have come to its end. Default false. */
      readonly complete: boolean;
      readonly scope: InvariantScope;
    }
  | { readonly kind: 'noDuplicates'; readonly key: FieldName; readonly scope: InvariantScope }
  | {
      readonly kind: 'gapless';
      readonly stream: string;
      readonly field: FieldName;
      /** Numbers may be left out: gaps are counted, not faults. Default false. */
      readonly sparse: boolean;
      readonly scope: InvariantScope;
    }
  | {
      readonly kind: 'unknownTypes';
      /** `tolerate` wants proof: one came, and a known message after it. `report` counts them. */
      readonly policy: 'tolerate' | 'report' | 'fail';
      /** Default `$type`. */
      readonly field: FieldName;
      /** What is known; empty: what the codec knows. */
      readonly known: readonly string[];
    }
  /** No connection, while open, is without any sign of life for longer. */
  | { readonly kind: 'maxSilence'; readonly maxMs: number }
  /** From each setting of a mark to the first match after it. */
  | {
      readonly kind: 'latency';
      readonly since: string;
      readonly until: FramePattern;
      readonly limits: LatencyLimits;
    };
