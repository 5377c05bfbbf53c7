import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import type { Json } from '../../../../lib/config/plan.ts';
import { toBase64 } from '../../../../lib/sequence/codec/bytes.ts';
import { CodecError, type Dialogue, loadCodec, type Message } from '../../../../lib/sequence/codec/codec.ts';
import { anyFrame, digest, expectToFinish, hugeFrames, mutatedFrames } from '../../../support/codec-fuzz.ts';
import { changes, docOf, editing, frameOf, stepOneFrame, stepTwoFrame, updateFrame } from '../../../support/yjs.ts';

const codec = await loadCodec({ name: 'yjs' });
const open = (options: { readonly handshake?: 'auto' | 'manual'; readonly resume?: Json } = {}): Dialogue =>
  codec.open({ handshake: 'auto', ...options });

describe('a message of y-websocket', () => {
  const doc = docOf(7);
  doc.getText('t').insert(0, 'hi');
  const update = Y.encodeStateAsUpdate(doc);

  it('is read as y-protocols writes it', () => {
    expect(open().decode(stepOneFrame(doc))).toEqual([
      {
        type: 'sync-step-1',
        role: 'control',
        body: { type: 'sync-step-1', stateVector: toBase64(Y.encodeStateVector(doc)), clients: { 7: 2 } },
      },
    ]);
    expect(open().decode(stepTwoFrame(doc))).toEqual([
      { type: 'sync-step-2', role: 'ack', body: { type: 'sync-step-2', update: toBase64(update), clients: { 7: 2 } } },
    ]);
    expect(open().decode(updateFrame(update))).toMatchObject([{ type: 'update', role: 'event' }]);
    const awareness = new awarenessProtocol.Awareness(doc);
    awareness.setLocalState({ name: 'Ada' });
    const states = frameOf(1, (encoder) =>
      encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(awareness, [7])),
    );
    awareness.destroy();
    expect(open().decode(states)).toEqual([
      {
        type: 'awareness',
        role: 'heartbeat',
        body: { type: 'awareness', clients: { 7: 1 }, states: { 7: { name: 'Ada' } } },
      },
    ]);
    expect(open().decode(frameOf(3, () => {}))).toMatchObject([{ type: 'query-awareness', role: 'control' }]);
    const denied = frameOf(2, (encoder) => {
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarString(encoder, 'not yours');
    });
    const dialogue = open();
    expect(dialogue.decode(denied)).toMatchObject([
      { type: 'auth', role: 'error', code: 'permission-denied', body: { reason: 'not yours' } },
    ]);
    expect(dialogue.standing()).toEqual({ state: 'refused', code: 'permission-denied', reason: 'not yours' });
    expect(open().decode(frameOf(9, () => {}))).toEqual([
      { type: 'unknown', role: 'unknown', body: { base64: 'CQ==' } },
    ]);
  });

  it('is written so that y-protocols and Yjs read it', () => {
    const written = (json: Json) => decoding.createDecoder(open().encode({ kind: 'json', json })[0] as Uint8Array);
    const other = docOf(8);
    const sync = written({ type: 'update', update: toBase64(update) });
    expect(decoding.readVarUint(sync)).toBe(0);
    syncProtocol.readSyncMessage(sync, encoding.createEncoder(), other, null);
    expect(other.getText('t').toString()).toBe('hi');
    const asked = written({ type: 'sync-step-1', clients: { 7: 1, 300: 5 } });
    expect([decoding.readVarUint(asked), decoding.readVarUint(asked)]).toEqual([0, 0]);
    expect(Y.decodeStateVector(decoding.readVarUint8Array(asked))).toEqual(
      new Map([
        [7, 1],
        [300, 5],
      ]),
    );
    const presence = written({ type: 'awareness', clients: { 9: 3 }, states: { 9: { name: 'Ada' } } });
    expect(decoding.readVarUint(presence)).toBe(1);
    const awareness = new awarenessProtocol.Awareness(other);
    awarenessProtocol.applyAwarenessUpdate(awareness, decoding.readVarUint8Array(presence), null);
    expect(awareness.getStates().get(9)).toEqual({ name: 'Ada' });
    awareness.destroy();
  });

  it('is the same when it is read as it was written', () => {
    const anyClocks = fc.dictionary(fc.nat(2 ** 32 - 1).map(String), fc.nat(), { maxKeys: 5 });
    const anyMessage: fc.Arbitrary<{ [key: string]: Json }> = fc.oneof(
      anyClocks.map((clients) => ({ type: 'sync-step-1', clients })),
      fc.tuple(anyClocks, fc.jsonValue()).map(([clients, state]) => ({
        type: 'awareness',
        clients,
        states: Object.fromEntries(Object.keys(clients).map((client) => [client, JSON.parse(JSON.stringify(state))])),
      })),
      fc.constant({ type: 'query-awareness' }),
      fc.string().map((reason) => ({ type: 'auth', reason })),
    );
    fc.assert(
      fc.property(anyMessage, (message) => {
        const [frame] = open().encode({ kind: 'json', json: message });
        expect(open().decode(frame as Uint8Array)[0]?.body).toMatchObject(message);
      }),
    );
  });

  it.each([
    ['a text frame', 'hi', /a text frame/],
    ['no frame at all', new Uint8Array(), /not a message of y-websocket: it ends too early/],
    ['an update cut short', updateFrame(update).subarray(0, 8), /not a message of y-websocket/],
    ['an update that is none', updateFrame(Uint8Array.of(1, 2, 3)), /not an update of Yjs: it ends too early/],
    ['a state that is not JSON', Uint8Array.of(1, 4, 1, 7, 1, 0), /a state in it is not JSON/],
  ])('has a problem where it is %s', (_, frame, sentence) => {
    const dialogue = open();
    const [message, ...more] = dialogue.decode(frame);
    expect(more).toEqual([]);
    expect(message?.problem).toMatch(sentence);
    expect(dialogue.react(message as Message)).toEqual([]);
    expect(dialogue.replica?.()).toBeUndefined();
  });

  it.each([
    [{ type: 'hello' }, /`type` is one of sync-step-1, .*: got "hello"/],
    [{ type: 'update' }, /`update` is base64: got undefined/],
    [{ type: 'update', update: '?' }, /`update` is base64: got "\?"/],
    [{ type: 'update', update: 'AQ==' }, /no update in format 1: it ends too early/],
    [{ type: 'sync-step-1', clients: { a: 1 } }, /`clients` has a clock for each client: got \{"a":1\}/],
    [{ type: 'awareness', clients: { 1: -1 } }, /`clients` has a clock for each client/],
    [{ type: 'constructor' }, /`type` is one of/],
    [[], /`type` is one of/],
  ] as const)('is refused with a sentence where a step has it wrong: %j', (json, sentence) => {
    const encode = () => open().encode({ kind: 'json', json });
    expect(encode).toThrow(CodecError);
    expect(encode).toThrow(sentence);
  });

  it('is read in a time that grows with its frame, and no faster', () => {
    expectToFinish(codec, hugeFrames());
  });

  it('never makes the codec throw or hang, whatever comes and however real frames are mutated', () => {
    const script = changes.flatMap((_, which) => [[which, 3, 0] as const, [which, 4, 1] as const]);
    const { ends, updates } = editing(script, true);
    const real = [...updates.map(updateFrame), stepOneFrame(ends[0]), stepTwoFrame(ends[0])];
    const headed = fc
      .tuple(fc.constantFrom([0, 0], [0, 1], [0, 2], [1]), fc.uint8Array({ maxLength: 100 }))
      .map(([head, bytes]) => Uint8Array.from([...head, bytes.length, ...bytes]));
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, headed, mutatedFrames(real)), { maxLength: 6 }), (frames) => {
        const dialogue = open();
        for (const frame of frames) digest(dialogue, frame);
        dialogue.replica?.();
      }),
      { numRuns: 1_000 },
    );
  });
});
