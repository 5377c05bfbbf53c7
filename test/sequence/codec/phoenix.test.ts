import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import { CodecError, loadCodec, type Message } from '../../../lib/sequence/codec/codec.ts';
import { anyFrame, digest, expectToFinish, hugeFrames, mutatedFrames } from '../../support/codec-fuzz.ts';

const anyJson = fc.jsonValue() as fc.Arbitrary<unknown>;
const codec = await loadCodec({ name: 'phoenix' });
const open = () => codec.open({ handshake: 'auto' });
const decode = (frame: Json) => open().decode(JSON.stringify(frame));

// https://hexdocs.pm/phoenix/writing_a_channels_client.html: what a client sends.
const sent = [
  ['0', '0', 'miami:weather', 'phx_join', { some: 'param' }],
  [null, '1', 'miami:weather', 'phx_leave', {}],
  [null, '2', 'phoenix', 'heartbeat', {}],
  [null, '3', 'miami:weather', 'report_emergency', { category: 'sharknado' }],
] as const;

// https://github.com/phoenixframework/phoenix/blob/main/test/phoenix/integration/websocket_channels_test.exs: what comes back.
const received: readonly (readonly [Json, Partial<Message>])[] = [
  [
    ['1', '1', 'room:lobby', 'phx_reply', { status: 'ok', response: {} }],
    { type: 'phx_reply', role: 'ack', id: '1', stream: 'room:lobby' },
  ],
  [
    [null, '1', 'unmatched-topic', 'phx_reply', { status: 'error', response: { reason: 'unmatched topic' } }],
    { type: 'phx_reply', role: 'error', id: '1', code: 'unmatched topic' },
  ],
  [['1', '2', 'room:lobby', 'phx_reply', { status: 'error', response: {} }], { role: 'error', code: 'error' }],
  [['1', '2', 'room:lobby', 'phx_reply', { status: 'timeout', response: {} }], { role: 'error', code: 'timeout' }],
  [
    [null, '3', 'phoenix', 'phx_reply', { status: 'ok', response: {} }],
    { type: 'phx_reply', role: 'heartbeat', id: '3', stream: 'phoenix' },
  ],
  [['1', null, 'room:lobby', 'joined', { status: 'connected', user_id: null }], { type: 'joined', role: 'event' }],
  [[null, null, 'room:lobby', 'user_entered', { user: null }], { type: 'user_entered', role: 'event' }],
  [
    ['1', null, 'room:lobby', 'new_msg', { transport: ':websocket', body: 'hi!' }],
    { type: 'new_msg', role: 'event', stream: 'room:lobby' },
  ],
  [['1', '1', 'room:lobby', 'phx_close', {}], { type: 'phx_close', role: 'control' }],
  [['1', '1', 'room:lobby', 'phx_error', {}], { type: 'phx_error', role: 'error', code: 'phx_error' }],
  // https://github.com/phoenixframework/phoenix/blob/main/test/phoenix/socket/v2_json_serializer_test.exs
  [[null, null, 't', 'e', { m: 1 }], { type: 'e', stream: 't', role: 'event' }],
  // What objects inherit is no name of the protocol.
  [[null, null, 't', 'constructor', {}], { type: 'constructor', role: 'event' }],
];

describe('a Phoenix message', () => {
  it.each(received)('is read from its five elements: %j', (frame, part) => {
    const [join_ref, ref, topic, event, payload] = frame as readonly Json[];
    const [message, ...more] = decode(frame);
    expect(more).toEqual([]);
    expect(message).toMatchObject(part);
    expect(message?.body).toEqual({ join_ref, ref, topic, event, payload });
  });

  it('has an id only where it is a reply: a server counts none of its own', () => {
    const withId = received.map(([frame]) => decode(frame)[0]).filter((message) => message?.id !== undefined);
    expect(withId.every((message) => message?.type === 'phx_reply')).toBe(true);
  });

  it.each(sent)('is written as five elements: %j %j %j %j', (join_ref, ref, topic, event, payload) => {
    const [frame] = open().encode({ kind: 'json', json: { join_ref, ref, topic, event, payload } });
    expect(JSON.parse(frame as string)).toEqual([join_ref, ref, topic, event, payload]);
  });

  it('is the same when it is read as it was written', () => {
    const anyMessage = fc.record({
      join_ref: fc.option(fc.string()),
      ref: fc.option(fc.string()),
      topic: fc.string(),
      event: fc.string(),
      payload: fc.dictionary(fc.string(), anyJson),
    });
    fc.assert(
      fc.property(anyMessage, (message) => {
        const json: Json = JSON.parse(JSON.stringify(message));
        const [frame] = open().encode({ kind: 'json', json });
        expect(open().decode(frame as string)[0]?.body).toEqual(json);
      }),
    );
  });

  it.each([
    ['text that is not JSON', 'hello', 'not JSON'],
    ['an object, as in version 1', '{"topic":"t","event":"e","payload":{},"ref":null}', /vsn=2\.0\.0/],
    ['four elements', '["1","1","t","e"]', /five elements/],
    ['a binary frame', new Uint8Array([0, 2]), /a binary frame/],
  ])('has a problem where it is %s', (_, frame, sentence) => {
    const [message, ...more] = open().decode(frame);
    expect(more).toEqual([]);
    expect(message?.problem).toMatch(sentence);
  });

  it('is read in a time that grows with its frame, and no faster', () => {
    expectToFinish(codec, hugeFrames('[null,null,"t","e",'));
  });

  it('never makes the codec throw, whatever comes and however real frames are mutated', () => {
    const corpus = [...sent, ...received.map(([frame]) => frame)].map((frame) => JSON.stringify(frame));
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, mutatedFrames(corpus)), { maxLength: 5 }), (frames) => {
        const dialogue = open();
        for (const frame of frames) digest(dialogue, frame);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the dialogue of Phoenix', () => {
  it('needs no greeting, and sends a heartbeat every 30 s', () => {
    const dialogue = open();
    expect(dialogue.greet()).toEqual([]);
    expect(dialogue.standing()).toEqual({ state: 'ready' });
    expect(dialogue.keepAlive?.everyMs).toBe(30_000);
    const [heartbeat = null] = dialogue.keepAlive?.messages() ?? [];
    expect(dialogue.encode({ kind: 'json', json: heartbeat })).toEqual(['[null,"1","phoenix","heartbeat",{}]']);
    expect(dialogue.resumption()).toBeUndefined();
  });

  it('joins, pushes with the reference of its join, and leaves', () => {
    const dialogue = open();
    const frames = (operation: Operation) =>
      dialogue.carryOut(operation)?.flatMap((json) => dialogue.encode({ kind: 'json', json }));
    expect(frames({ do: 'subscribe', stream: 'room:1', payload: { token: 'x' } })).toEqual([
      '["1","1","room:1","phx_join",{"token":"x"}]',
    ]);
    const push = { event: 'new_msg', payload: { body: 'hi' } };
    expect(frames({ do: 'publish', stream: 'room:1', payload: push })).toEqual([
      '["1","2","room:1","new_msg",{"body":"hi"}]',
    ]);
    expect(frames({ do: 'publish', stream: 'room:2', payload: { event: 'e' } })).toEqual([
      '[null,"3","room:2","e",{}]',
    ]);
    expect(frames({ do: 'unsubscribe', stream: 'room:1' })).toEqual(['["1","4","room:1","phx_leave",{}]']);
    expect(() => frames({ do: 'ack', stream: 'room:1', cursor: 1 })).toThrow(/`phoenix` has no words for `ack`/);
  });

  it('says what Phoenix cannot do', () => {
    const carryOut = (operation: Operation) => () => open().carryOut(operation);
    expect(carryOut({ do: 'subscribe', stream: 't', cursor: 1 })).toThrow(/`phoenix` has no cursors/);
    expect(carryOut({ do: 'publish', stream: 't', payload: { body: 1 } })).toThrow(
      /has no event to push: write payload: \{ event/,
    );
    expect(() => open().encode({ kind: 'json', json: ['1'] })).toThrow(CodecError);
  });

  it('knows the answer to what it asked from any other', () => {
    const dialogue = open();
    const join = { do: 'subscribe', stream: 't' } as const;
    dialogue.carryOut(join);
    const judged = (frame: Json) =>
      dialogue.decode(JSON.stringify(frame)).map((message) => dialogue.answerTo(join, message));
    expect(judged(['1', '2', 't', 'phx_reply', { status: 'ok', response: {} }])).toEqual([undefined]);
    expect(judged(['1', '1', 't', 'phx_close', {}])).toEqual([undefined]);
    expect(judged(['1', '1', 't', 'phx_reply', { status: 'ok', response: {} }])).toEqual([{ accepted: true }]);
    const refusal = { status: 'error', response: { reason: 'unauthorized' } };
    expect(judged(['1', '1', 't', 'phx_reply', refusal])).toEqual([{ accepted: false, code: 'unauthorized' }]);
  });
});
