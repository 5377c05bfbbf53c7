import type { Codec, Message, RawFrame } from './codec/codec.ts';

/** What happens to a connection beside its data. `by` says who sent the control frame. */
export type Life =
  | { readonly event: 'connecting'; readonly url: string }
  | { readonly event: 'open'; readonly subprotocol: string }
  | { readonly event: 'refused'; readonly status: number }
  | { readonly event: 'ping' | 'pong'; readonly by: 'client' | 'server' }
  | { readonly event: 'error'; readonly message: string }
  | { readonly event: 'close'; readonly code: number; readonly reason: string };

/** What the journal is told. `at` is monotonic ms; `auto` marks what we did by ourselves (a pong). */
export type JournalEvent = {
  readonly connection: string;
  readonly generation: number;
  readonly at: number;
  readonly auto?: true;
} & (
  | { readonly direction: 'in' | 'out'; readonly raw: RawFrame }
  | { readonly direction: 'life'; readonly life: Life }
);

/** One line of the journal. `n` counts from 1 over all connections. */
export type Frame = {
  readonly n: number;
  readonly connection: string;
  /** How often this connection was opened, from 1. */
  readonly generation: number;
  readonly at: number;
  readonly auto?: true;
} & (
  | {
      readonly direction: 'in' | 'out';
      readonly bytes: number;
      /** JSON values that it can hold at most. */
      readonly values: number;
      /** `undefined` once let go to stay within the byte cap. */
      readonly raw: RawFrame | undefined;
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
};

export type JournalLimits = {
  /** Frames, and messages in them: a batch of empty ones is small and yet many. Default 100,000. */
  readonly maxFrames?: number;
  /** Raw bytes held at once, decoded bodies beside them. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Values in those bodies: a byte or two of JSON may be an object of dozens in memory. Default 3,000,000. */
  readonly maxValues?: number;
};

/** Append-only record of every frame of every connection of a pass, from the first byte. */
export type Journal = {
  readonly frames: readonly Frame[];
  /** Begins the next generation of a connection: searches then start behind what came before. Answers its number. */
  begin(connection: string): number;
  /** Records and decodes; nothing more is recorded once a limit is passed. */
  append(event: JournalEvent): void;
  /** Received messages of a connection, oldest first. */
  entriesOf(connection: string): readonly Entry[];
  /** Where a search begins by default: behind the last consumed message. */
  positionOf(connection: string): number;
  /** Where a search begins that starts after frame `n`. */
  positionAfter(connection: string, n: number): number;
  /** Claims messages for one expectation; others no longer match them. */
  consume(entries: readonly Entry[]): void;
  /** Called after each append, and when a limit is passed. Answers how to stop. */
  watch(listener: (frame: Frame | undefined) => void): () => void;
  /** Why nothing more is recorded. */
  overflow(): string | undefined;
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

type Track = { generation: number; position: number; readonly entries: Mutable<Entry>[] };

const count = new Intl.NumberFormat('en-US');

const bytesOf = (raw: RawFrame): number => (typeof raw === 'string' ? Buffer.byteLength(raw) : raw.byteLength);

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];

/** Each value but the first comes after a comma, a bracket or a brace; those in texts count too, for this is a bound. */
const valuesOf = (raw: RawFrame): number => {
  if (typeof raw !== 'string') return 1;
  let values = 1;
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at);
    if (code === comma || code === bracket || code === brace) values += 1;
  }
  return values;
};

/** First index whose entry belongs to a frame after `n`; entries are sorted by frame. */
const searchAfter = (entries: readonly Entry[], n: number): number => {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.frame.n ?? 0) <= n) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createJournal = (decode: Codec['decode'], limits: JournalLimits = {}): Journal => {
  const { maxFrames = 100_000, maxBytes = 32 * 1024 * 1024, maxValues = 3_000_000 } = limits;
  const frames: Frame[] = [];
  const tracks = new Map<string, Track>();
  const listeners = new Set<(frame: Frame | undefined) => void>();
  // Frames nobody needs any more, in the order in which they were spent; `released` of them are let go already.
  const spent: Mutable<DataFrame>[] = [];
  let released = 0;
  let bytes = 0;
  let values = 0;
  let messages = 0;
  let overflow: string | undefined;

  const trackOf = (connection: string): Track => {
    const known = tracks.get(connection);
    if (known) return known;
    const track: Track = { generation: 0, position: 0, entries: [] };
    tracks.set(connection, track);
    return track;
  };

  const release = () => {
    for (let frame = spent[released]; frame && (bytes > maxBytes || values > maxValues); frame = spent[released]) {
      released += 1;
      bytes -= frame.bytes;
      values -= frame.values;
      frame.raw = undefined;
      for (const entry of frame.entries) (entry as Mutable<Entry>).message = undefined;
    }
  };

  const store = (event: JournalEvent): Frame => {
    const { connection, generation, at } = event;
    const head = { n: frames.length + 1, connection, generation, at, ...(event.auto ? { auto: event.auto } : {}) };
    if (event.direction === 'life') return { ...head, direction: event.direction, life: event.life };
    const { direction, raw } = event;
    const entries: Mutable<Entry>[] = [];
    const frame: Mutable<DataFrame> = {
      ...head,
      direction,
      raw,
      bytes: bytesOf(raw),
      values: valuesOf(raw),
      entries,
      unclaimed: 0,
    };
    bytes += frame.bytes;
    values += frame.values;
    if (direction === 'out') {
      spent.push(frame);
      return frame;
    }
    const track = trackOf(connection);
    for (const message of decode(raw)) {
      const entry: Mutable<Entry> = { frame, position: track.entries.length, message, consumed: false };
      entries.push(entry);
      track.entries.push(entry);
    }
    messages += entries.length;
    frame.unclaimed = entries.length;
    if (entries.length === 0) spent.push(frame);
    return frame;
  };

  const exceeded = (): string | undefined => {
    const full = (what: string) => `the journal of a pass holds ${count.format(maxFrames)} ${what} and is full`;
    if (frames.length >= maxFrames) return full('frames');
    if (messages >= maxFrames) return full('messages');
    release();
    if (values > maxValues) {
      return `the frames that no step has claimed hold more than ${count.format(maxValues)} values, the most that the journal of a pass keeps`;
    }
    if (bytes <= maxBytes) return undefined;
    return `the frames that no step has claimed are larger than the ${count.format(maxBytes)} bytes that the journal of a pass holds`;
  };

  const notify = (frame: Frame | undefined) => {
    for (const listener of listeners) listener(frame);
  };

  return {
    frames,
    begin: (connection) => {
      const track = trackOf(connection);
      track.generation += 1;
      track.position = track.entries.length;
      return track.generation;
    },
    append: (event) => {
      if (overflow) return;
      overflow = exceeded();
      if (overflow) return notify(undefined);
      const frame = store(event);
      frames.push(frame);
      notify(frame);
    },
    entriesOf: (connection) => trackOf(connection).entries,
    positionOf: (connection) => trackOf(connection).position,
    positionAfter: (connection, n) => searchAfter(trackOf(connection).entries, n),
    consume: (entries) => {
      for (const entry of entries) {
        if (entry.consumed) continue;
        (entry as Mutable<Entry>).consumed = true;
        const track = trackOf(entry.frame.connection);
        track.position = Math.max(track.position, entry.position + 1);
        const frame = entry.frame as Mutable<DataFrame>;
        frame.unclaimed -= 1;
        if (frame.unclaimed === 0) spent.push(frame);
      }
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    overflow: () => overflow,
  };
};
