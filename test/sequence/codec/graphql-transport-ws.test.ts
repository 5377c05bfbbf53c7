import fc from 'fast-check';
import { validateMessage } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { CodecError, loadCodec, type RawFrame } from '../../../lib/sequence/codec/codec.ts';
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
import { serveGraphql } from '../../support/graphql-server.ts';

const codec = await loadCodec({ name: 'graphql-transport-ws' });
const open = () => codec.open({ handshake: 'auto' });
const read = (body: object | string) => open().decode(typeof body === 'string' ? body : JSON.stringify(body))[0];

/** What a real server says, one of each kind. */
const realFrames = async (): Promise<readonly RawFrame[]> => {
  const server = await serveGraphql();
  try {
    const client = await openDialogue(codec, server.url);
    await client.settled();
    client.send({ type: 'ping', payload: { n: 1 } }, { type: 'ping' });
    client.begin({ do: 'subscribe', stream: 'a', payload: { query: 'subscription { count(upTo: 2) }' } });
    client.begin({ do: 'subscribe', stream: 'b', payload: { query: 'subscription { tides }' } });
    client.begin({ do: 'publish', stream: 'c', payload: { query: 'mutation { shout(text: "") }' } });
    for (const stream of ['a', 'c']) await client.seenLike({ type: 'complete', stream });
    await client.seenLike({ type: 'error' });
    return client.frames.flatMap(({ direction, raw }) => (direction === 'in' ? [raw] : []));
  } finally {
    await server.close();
  }
};

const faults: Readonly<Record<string, object | string>> = {
  'not JSON': 'next',
  'a message without a type': { id: 'a' },
  '"next" without an id': { type: 'next', payload: {} },
  '"complete" without an id': { type: 'complete', id: 7 },
  '"next" whose payload is no object': { type: 'next', id: 'a', payload: [1] },
  '"error" whose payload is no list of errors with a message': { type: 'error', id: 'a', payload: { message: 'no' } },
  '"connection_ack" whose payload is no object': { type: 'connection_ack', payload: 'hello' },
  '"ping" whose payload is no object': { type: 'ping', payload: 3 },
  '"subscribe" comes from clients only': { type: 'subscribe', id: 'a', payload: { query: '{ a }' } },
};

describe('the graphql-transport-ws codec', () => {
  it.each(Object.entries(faults))('calls it a fault: %s', (problem, body) => {
    expect(read(body)).toMatchObject({ problem });
  });

  it('does not take a broken acknowledgement for the end of the handshake, nor answer a broken ping', () => {
    const dialogue = open();
    const [broken] = dialogue.decode('{"type":"connection_ack","payload":1}');
    expect(dialogue.standing()).toMatchObject({ state: 'greeting' });
    const [ping] = dialogue.decode('{"type":"ping","payload":1}');
    expect([broken, ping].flatMap((message) => (message ? dialogue.react(message) : ['none']))).toEqual([]);
  });

  it('calls a type that the protocol does not have unknown', () => {
    expect(read({ type: 'ka' })).toEqual({ body: { type: 'ka' }, type: 'ka', role: 'unknown' });
    expect(read({ type: 'toString' })).toMatchObject({ role: 'unknown' });
  });

  it('cannot subscribe without a query, nor from a cursor, nor ack', () => {
    const dialogue = open();
    expect(() => dialogue.carryOut({ do: 'subscribe', stream: 'a' })).toThrow(CodecError);
    expect(() => dialogue.carryOut({ do: 'subscribe', stream: 'a' })).toThrow('write payload: { query:');
    const from = { do: 'subscribe', stream: 'a', cursor: 3, payload: { query: '{ a }' } } as const;
    expect(() => dialogue.carryOut(from)).toThrow('has no cursors');
    expect(() => dialogue.carryOut({ do: 'ack', stream: 'a', cursor: 1 })).toThrow(
      /`graphql-transport-ws` has no words for `ack`/,
    );
  });

  it('writes again what it has read', async () => {
    const frames = await realFrames();
    expect(frames.length).toBeGreaterThan(6);
    expect(encodeAgain(codec, frames)).toEqual(frames);
    fc.assert(
      fc.property(jsonValue, (payload) => {
        const body = { type: 'next', id: 'a', payload: { data: payload } };
        expect(read(String(open().encode({ kind: 'json', json: body })[0]))?.body).toEqual(body);
      }),
    );
  });

  it('finds a fault wherever the reference implementation does', async () => {
    const flagged = fc.property(mutatedFrames(await realFrames()), (frame) => {
      const [message] = open().decode(frame);
      const refused = () => {
        try {
          validateMessage(typeof frame === 'string' ? JSON.parse(frame) : undefined);
          return false;
        } catch {
          return true;
        }
      };
      return !refused() || message?.problem !== undefined || message?.role === 'unknown';
    });
    fc.assert(flagged, { numRuns: 3_000 });
  });

  it('never throws: anything, and real frames, broken', async () => {
    expectToSurvive(codec, anyFrame);
    expectToSurvive(codec, mutatedFrames(await realFrames()));
  });

  it('reads a frame of megabytes in a time that grows with its size', () => expectToFinish(codec, hugeFrames()));
});
