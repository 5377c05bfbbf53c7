import { decodePacket } from 'engine.io-parser';
import fc from 'fast-check';
// Comes with socket.io, as engine.io-parser does: what it takes and what it writes is the protocol.
import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../lib/config/plan.ts';
import { loadCodec, type RawFrame } from '../../../lib/sequence/codec/codec.ts';
import {
  anyFrame,
  encodeAgain,
  expectToFinish,
  expectToSurvive,
  hugeFrames,
  jsonValue,
  mutatedFrames,
} from '../../support/codec-fuzz.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { serveSocketIo } from '../../support/socket-io-server.ts';

const codec = await loadCodec({ name: 'socket.io', namespace: '/' });
const open = () => codec.open({ handshake: 'auto' });
const read = (...frames: readonly RawFrame[]) => {
  const dialogue = open();
  return frames.flatMap((frame) => dialogue.decode(frame));
};
const write = (json: Json) => open().encode({ kind: 'json', json });

/** Both ways, with bytes, answers, an error and a recovery. */
const realFrames = async (directions: readonly string[] = ['in', 'out']): Promise<readonly RawFrame[]> => {
  const server = await serveSocketIo();
  try {
    const client = await openDialogue(codec, server.url);
    await client.seenLike({ type: 'hello' });
    client.send({ type: 'event', event: 'add', args: [2, 3], ack: 11 }, { type: 'connect', namespace: '/private' });
    client.send({ type: 'event', event: 'reverse', args: [{ $base64: 'AQID' }], ack: 12 });
    await client.seenLike({ id: '12' });
    await client.terminate();
    await expect.poll(() => server.io.of('/').sockets.size).toBe(0);
    server.io.emit('said', 'missed');
    await client.reopen();
    await client.settled();
    client.send({ type: 'event', event: 'leave' });
    await client.seenLike({ type: 'disconnect' });
    return client.frames.filter(({ direction }) => directions.includes(direction)).map(({ raw }) => raw);
  } finally {
    await server.close();
  }
};

/** Whether the client that everybody has would break off at this frame, or has no packet by it. */
const refusedByReference = (frame: RawFrame): boolean => {
  try {
    const { type, data } = decodePacket(typeof frame === 'string' ? frame : Buffer.from(frame), 'nodebuffer');
    if (type === 'error') return true;
    if (type === 'message') new Decoder().add(data ?? '');
    return false;
  } catch {
    return true;
  }
};

const name = fc.string({ minLength: 1 }).filter((text) => !/^(dis)?connect|^(new|remove)Listener$/.test(text));
const bytes = fc.uint8Array({ maxLength: 20 });

type Argument = Json | Uint8Array | { readonly in_: Uint8Array };

const change = <T>(arg: Argument, bytesTo: (bytes: Uint8Array) => T): Json | T | { in_: T } => {
  if (arg instanceof Uint8Array) return bytesTo(arg);
  const inner = typeof arg === 'object' && arg !== null && 'in_' in arg ? arg.in_ : undefined;
  return inner instanceof Uint8Array ? { in_: bytesTo(inner) } : (arg as Json);
};
const asBuffers = (arg: Argument) => change(arg, (bytes) => Buffer.from(bytes));
const asSpelt = (arg: Argument) => change(arg, (bytes) => ({ $base64: Buffer.from(bytes).toString('base64') }));
const asComparable = (frame: RawFrame) => (typeof frame === 'string' ? frame : Buffer.from(frame).toString('hex'));

describe('the socket.io codec beside the reference', () => {
  it('writes again, byte for byte, what it has read from a real server and to it', async () => {
    const frames = await realFrames();
    expect(frames.length).toBeGreaterThan(15);
    expect(encodeAgain(codec, frames).map(asComparable)).toEqual(frames.map(asComparable));
  });

  it('finds no fault in what a real server says', async () => {
    const messages = read(...(await realFrames(['in'])));
    expect(messages.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(messages.length).toBeGreaterThan(10);
  });

  it('reads what the reference writes, and writes what it reads', () => {
    // The reference loses this key where it looks for bytes.
    const argument = jsonValue.filter((value) => !JSON.stringify(value).includes('__proto__'));
    const packet = fc.record({
      nsp: fc.constantFrom('/', '/admin', '/a/b-1'),
      id: fc.option(fc.nat(), { nil: undefined }),
      data: fc.tuple(
        name,
        fc.array(
          fc.oneof(
            argument,
            bytes,
            bytes.map((in_) => ({ in_ })),
          ),
          { maxLength: 4 },
        ),
      ),
    });
    fc.assert(
      fc.property(packet, ({ nsp, id, data: [event, args] }) => {
        const data = [event, ...args.map((arg) => asBuffers(arg))];
        const written = new Encoder().encode({
          type: PacketType.EVENT,
          nsp,
          data,
          ...(id === undefined ? {} : { id }),
        });
        const frames = written.map((part: RawFrame) => (typeof part === 'string' ? `4${part}` : part));
        const [message, ...more] = read(...frames);
        expect(more).toEqual([]);
        expect(message?.body).toEqual({
          type: 'event',
          namespace: nsp,
          event,
          args: args.map((arg) => asSpelt(arg)),
          ...(id === undefined ? {} : { ack: id }),
        });
        expect(write(message?.body ?? null).map(asComparable)).toEqual(frames.map(asComparable));
      }),
    );
  });

  it('finds a fault wherever the reference breaks off', async () => {
    const frames = mutatedFrames(await realFrames());
    const flagged = fc.property(frames, (frame) => {
      const messages = read(frame);
      return !refusedByReference(frame) || messages.some(({ problem }) => problem !== undefined);
    });
    fc.assert(flagged, { numRuns: 3_000 });
  });

  it('never throws: anything, and real frames, broken', async () => {
    const corpus = await realFrames();
    expectToSurvive(codec, anyFrame);
    expectToSurvive(codec, mutatedFrames(corpus));
  });

  it('reads a frame of megabytes in a time that grows with its size', () => {
    expectToFinish(codec, hugeFrames('0', '4', '40', '42', '42["a",', '43', '45', '451-', '42/', '42/a,', 'b'));
  });
});
