import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import { loadCodec, type Message } from '../../../lib/sequence/codec/codec.ts';
import { anyFrame, digest, expectToFinish, hugeFrames, mutatedFrames } from '../../support/codec-fuzz.ts';

const anyJson = fc.jsonValue() as fc.Arbitrary<unknown>;
const codec = await loadCodec({ name: 'signalr' });
const open = (handshake: 'auto' | 'manual' = 'auto', resume?: Json) =>
  codec.open({ handshake, ...(resume === undefined ? {} : { resume }) });

const separator = '\u001e';
const framed = (...messages: readonly Json[]) =>
  messages.map((message) => JSON.stringify(message) + separator).join('');

// https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md#json-encoding, every example there.
const published: readonly (readonly [Json, Partial<Message>])[] = [
  [{}, { type: 'handshake', role: 'control' }],
  [
    { error: "Requested protocol 'messagepack' is not available." },
    { type: 'handshake', role: 'error', code: "Requested protocol 'messagepack' is not available." },
  ],
  [
    { type: 1, invocationId: '123', target: 'Send', arguments: [42, 'Test Message'] },
    { type: 'invocation', role: 'event', id: '123', stream: 'Send' },
  ],
  [
    { type: 1, target: 'Send', arguments: [42, 'Test Message'] },
    { type: 'invocation', stream: 'Send' },
  ],
  [{ type: 1, invocationId: '123', target: 'Send', arguments: [42], streamIds: ['1'] }, { type: 'invocation' }],
  [
    { type: 4, invocationId: '123', target: 'Send', arguments: [42] },
    { type: 'stream-invocation', role: 'event' },
  ],
  [
    { type: 2, invocationId: '123', item: 42 },
    { type: 'stream-item', role: 'event', id: '123' },
  ],
  [
    { type: 3, invocationId: '123' },
    { type: 'completion', role: 'ack', id: '123' },
  ],
  [
    { type: 3, invocationId: '123', result: 42 },
    { type: 'completion', role: 'ack' },
  ],
  [
    { type: 3, invocationId: '123', error: "It didn't work!" },
    { type: 'completion', role: 'error', id: '123', code: "It didn't work!" },
  ],
  [
    { type: 5, invocationId: '123' },
    { type: 'cancel-invocation', role: 'control' },
  ],
  [{ type: 6 }, { type: 'ping', role: 'heartbeat' }],
  [{ type: 7 }, { type: 'close', role: 'control' }],
  [
    { type: 7, error: 'Connection closed because of an error!', allowReconnect: true },
    { type: 'close', role: 'error', code: 'Connection closed because of an error!' },
  ],
  [
    { type: 8, sequenceId: 1394 },
    { type: 'ack', role: 'control' },
  ],
  [
    { type: 9, sequenceId: 1234 },
    { type: 'sequence', role: 'control' },
  ],
  [{ type: 1, headers: { Foo: 'Bar' }, invocationId: '123', target: 'Send', arguments: [42] }, { type: 'invocation' }],
];

describe('a SignalR message', () => {
  it.each(published)('is read as it was published: %j', (json, part) => {
    const [message, ...more] = open().decode(framed(json));
    expect(more).toEqual([]);
    expect(message).toMatchObject(part);
    expect(message?.body).toEqual(json);
  });

  it('may share its frame with others', () => {
    const messages = published.map(([message]) => message);
    expect(
      open()
        .decode(framed(...messages))
        .map(({ body }) => body),
    ).toEqual(messages);
  });

  it('is the same when it is read as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyJson), (message) => {
        const json: Json = JSON.parse(JSON.stringify(message));
        const [frame] = open().encode({ kind: 'json', json });
        expect(
          open()
            .decode(frame as string)
            .map(({ body }) => body),
        ).toEqual([json]);
      }),
    );
  });

  it('is of an unknown type where its number is none that is published', () => {
    expect(open().decode(framed({ type: 12 }))).toMatchObject([{ type: 'type 12', role: 'unknown' }]);
    expect(open().decode(framed({ type: 'one' }))).toMatchObject([{ type: 'type "one"', role: 'unknown' }]);
  });

  it.each([
    ['without its end', '{"type":6}', 'a message without its end, 0x1E'],
    ['not JSON', `ping${separator}`, 'not JSON'],
    ['no object', `[6]${separator}`, 'not an object'],
    ['in a binary frame', new Uint8Array([2, 0x91, 6]), /not the JSON protocol/],
  ])('has a problem where it is %s', (_, frame, sentence) => {
    const [message, ...more] = open().decode(frame);
    expect(more).toEqual([]);
    expect(message?.problem).toMatch(sentence);
  });

  it('is read beside one that has a problem', () => {
    const messages = open().decode(`${framed({ type: 6 })}{"type":${separator}${framed({ type: 7 })}{"ty`);
    expect(messages.map(({ type, problem }) => problem ?? type)).toEqual([
      'ping',
      'not JSON',
      'close',
      'a message without its end, 0x1E',
    ]);
  });

  it('is read in a time that grows with its frame, and no faster', () => {
    expectToFinish(codec, hugeFrames('{"type":1,"arguments":'));
  });

  it('is one of 20,000 in its frame at most: more would hold up the run', () => {
    const messages = open().decode(separator.repeat(20_002));
    expect(messages).toHaveLength(20_001);
    expect(messages.at(-1)?.problem).toBe('a frame of more than 20000 messages: 2 are not read');
  });

  it('never makes the codec throw, whatever comes and however real frames are mutated', () => {
    const corpus = [...published.map(([message]) => framed(message)), framed(...published.map(([message]) => message))];
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, mutatedFrames(corpus)), { maxLength: 5 }), (frames) => {
        const dialogue = open('auto', { next: 4 });
        for (const frame of frames) digest(dialogue, frame);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the dialogue of SignalR', () => {
  it('agrees on JSON in version 1, and pings every 15 s', () => {
    const dialogue = open();
    const [hello = null] = dialogue.greet();
    expect(dialogue.encode({ kind: 'json', json: hello })).toEqual([`{"protocol":"json","version":1}${separator}`]);
    expect(dialogue.standing()).toEqual({ state: 'greeting', awaited: 'handshake' });
    // An event may share the frame of the handshake.
    const messages = dialogue.decode(framed({}, { type: 1, target: 'Send', arguments: [] }));
    expect(messages.map(({ type }) => type)).toEqual(['handshake', 'invocation']);
    expect(messages.flatMap((message) => dialogue.react(message))).toEqual([]);
    expect(dialogue.standing()).toEqual({ state: 'ready' });
    expect(dialogue.keepAlive).toMatchObject({ everyMs: 15_000 });
    expect(dialogue.keepAlive?.messages()).toEqual([{ type: 6 }]);
    expect(dialogue.resumption()).toBeUndefined();
  });

  it('is refused with the words of the server', () => {
    const dialogue = open();
    dialogue.decode(framed({ error: 'no such protocol' }));
    expect(dialogue.standing()).toEqual({ state: 'refused', code: 'handshake', reason: 'no such protocol' });
  });

  it('sends nothing by itself with a manual handshake', () => {
    const dialogue = open('manual');
    expect(dialogue.greet()).toEqual([]);
    expect(dialogue.keepAlive).toBeUndefined();
  });

  it('invokes, streams and cancels', () => {
    const dialogue = open();
    const frames = (operation: Operation) =>
      dialogue
        .carryOut(operation)
        ?.flatMap((json) =>
          dialogue.encode({ kind: 'json', json }).map((frame) => JSON.parse(String(frame).slice(0, -1))),
        );
    expect(frames({ do: 'subscribe', stream: 'Counter', payload: [10, 500] })).toEqual([
      { type: 4, invocationId: '1', target: 'Counter', arguments: [10, 500] },
    ]);
    expect(frames({ do: 'publish', stream: 'Send', payload: 'hi' })).toEqual([
      { type: 1, invocationId: '2', target: 'Send', arguments: ['hi'] },
    ]);
    // The items say only which invocation they belong to.
    expect(dialogue.decode(framed({ type: 2, invocationId: '1', item: 0 }))).toMatchObject([{ stream: 'Counter' }]);
    expect(frames({ do: 'unsubscribe', stream: 'Counter' })).toEqual([{ type: 5, invocationId: '1' }]);
    expect(() => frames({ do: 'unsubscribe', stream: 'Other' })).toThrow(/nothing of Other is streaming/);
    expect(() => frames({ do: 'subscribe', stream: 'Counter', cursor: 5 })).toThrow(/`signalr` has no cursors/);
    expect(() => frames({ do: 'ack', stream: 'Counter', cursor: 5 })).toThrow(/`signalr` has no words for `ack`/);
  });

  it('gives no id to what a step sends without: that one wants no answer', () => {
    const message = { type: 1, target: 'Send', arguments: [] };
    expect(open().encode({ kind: 'json', json: message })).toEqual([framed(message)]);
  });

  it('knows the answer to what it asked from any other', () => {
    const dialogue = open();
    const [stream, call] = [
      { do: 'subscribe', stream: 'Counter' },
      { do: 'publish', stream: 'Send', payload: [] },
    ] as const;
    dialogue.carryOut(stream);
    dialogue.carryOut(call);
    const judged = (operation: Operation, message: Json) =>
      dialogue.answerTo(operation, dialogue.decode(framed(message))[0] as Message);
    expect(judged(stream, { type: 2, invocationId: '1', item: 1 })).toEqual({ accepted: true });
    expect(judged(stream, { type: 3, invocationId: '2' })).toBeUndefined();
    expect(judged(stream, { type: 3, invocationId: '1', error: 'no' })).toEqual({ accepted: false, code: 'no' });
    expect(judged(call, { type: 2, invocationId: '2', item: 1 })).toBeUndefined();
    expect(judged(call, { type: 3, invocationId: '2', result: 1 })).toEqual({ accepted: true });
    expect(judged(call, { type: 1, invocationId: '2', target: 'Send', arguments: [] })).toBeUndefined();
  });

  describe('of a stateful connection', () => {
    const begin = () => {
      const dialogue = open('manual');
      dialogue.encode({ kind: 'json', json: { protocol: 'json', version: 2 } });
      dialogue.decode(framed({}));
      return dialogue;
    };
    const event = (n: number) => ({ type: 1, target: 'Send', arguments: [n] });
    const sequences = (messages: readonly Message[]) => messages.map(({ sequence }) => sequence);

    it('numbers the messages of invocations, and no other', () => {
      const messages = begin().decode(framed(event(1), { type: 6 }, event(2), { type: 8, sequenceId: 1 }, event(3)));
      expect(sequences(messages)).toEqual([1, undefined, 2, undefined, 3]);
      expect(sequences(open().decode(framed(event(1))))).toEqual([undefined]);
    });

    it('goes on from where the server says: what comes again has its old number', () => {
      const before = begin();
      before.decode(framed(event(1), event(2), event(3)));
      const after = open('manual', before.resumption());
      expect(after.standing()).toEqual({ state: 'greeting', awaited: 'sequence' });
      const messages = after.decode(framed({ type: 9, sequenceId: 3 }, event(3), event(4)));
      expect(sequences(messages)).toEqual([undefined, 3, 4]);
      expect(after.standing()).toEqual({ state: 'ready', resumption: 'resumed' });
    });

    it('is reset where the server goes on behind what has come', () => {
      const before = begin();
      before.decode(framed(event(1)));
      const whole = open('manual', before.resumption());
      whole.decode(framed({ type: 9, sequenceId: 2 }));
      expect(whole.standing()).toEqual({ state: 'ready', resumption: 'resumed' });
      const after = open('manual', before.resumption());
      after.decode(framed({ type: 9, sequenceId: 3 }));
      expect(after.standing()).toEqual({ state: 'ready', resumption: 'reset' });
    });
  });
});
