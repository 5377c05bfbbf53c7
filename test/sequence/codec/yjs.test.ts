import { describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import type { Json } from '../../../lib/config/plan.ts';
import { toBase64 } from '../../../lib/sequence/codec/bytes.ts';
import { type Dialogue, loadCodec, type Message } from '../../../lib/sequence/codec/codec.ts';
import { memberOf } from '../../../lib/sequence/codec/document.ts';
import { changesOf, docOf, stepOneFrame, stepTwoFrame, updateFrame } from '../../support/yjs.ts';

const codec = await loadCodec({ name: 'yjs' });
const open = (options: { readonly handshake?: 'auto' | 'manual'; readonly resume?: Json } = {}): Dialogue =>
  codec.open({ handshake: 'auto', ...options });

describe('the dialogue of an end', () => {
  const doc = docOf(7);
  const text = doc.getText('t');
  const [first, second, removal] = changesOf(doc, () => {
    text.insert(0, 'a');
    text.insert(1, 'b');
    text.delete(0, 1);
  }) as [Uint8Array, Uint8Array, Uint8Array];
  const empty = docOf(9);

  it('asks for all that it lacks, and is ready when that has come', () => {
    const dialogue = open();
    expect(dialogue.greet()).toEqual([{ type: 'sync-step-1', clients: {} }]);
    expect(dialogue.standing()).toEqual({ state: 'greeting', awaited: 'sync-step-2' });
    dialogue.decode(stepTwoFrame(doc));
    expect(dialogue.standing()).toEqual({ state: 'ready' });
    expect(dialogue.replica?.()).toBe('7:0-2 deleted 7:0-1');
  });

  it('answers with what it holds and the other end lacks', () => {
    const dialogue = open();
    const answers = (to: Y.Doc) => dialogue.decode(stepOneFrame(to)).flatMap((message) => dialogue.react(message));
    expect(answers(empty)).toEqual([{ type: 'sync-step-2', update: 'AAA=' }]);
    dialogue.decode(updateFrame(first));
    dialogue.decode(updateFrame(second));
    expect(answers(empty)).toEqual([
      { type: 'sync-step-2', update: toBase64(first) },
      { type: 'update', update: toBase64(second) },
    ]);
    expect(answers(docOf(9, first))).toEqual([{ type: 'sync-step-2', update: toBase64(second) }]);
    // Of deletions a state vector says nothing: they go along.
    dialogue.decode(updateFrame(removal));
    expect(answers(docOf(9, first, second))).toEqual([{ type: 'sync-step-2', update: toBase64(removal) }]);
  });

  it('sends nothing by itself with a manual handshake', () => {
    const dialogue = open({ handshake: 'manual' });
    expect(dialogue.greet()).toEqual([]);
    expect(dialogue.decode(stepOneFrame(doc)).flatMap((message) => dialogue.react(message))).toEqual([]);
  });

  it('holds what it publishes, and has no other operation', () => {
    const dialogue = open();
    const messages = dialogue.carryOut({ do: 'publish', stream: 'doc', payload: toBase64(first) });
    expect(messages).toEqual([{ type: 'update', update: toBase64(first) }]);
    expect(dialogue.replica?.()).toBeUndefined();
    dialogue.encode({ kind: 'json', json: messages?.[0] ?? null });
    expect(dialogue.replica?.()).toBe('7:0-1 deleted ');
    expect(() => dialogue.carryOut({ do: 'subscribe', stream: 'doc' })).toThrow(/`yjs` has no words for `subscribe`/);
    expect(() => dialogue.carryOut({ do: 'ack', stream: 'doc', cursor: 1 })).toThrow(/`yjs` has no words for `ack`/);
  });

  it('goes on with what it holds, and sees whether the server lost what came from it', () => {
    const before = open();
    before.decode(stepTwoFrame(docOf(9, first, second)));
    const resume = before.resumption() as Json;
    for (const [server, resumption] of [
      [docOf(9, first, second, removal), 'resumed'],
      [docOf(9, first), 'reset'],
      [empty, 'reset'],
    ] as const) {
      const next = open({ resume });
      expect(next.replica?.()).toBe('7:0-2 deleted ');
      expect(next.greet()).toEqual([{ type: 'sync-step-1', clients: { 7: 2 } }]);
      next.decode(stepOneFrame(server));
      next.decode(stepTwoFrame(server));
      expect(next.standing()).toEqual({ state: 'ready', resumption });
    }
  });

  it('does not take for lost what it sent and the server never had', () => {
    const before = open();
    before.decode(stepTwoFrame(empty));
    before.encode({ kind: 'json', json: { type: 'update', update: toBase64(first) } });
    const next = open({ resume: before.resumption() as Json });
    const [question] = next.decode(stepOneFrame(empty));
    next.decode(stepTwoFrame(empty));
    expect(next.standing()).toEqual({ state: 'ready' });
    expect(next.react(question as Message)).toEqual([{ type: 'sync-step-2', update: toBase64(first) }]);
    expect(memberOf(question?.body, 'clients')).toEqual({});
  });
});
