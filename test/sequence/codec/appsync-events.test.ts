import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import { CodecError, loadCodec, type Message } from '../../../lib/sequence/codec/codec.ts';
import { anyFrame, digest, expectToFinish, hugeFrames, mutatedFrames } from '../../support/codec-fuzz.ts';

const authorization = { host: 'example1234567890000.appsync-api.us-east-1.amazonaws.com', 'x-api-key': 'da2-12345?>~' };
const anyJson = fc.jsonValue() as fc.Arbitrary<unknown>;
const codec = await loadCodec({ name: 'appsync-events', authorization });
const open = (handshake: 'auto' | 'manual' = 'auto') => codec.open({ handshake });
const decode = (frame: Json) => open().decode(JSON.stringify(frame));

const id = 'ee849ef0-cf23-4cb8-9fcb-152ae4fd1e69';
const unauthorized = { errorType: 'UnauthorizedException', message: 'You are not authorized to make this call.' };

// https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html
const published: readonly (readonly [Json, Partial<Message>])[] = [
  [
    { type: 'connection_ack', connectionTimeoutMs: 300_000 },
    { type: 'connection_ack', role: 'control' },
  ],
  [{ type: 'ka' }, { type: 'ka', role: 'heartbeat' }],
  [
    { type: 'subscribe_success', id },
    { role: 'ack', id },
  ],
  [
    { type: 'subscribe_error', id, errors: [unauthorized] },
    { role: 'error', id, code: 'UnauthorizedException' },
  ],
  [
    {
      type: 'publish_success',
      id,
      successful: [{ identifier: '0d7e1b5f', index: 0 }],
      failed: [],
    },
    { role: 'ack', id },
  ],
  [
    { type: 'publish_success', id, successful: [], failed: [{ identifier: 'b', index: 1, code: 400, message: 'no' }] },
    { role: 'error', id, code: '400' },
  ],
  [
    { type: 'publish_error', id, errors: [unauthorized] },
    { role: 'error', code: 'UnauthorizedException' },
  ],
  [
    { type: 'unsubscribe_success', id },
    { role: 'ack', id },
  ],
  [
    {
      type: 'unsubscribe_error',
      id,
      errors: [{ errorType: 'UnknownOperationError', message: `Unknown operation id ${id}` }],
    },
    { role: 'error', code: 'UnknownOperationError' },
  ],
  [
    {
      type: 'broadcast_error',
      id,
      errors: [{ errorType: 'MessageProcessingError', message: 'There was an error processing the message' }],
    },
    { type: 'broadcast_error', role: 'error', id, code: 'MessageProcessingError' },
  ],
  [
    { type: 'connection_error', errors: [unauthorized] },
    { role: 'error', code: 'UnauthorizedException' },
  ],
  [
    { type: 'error', errors: [] },
    { role: 'error', code: 'error' },
  ],
];

describe('an AppSync Events message', () => {
  it.each(published)('is read as it was published: %j', (frame, part) => {
    const [message, ...more] = decode(frame);
    expect(more).toEqual([]);
    expect(message).toMatchObject(part);
    expect(message?.body).toEqual(frame);
  });

  it('has its event as JSON, not as JSON in a text', () => {
    expect(decode({ type: 'data', id, event: '{"message":"hello"}' })).toEqual([
      { type: 'data', role: 'event', id, body: { type: 'data', id, event: { message: 'hello' } } },
    ]);
  });

  it('is one for each event where the events come in a list', () => {
    const events = ['"my event content"', '{"n":1}'];
    expect(decode({ type: 'data', id, event: events }).map(({ body }) => (body as { event: Json }).event)).toEqual([
      'my event content',
      { n: 1 },
    ]);
    expect(decode({ type: 'data', id, event: [] })).toHaveLength(1);
  });

  it('is of an unknown type where that is not published', () => {
    expect(decode({ type: 'hello' })).toMatchObject([{ type: 'hello', role: 'unknown' }]);
    expect(decode({ type: 'constructor' })).toMatchObject([{ role: 'unknown' }]);
    expect(decode([1])).toMatchObject([{ type: 'undefined', role: 'unknown' }]);
  });

  it.each([
    ['text that is not JSON', 'hello', 'not JSON'],
    ['binary', new Uint8Array([1]), /a binary frame/],
    ['data whose event is not JSON', JSON.stringify({ type: 'data', id, event: 'hello' }), 'an event that is not JSON'],
    ['data without an event', JSON.stringify({ type: 'data', id }), 'an event that is no text'],
  ])('has a problem where it is %s', (_, frame, sentence) => {
    const [message, ...more] = open().decode(frame);
    expect(more).toEqual([]);
    expect(message?.problem).toMatch(sentence);
  });

  it('is the same when it is read as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyJson), (message) => {
        const json: Json = JSON.parse(JSON.stringify({ ...message, type: 'hello' }));
        const [frame] = open().encode({ kind: 'json', json });
        expect(open().decode(frame as string)[0]?.body).toEqual(json);
      }),
    );
  });

  it('is read in a time that grows with its frame, and no faster', () => {
    expectToFinish(codec, hugeFrames('{"type":"data","event":'));
  });

  it('never makes the codec throw, whatever comes and however real frames are mutated', () => {
    const data = { type: 'data', id, event: ['{"n":1}', '2'] };
    const corpus = [...published.map(([frame]) => frame), data].map((frame) => JSON.stringify(frame));
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, mutatedFrames(corpus)), { maxLength: 5 }), (frames) => {
        const dialogue = open();
        for (const frame of frames) digest(dialogue, frame);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the dialogue of AppSync Events', () => {
  it('offers its authorization as a subprotocol, in base64url', () => {
    const [name, header = ''] = codec.subprotocols;
    expect(name).toBe('aws-appsync-event-ws');
    expect(header).toMatch(/^header-[\w-]+$/);
    expect(JSON.parse(Buffer.from(header.slice('header-'.length), 'base64url').toString())).toEqual(authorization);
  });

  it('is ready when its connection is acknowledged', () => {
    const dialogue = open();
    expect(dialogue.greet()).toEqual([{ type: 'connection_init' }]);
    expect(open('manual').greet()).toEqual([]);
    expect(dialogue.standing()).toEqual({ state: 'greeting', awaited: 'connection_ack' });
    dialogue.decode('{"type":"connection_ack","connectionTimeoutMs":300000}');
    expect(dialogue.standing()).toEqual({ state: 'ready' });
    expect(dialogue.resumption()).toBeUndefined();
    expect(dialogue.react({ type: 'ka', body: { type: 'ka' } })).toEqual([]);
    // An error later is of what it answers, not of the connection.
    dialogue.decode(JSON.stringify({ type: 'broadcast_error', errors: [unauthorized] }));
    expect(dialogue.standing()).toEqual({ state: 'ready' });
  });

  it('is refused with the type and the words of the error', () => {
    const dialogue = open();
    dialogue.decode(JSON.stringify({ type: 'connection_error', errors: [unauthorized] }));
    expect(dialogue.standing()).toEqual({
      state: 'refused',
      code: 'UnauthorizedException',
      reason: 'You are not authorized to make this call.',
    });
  });

  it('subscribes, publishes and unsubscribes, each with its authorization', () => {
    const dialogue = open();
    const frames = (operation: Operation) =>
      dialogue
        .carryOut(operation)
        ?.flatMap((json) => dialogue.encode({ kind: 'json', json }).map((frame) => JSON.parse(frame as string)));
    expect(frames({ do: 'subscribe', stream: '/default/*' })).toEqual([
      { type: 'subscribe', id: '1', channel: '/default/*', authorization },
    ]);
    expect(frames({ do: 'publish', stream: '/default/a', payload: { n: 1 } })).toEqual([
      { type: 'publish', id: '2', channel: '/default/a', events: ['{"n":1}'], authorization },
    ]);
    expect(frames({ do: 'publish', stream: '/default/a', payload: [1, 'two'] })).toMatchObject([
      { events: ['1', '"two"'] },
    ]);
    expect(dialogue.decode('{"type":"data","id":"1","event":"1"}')).toMatchObject([{ stream: '/default/*' }]);
    expect(frames({ do: 'unsubscribe', stream: '/default/*' })).toEqual([{ type: 'unsubscribe', id: '1' }]);
    expect(() => frames({ do: 'unsubscribe', stream: '/other' })).toThrow(/nothing is subscribed to \/other/);
    expect(() => frames({ do: 'subscribe', stream: '/a', cursor: 1 })).toThrow(/no cursors/);
    expect(() => frames({ do: 'ack', stream: '/a', cursor: 1 })).toThrow(/`appsync-events` has no words for `ack`/);
  });

  it('lets a step have an authorization of its own, and an id', () => {
    const message = { type: 'subscribe', id: 'mine', channel: '/a', authorization: {} };
    expect(open().encode({ kind: 'json', json: message })).toEqual([
      JSON.stringify({ id: 'mine', authorization: {}, type: 'subscribe', channel: '/a' }),
    ]);
  });

  it.each([[6], [0]])('refuses to publish %i events at once: AppSync would not take them', (count) => {
    const publish = (events: Json) => () =>
      open().encode({ kind: 'json', json: { type: 'publish', channel: '/a', events } });
    const events = Array.from({ length: count }, () => 1);
    expect(publish(events)).toThrow(CodecError);
    expect(publish(events)).toThrow(`appsync publishes 1 to 5 events at once: got ${count}`);
    expect(publish('x')).toThrow(/got "x"/);
    expect(publish([1, 2, 3, 4, 5])).not.toThrow();
  });

  it('knows the answer to what it asked from any other', () => {
    const dialogue = open();
    const [subscribe, publish] = [
      { do: 'subscribe', stream: '/a' },
      { do: 'publish', stream: '/a', payload: 1 },
    ] as const;
    dialogue.carryOut(subscribe);
    dialogue.carryOut(publish);
    const judged = (operation: Operation, frame: Json) =>
      dialogue.answerTo(operation, dialogue.decode(JSON.stringify(frame))[0] as Message);
    expect(judged(subscribe, { type: 'subscribe_success', id: '1' })).toEqual({ accepted: true });
    expect(judged(subscribe, { type: 'subscribe_success', id: '9' })).toBeUndefined();
    expect(judged(subscribe, { type: 'data', id: '1', event: '1' })).toBeUndefined();
    expect(judged(subscribe, { type: 'broadcast_error', id: '1', errors: [unauthorized] })).toBeUndefined();
    expect(judged(subscribe, { type: 'subscribe_error', id: '1', errors: [unauthorized] })).toEqual({
      accepted: false,
      code: 'UnauthorizedException',
    });
    expect(judged(publish, { type: 'publish_success', id: '2', successful: [], failed: [] })).toEqual({
      accepted: true,
    });
    const failed = [{ identifier: 'x', index: 0, code: 413, message: 'too large' }];
    expect(judged(publish, { type: 'publish_success', id: '2', successful: [], failed })).toEqual({
      accepted: false,
      code: '413',
    });
  });
});
