import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../lib/sequence/codec/codec.ts';

const json = await loadCodec('json');
const raw = await loadCodec('raw');

describe('the json codec', () => {
  it('takes the stream of a message from its field `stream`', () => {
    expect(json.decode('{"stream":"workspace:1","n":1}')).toEqual([
      { body: { stream: 'workspace:1', n: 1 }, stream: 'workspace:1' },
    ]);
    expect(json.decode('{"stream":7}')).toEqual([{ body: { stream: 7 }, stream: '7' }]);
    expect(json.decode('{"stream":{}}')).toEqual([{ body: { stream: {} } }]);
  });

  it('takes an array of objects as a batch of messages and any other array as one', () => {
    expect(json.decode('[{"a":1},{"a":2}]').map(({ body }) => body)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(json.decode('["1","2","topic",{}]')).toEqual([{ body: ['1', '2', 'topic', {}] }]);
    expect(json.decode('[]')).toEqual([{ body: [] }]);
  });

  it('reports what is not JSON as a message with a problem, so that it can still be awaited', () => {
    expect(json.decode('pong')).toEqual([{ body: { text: 'pong' }, problem: 'not JSON' }]);
    expect(json.decode(new Uint8Array([1, 2]))).toEqual([
      { body: { base64: 'AQI=' }, problem: 'a binary frame, not JSON text' },
    ]);
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (frame) => json.decode(frame).length > 0));
  });

  it('decodes the one message that it has encoded', () => {
    const message = fc.jsonValue().filter((value) => !Array.isArray(value));
    fc.assert(
      fc.property(message, (value) => {
        const written = JSON.parse(JSON.stringify(value));
        expect(json.decode(json.encode({ kind: 'json', json: written })).map(({ body }) => body)).toEqual([written]);
      }),
    );
  });
});

describe('the raw codec', () => {
  it('gives a text frame as text and a binary one as base64', () => {
    expect(raw.decode('a')).toEqual([{ body: { text: 'a' } }]);
    expect(raw.decode(new Uint8Array([255]))).toEqual([{ body: { base64: '/w==' } }]);
  });

  it('encodes text, JSON and base64', () => {
    expect(raw.encode({ kind: 'text', text: 'hi' })).toBe('hi');
    expect(raw.encode({ kind: 'json', json: { a: 1 } })).toBe('{"a":1}');
    expect(raw.encode({ kind: 'binary', base64: 'AQI=' })).toEqual(Buffer.from([1, 2]));
  });
});
