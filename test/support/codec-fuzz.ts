import fc from 'fast-check';
import { expect } from 'vitest';
import type { Json, Operation } from '../../lib/config/plan.ts';
import { type Codec, CodecError, type Dialogue, type Message, type RawFrame } from '../../lib/sequence/codec/codec.ts';

const bytesOf = (frame: RawFrame): Buffer => Buffer.from(frame as string);

type Mutation = { readonly at: number; readonly length: number; readonly bit: number };

const mutation = fc.record({
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  bit: fc.integer({ min: 0, max: 7 }),
});

const placeIn = (frame: Buffer, { at }: Mutation): number => at % Math.max(1, frame.length);

/** What wires and hands do to frames; the second frame is for what needs two. */
const mutations: readonly ((frame: Buffer, how: Mutation, other: Buffer) => Buffer)[] = [
  (frame) => frame,
  (frame, how) => {
    const flipped = Buffer.from(frame);
    const at = placeIn(frame, how);
    if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << how.bit);
    return flipped;
  },
  (frame, how) => frame.subarray(0, placeIn(frame, how)),
  (frame, how) => frame.subarray(placeIn(frame, how)),
  (frame, how, other) => Buffer.concat([frame.subarray(0, placeIn(frame, how)), other.subarray(placeIn(other, how))]),
  (frame, how) => {
    const at = placeIn(frame, how);
    return Buffer.concat([frame.subarray(0, at + how.length), frame.subarray(at)]);
  },
  (frame, how) => {
    const at = placeIn(frame, how);
    return Buffer.concat([frame.subarray(0, at), frame.subarray(at + how.length)]);
  },
  (frame, _, other) => Buffer.concat([frame, other]),
];

/** Real frames with bits flipped, cut off, spliced, stuttering; some as bytes where they were text and the other way. */
export const mutatedFrames = (corpus: readonly RawFrame[]): fc.Arbitrary<RawFrame> =>
  fc
    .tuple(fc.constantFrom(...corpus), fc.constantFrom(...corpus), fc.constantFrom(...mutations), mutation, fc.nat(9))
    .map(([frame, other, mutate, how, swap]) => {
      const mutated = mutate(bytesOf(frame), how, bytesOf(other));
      const isText = (typeof frame === 'string') !== (swap === 0);
      return isText ? mutated.toString('utf8') : new Uint8Array(mutated);
    });

/** Anything at all. */
export const anyFrame: fc.Arbitrary<RawFrame> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.json(),
  fc.uint8Array({ maxLength: 200 }),
);

const operations: readonly Operation[] = [
  { do: 'subscribe', stream: 'a', payload: { query: '{ a }' } },
  { do: 'unsubscribe', stream: 'a' },
  { do: 'publish', stream: 'a', payload: { query: '{ a }' } },
  { do: 'ack', stream: 'a', cursor: 1 },
];

/** Not every protocol has words for each: of what it cannot say it says so. */
const sayIfItCan = (dialogue: Dialogue, operation: Operation): void => {
  try {
    dialogue.carryOut(operation);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
};

/** All that the prober does with a frame. */
export const digest = (dialogue: Dialogue, frame: RawFrame): readonly Message[] => {
  const messages = dialogue.decode(frame);
  for (const message of messages) {
    for (const json of dialogue.react(message)) dialogue.encode({ kind: 'json', json });
    for (const operation of operations) dialogue.answerTo(operation, message);
  }
  dialogue.standing();
  JSON.stringify(dialogue.resumption());
  return messages;
};

const isMessage = ({ body, type, id, stream, code, problem }: Message): boolean =>
  body !== undefined &&
  [type, id, stream, code, problem].every((text) => text === undefined || typeof text === 'string');

/** Whatever comes, in whatever order: no throw, and nothing but messages. */
export const expectToSurvive = (codec: Codec, frames: fc.Arbitrary<RawFrame>): void => {
  const conversation = fc.array(frames, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(conversation, (all) => {
      const dialogue = codec.open({ handshake: 'auto' });
      for (const operation of operations) sayIfItCan(dialogue, operation);
      dialogue.greet();
      for (const frame of all) expect(digest(dialogue, frame).every(isMessage)).toBe(true);
      // What is remembered of it all must not break the next generation either.
      const resume = dialogue.resumption();
      const next = codec.open({ handshake: 'auto', ...(resume === undefined ? {} : { resume }) });
      for (const json of next.greet()) next.encode({ kind: 'json', json });
      for (const frame of all) digest(next, frame);
    }),
    { numRuns: 500 },
  );
};

const size = 2_000_000;

/** Frames of megabytes that make a parser which looks at a character twice look at it for ever. */
export const hugeFrames = (...heads: readonly string[]): readonly RawFrame[] => [
  ...['[', '{"a":', '1', ' ', '"', '\\', '/', '-', ',', '\u001e', '[{}'].map((unit) => unit.repeat(size / unit.length)),
  ...heads.flatMap((head) =>
    ['[', '1', '/', '-', '"', 'a', ' '].map((unit) => `${head}${unit.repeat(size / unit.length)}`),
  ),
  `[${'{},'.repeat(100_000)}{}]`,
  `{"type":"${'a'.repeat(size)}"}`,
  new Uint8Array(size),
  new Uint8Array(size).fill(255),
];

/** A parser that is quadratic in any of these is not done before the test's limit. */
export const expectToFinish = (codec: Codec, frames: readonly RawFrame[]): void => {
  const dialogue = codec.open({ handshake: 'auto' });
  for (const frame of frames) expect(Array.isArray(dialogue.decode(frame))).toBe(true);
};

/** Each body of received frames on the wire again. */
export const encodeAgain = (codec: Codec, frames: readonly RawFrame[]): readonly RawFrame[] => {
  const dialogue = codec.open({ handshake: 'manual' });
  return frames
    .flatMap((raw) => dialogue.decode(raw))
    .flatMap(({ body }) => dialogue.encode({ kind: 'json', json: body }));
};

/** As JSON writes it: without `-0`, and nothing else that JSON has not. */
export const asWritten = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const jsonValue = fc.jsonValue().map((value) => asWritten(value) as Json);
