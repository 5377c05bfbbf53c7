import fc from 'fast-check';
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
import { serveRpc } from '../../support/rpc-server.ts';

const standard = await loadCodec({ name: 'json-rpc', variant: 'standard' });
const codec = await loadCodec({ name: 'json-rpc', variant: 'rpc-websockets' });
const open = () => standard.open({ handshake: 'auto' });
const read = (body: object | string) => open().decode(typeof body === 'string' ? body : JSON.stringify(body))[0];

const realFrames = async (): Promise<readonly RawFrame[]> => {
  const server = await serveRpc();
  try {
    const client = await openDialogue(codec, server.url);
    await client.ask({ do: 'subscribe', stream: 'tide' });
    await client.ask({ do: 'publish', stream: 'turn', payload: [] });
    await client.ask({ do: 'publish', stream: 'nothing', payload: [] });
    client.send([1, 2].map((id) => ({ jsonrpc: '2.0', method: 'sum', params: [id, 1], id })));
    await client.seenLike({ id: '2' });
    return client.frames.map(({ raw }) => raw);
  } finally {
    await server.close();
  }
};

const jsonrpc = '2.0';
const faults: readonly (readonly [string, object | string])[] = [
  ['not JSON', '{"jsonrpc":'],
  ['neither a call nor a response: not an object', '[1,2]'],
  ['neither a call nor a response: no method, result or error', { jsonrpc, id: 1 }],
  ['"jsonrpc" is "1.0", not "2.0"', { jsonrpc: '1.0', id: 1, result: 1 }],
  ['a call whose method is no text', { jsonrpc, method: 7 }],
  ['a call whose params are neither a list nor an object', { jsonrpc, method: 'a', params: 'b' }],
  ['a response with both a result and an error', { jsonrpc, id: 1, result: 1, error: null }],
  ['a response without the id of its call', { jsonrpc, result: 1 }],
  ['a response without the id of its call', { jsonrpc, id: null, result: 1 }],
  ['an error without a whole number as its code and a message', { jsonrpc, id: 1, error: { code: 1.5, message: 'x' } }],
  ['an error without a whole number as its code and a message', { jsonrpc, id: 1, error: 'no' }],
];

describe('the json-rpc codec', () => {
  it.each(faults)('calls it a fault: %s', (problem, body) => {
    expect(read(body)).toMatchObject({ problem });
  });

  it('reads a call of the server with its id, and a notification without', () => {
    expect(read({ jsonrpc, method: 'ask', params: [1], id: 's-1' })).toMatchObject({
      type: 'ask',
      role: 'event',
      id: 's-1',
    });
    expect(read({ jsonrpc, method: 'tell' })).not.toHaveProperty('id');
  });

  it('calls the method that is the name of the stream, with ids that nobody writes by hand', () => {
    const dialogue = open();
    expect(dialogue.carryOut({ do: 'subscribe', stream: 'eth_subscribe', payload: ['newHeads'] })).toEqual([
      { jsonrpc, method: 'eth_subscribe', params: ['newHeads'], id: 1_000_001 },
    ]);
    expect(dialogue.carryOut({ do: 'publish', stream: 'add', payload: 3 })).toEqual([
      { jsonrpc, method: 'add', params: [3], id: 1_000_002 },
    ]);
    expect(dialogue.carryOut({ do: 'subscribe', stream: 'bare' })).toEqual([
      { jsonrpc, method: 'bare', id: 1_000_003 },
    ]);
    expect(() => dialogue.carryOut({ do: 'unsubscribe', stream: 'bare' })).toThrow(
      /`json-rpc` has no words for `unsubscribe`/,
    );
    expect(() => dialogue.carryOut({ do: 'ack', stream: 'bare', cursor: 1 })).toThrow(
      /`json-rpc` has no words for `ack`/,
    );
    expect(() => dialogue.carryOut({ do: 'subscribe', stream: 'bare', cursor: 1 })).toThrow(CodecError);
  });

  it('does not take the answer to one call for that to another', () => {
    const dialogue = open();
    const [first, second] = ['a', 'b'].map((stream) => ({ do: 'publish', stream, payload: [] }) as const);
    if (!first || !second) throw new Error('there are two');
    for (const operation of [first, second]) dialogue.carryOut(operation);
    const [answer] = dialogue.decode(JSON.stringify({ jsonrpc, id: 1_000_002, error: { code: -1, message: 'no' } }));
    if (!answer) throw new Error('nothing was decoded');
    expect(dialogue.answerTo(first, answer)).toBeUndefined();
    expect(dialogue.answerTo(second, answer)).toEqual({ accepted: false, code: '-1' });
  });

  it('writes again what it has read', async () => {
    const frames = await realFrames();
    expect(frames.length).toBeGreaterThan(8);
    // A batch is written one by one.
    const single = frames.flatMap((frame) => {
      const document = JSON.parse(String(frame));
      return Array.isArray(document) ? document.map((body) => JSON.stringify(body)) : [frame];
    });
    expect(encodeAgain(codec, frames)).toEqual(single);
    fc.assert(
      fc.property(jsonValue, (result) => {
        const body = { jsonrpc, id: 1, result };
        expect(read(String(open().encode({ kind: 'json', json: body })[0]))?.body).toEqual(body);
      }),
    );
  });

  it('never throws: anything, and real frames, broken', async () => {
    const corpus = await realFrames();
    for (const variant of [standard, codec]) {
      expectToSurvive(variant, anyFrame);
      expectToSurvive(variant, mutatedFrames(corpus));
    }
  });

  it('reads a frame of megabytes in a time that grows with its size', () => expectToFinish(codec, hugeFrames()));
});
