import type { Json } from '../../config/plan.ts';
import type { Message, RawFrame } from '../codec/codec.ts';

/** What happens to a connection beside its data. `by` says who sent the control frame. */
export type Life =
  | { readonly event: 'connecting'; readonly url: string }
  | { readonly event: 'open'; readonly subprotocol: string }
  | { readonly event: 'refused'; readonly status: number }
  | { readonly event: 'ping' | 'pong'; readonly by: 'client' | 'server' }
  | { readonly event: 'error'; readonly message: string }
  | { readonly event: 'close'; readonly code: number; readonly reason: string };

type Head = {
  readonly connection: string;
  /** How often this connection was opened, from 1. */
  readonly generation: number;
  /** Monotonic, ms. */
  readonly at: number;
  /** We did it by ourselves: a pong. */
  readonly auto?: true;
  /** The step that sent it. */
  readonly step?: string;
};

/** What the journal is told. `said` is a sent message in the codec's spelling, for whoever reads bytes. */
export type JournalEvent = Head &
  (
    | { readonly direction: 'in'; readonly raw: RawFrame }
    | { readonly direction: 'out'; readonly raw: RawFrame; readonly said?: Json }
    | { readonly direction: 'life'; readonly life: Life }
  );

/** One line of the journal. `n` counts from 1 over all connections. */
export type Frame = Head & { readonly n: number } & (
    | {
        readonly direction: 'in' | 'out';
        readonly bytes: number;
        /** JSON values that it can hold at most. */
        readonly values: number;
        /** `undefined` once let go to stay within the byte cap. */
        readonly raw: RawFrame | undefined;
        /** What a binary frame that was sent says; let go with its bytes. */
        readonly said?: Json | undefined;
        readonly entries: readonly Entry[];
        /** How many of them no expectation has claimed. */
        readonly unclaimed: number;
      }
    | { readonly direction: 'life'; readonly life: Life }
  );

export type DataFrame = Extract<Frame, { readonly direction: 'in' | 'out' }>;

/** One received message: a frame may carry several. */
export type Entry = {
  readonly frame: DataFrame;
  /** Its place among the received messages of its connection, from 0. */
  readonly position: number;
  /** `undefined` once let go, which only happens to consumed messages. */
  readonly message: Message | undefined;
  readonly consumed: boolean;
  /** The step that consumed it. */
  readonly claimedBy?: string;
};

/** For the journal, the only one that changes what it hands out. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Orders messages of any connections as they arrived. */
export const byArrival = (a: Entry, b: Entry): number => a.frame.n - b.frame.n || a.position - b.position;

/** What a protocol says by itself, beside the conversation: it is nobody's to claim. */
export const isHousekeeping = ({ message }: Entry): boolean =>
  message?.role === 'heartbeat' || message?.role === 'control';

export const bytesOf = (raw: RawFrame): number => (typeof raw === 'string' ? Buffer.byteLength(raw) : raw.byteLength);

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];

/** Each value but the first comes after a comma, a bracket or a brace; those in texts count too, for this is a bound. */
export const valuesOf = (raw: RawFrame): number => {
  if (typeof raw !== 'string') return 1;
  let values = 1;
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at);
    if (code === comma || code === bracket || code === brace) values += 1;
  }
  return values;
};
