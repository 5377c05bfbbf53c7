import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramePattern, JsonDialect } from '../../../lib/config/plan.ts';
import { CodecError, type Dialogue, loadCodec } from '../../../lib/sequence/codec/codec.ts';
import {
  anyFrame,
  expectToFinish,
  expectToSurvive,
  hugeFrames,
  jsonValue,
  mutatedFrames,
} from '../../support/codec-fuzz.ts';
import { notesServer, openSocket } from '../../support/notes-server.ts';

const bare: JsonDialect = { fields: {}, roles: {}, types: [], operations: {} };
const codecOf = (dialect: Partial<JsonDialect> = {}) => loadCodec({ name: 'json', dialect: { ...bare, ...dialect } });
const speak = async (dialect: Partial<JsonDialect> = {}): Promise<Dialogue> =>
  (await codecOf(dialect)).open({ handshake: 'auto' });
const like = (subset: FramePattern['subset']): FramePattern => ({ subset, paths: {} });

describe('the plain json codec', async () => {
  const json = await speak();

  it('reads the fields of a message where most protocols have them', () => {
    const body = { type: 'tick', id: 7, stream: 'workspace:1', cursor: 3, event_seq: '12', event_code: 'note_patched' };
    expect(json.decode(JSON.stringify(body))).toEqual([
      { body, type: 'tick', id: '7', stream: 'workspace:1', cursor: 3, sequence: '12', code: 'note_patched' },
    ]);
    expect(json.decode('{"stream":7,"eventSeq":1}')).toEqual([
      { body: { stream: 7, eventSeq: 1 }, stream: '7', sequence: 1 },
    ]);
  });

  it('has no use for a name that is no text or number, and takes null for nothing', () => {
    expect(json.decode('{"stream":{},"type":true,"cursor":null}')).toEqual([
      { body: { stream: {}, type: true, cursor: null } },
    ]);
  });

  it('takes an array of objects as a batch of messages and any other array as one', () => {
    expect(json.decode('[{"a":1},{"a":2}]').map(({ body }) => body)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(json.decode('["1","2","topic",{}]')).toEqual([{ body: ['1', '2', 'topic', {}] }]);
    expect(json.decode('[]')).toEqual([{ body: [] }]);
  });

  it('reports what is not JSON as a message with a problem, so that it can still be awaited', () => {
    expect(json.decode('pong')).toEqual([{ body: { text: 'pong' }, problem: 'not JSON' }]);
    expect(json.decode('[{"a":1},')).toMatchObject([{ problem: 'not JSON' }]);
    expect(json.decode(new Uint8Array([1, 2]))).toEqual([
      { body: { base64: 'AQI=' }, problem: 'a binary frame, not JSON text' },
    ]);
    expect(json.decode('['.repeat(2_000))).toMatchObject([{ problem: expect.stringContaining('levels deep') }]);
  });

  it('knows no roles, no operations and nothing to resume', () => {
    expect(json.decode('{"type":"error"}')).toEqual([{ body: { type: 'error' }, type: 'error' }]);
    expect(() => json.carryOut({ do: 'subscribe', stream: 'a' })).toThrow(/`json` has no words for `subscribe`/);
    expect(json.standing()).toEqual({ state: 'ready' });
    expect(json.resumption()).toBeUndefined();
  });

  it('decodes the one message that it has encoded', () => {
    const message = jsonValue.filter((value) => !Array.isArray(value));
    fc.assert(
      fc.property(message, (value) => {
        const [frame] = json.encode({ kind: 'json', json: value });
        expect(json.decode(frame ?? '').map(({ body }) => body)).toEqual([value]);
      }),
    );
  });

  it('never throws: anything at all', async () => expectToSurvive(await codecOf(), anyFrame));

  it('never throws: real frames, broken', async () => {
    const server = await notesServer();
    const socket = await openSocket(server.wsUrl);
    await socket.ask({ type: 'subscribe', stream: 'workspace:1', cursor: 0 });
    await socket.ask({ type: 'ack', stream: 'workspace:1', cursor: 999 });
    await socket.ask({ type: 'nonsense' });
    const corpus = socket.frames.map((frame) => JSON.stringify(frame));
    expect(corpus.length).toBeGreaterThan(5);
    expectToSurvive(await codecOf({ operations: { subscribe: {} }, epoch: 'epoch' }), mutatedFrames(corpus));
  });

  it('reads a frame of megabytes in a time that grows with its size', async () =>
    expectToFinish(await codecOf(), hugeFrames()));
});

describe('a dialect of json', () => {
  it('finds fields by key and by path, the first that is there', async () => {
    const json = await speak({
      fields: { type: ['kind', '$.meta.kind'], stream: ['$.meta.stream'], sequence: ["$['seq']"], code: [] },
    });
    expect(json.decode('{"kind":"a","meta":{"stream":"s"},"seq":4,"code":"x","id":"i"}')[0]).toMatchObject({
      type: 'a',
      stream: 's',
      sequence: 4,
      id: 'i',
    });
    const [other] = json.decode('{"type":"no","meta":{"kind":"b"},"code":"x"}');
    expect(other).toMatchObject({ type: 'b' });
    expect(other).not.toHaveProperty('code');
  });

  it('tells what a message is for, and an error from an answer that looks like one', async () => {
    const json = await speak({
      roles: {
        ack: { subset: {}, paths: { '$.re': [{ op: 'exists', value: true }] } },
        event: { subset: {}, paths: {}, fields: { sequence: [{ op: 'exists', value: true }] } },
        error: like({ ok: false }),
        heartbeat: { subset: {}, paths: { '$.hb': [{ op: 'matches', value: '^(ping|pong)$' }] } },
      },
    });
    const roleOf = (body: object) => json.decode(JSON.stringify(body))[0]?.role;
    expect(roleOf({ re: 1, ok: true })).toBe('ack');
    expect(roleOf({ re: 1, ok: false })).toBe('error');
    expect(roleOf({ event_seq: 1 })).toBe('event');
    expect(roleOf({ hb: 'pong' })).toBe('heartbeat');
    expect(roleOf({ hb: 'other' })).toBeUndefined();
  });

  it('takes a type that it does not list for an unknown one, whatever else the message looks like', async () => {
    const json = await speak({ types: ['tick', 'ack'], roles: { ack: like({ ok: true }) } });
    const roleOf = (body: object) => json.decode(JSON.stringify(body))[0]?.role;
    expect(roleOf({ type: 'tick' })).toBeUndefined();
    expect(roleOf({ type: 'tock', ok: true })).toBe('unknown');
    expect(roleOf({ ok: true })).toBe('ack');
    expect(roleOf({ n: 1 })).toBe('unknown');
  });

  it('says an operation in its own words: a template that is the whole text keeps the type of its value', async () => {
    const json = await speak({
      operations: {
        subscribe: {
          op: 'sub',
          to: ['{{op.stream}}', '{{ op.cursor }}'],
          from: '{{op.cursor}}',
          path: '/{{op.stream}}',
        },
        publish: { to: '{{op.stream}}', '{{op.stream}}': '{{op.payload}}', note: 'payload {{op.payload}}' },
        ack: '{{op.cursor}}',
      },
    });
    expect(json.carryOut({ do: 'subscribe', stream: 's', cursor: 7 })).toEqual([
      { op: 'sub', to: ['s', 7], from: 7, path: '/s' },
    ]);
    expect(json.carryOut({ do: 'subscribe', stream: 's' })).toEqual([{ op: 'sub', to: ['s'], path: '/s' }]);
    expect(json.carryOut({ do: 'publish', stream: 's', payload: { a: [1] } })).toEqual([
      { to: 's', s: { a: [1] }, note: 'payload {"a":[1]}' },
    ]);
    expect(json.carryOut({ do: 'ack', stream: 's', cursor: 'c-1' })).toEqual(['c-1']);
    expect(() => json.carryOut({ do: 'unsubscribe', stream: 's' })).toThrow(/`json` has no words for `unsubscribe`/);
  });

  it('says which operand is missing in the middle of a text', async () => {
    const json = await speak({ operations: { subscribe: { url: '/s/{{op.stream}}?from={{op.cursor}}' } } });
    const subscribe = () => json.carryOut({ do: 'subscribe', stream: 's' });
    expect(subscribe).toThrow(CodecError);
    expect(subscribe).toThrow(
      '`subscribe` of s gives no cursor, and its words cannot do without: give one, or let {{op.cursor}} be the whole of a field',
    );
  });

  it('does not take a value for a template', async () => {
    const json = await speak({ operations: { publish: { a: '{{op.payload}}', b: 'of {{op.payload}}' } } });
    const payload = '{{op.stream}} $& $1';
    expect(json.carryOut({ do: 'publish', stream: 's', payload })).toEqual([{ a: payload, b: `of ${payload}` }]);
  });
});
