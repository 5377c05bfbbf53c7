import { describe, expect, it } from 'vitest';
import type { FramePattern, JsonDialect } from '../../../lib/config/plan.ts';
import { type Dialogue, loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { asWritten } from '../../support/codec-fuzz.ts';

const bare: JsonDialect = { fields: {}, roles: {}, types: [], operations: {} };
const codecOf = (dialect: Partial<JsonDialect> = {}) => loadCodec({ name: 'json', dialect: { ...bare, ...dialect } });
const speak = async (dialect: Partial<JsonDialect> = {}): Promise<Dialogue> =>
  (await codecOf(dialect)).open({ handshake: 'auto' });
const like = (subset: FramePattern['subset']): FramePattern => ({ subset, paths: {} });

describe('an answer in a dialect of json', () => {
  const roles = { ack: like({ type: 'ok' }), error: like({ type: 'no' }) };
  const answers = async (subscribe: object, received: readonly object[]) => {
    const json = await speak({
      roles,
      operations: { subscribe: asWritten({ ...subscribe, from: '{{op.cursor}}' }) as never },
      epoch: '$.epoch',
    });
    const operation = { do: 'subscribe', stream: 's', cursor: 1 } as const;
    json.carryOut(operation);
    return received.map((body) => {
      const [message] = json.decode(JSON.stringify(body));
      return message && json.answerTo(operation, message);
    });
  };

  it('is the one with the same id, where both have one', async () => {
    const subscribe = { id: 'q-1', stream: '{{op.stream}}' };
    const received = [
      { type: 'ok', id: 'q-0' },
      { type: 'ok', id: 'q-1' },
      { type: 'tick', id: 'q-1' },
    ];
    expect(await answers(subscribe, received)).toEqual([undefined, { accepted: true }, undefined]);
  });

  it('has an id of its own for each operation where the dialect wants one', async () => {
    const json = await speak({ roles, operations: { subscribe: { id: '{{op.id}}' }, ack: { id: '{{op.id}}' } } });
    const [first, second] = [
      { do: 'subscribe', stream: 's' },
      { do: 'ack', stream: 's', cursor: 1 },
    ] as const;
    expect([json.carryOut(first), json.carryOut(second)]).toEqual([[{ id: 1_000_001 }], [{ id: 1_000_002 }]]);
    const [refusal] = json.decode('{"type":"no","id":1000002,"code":"STALE_CURSOR"}');
    if (!refusal) throw new Error('nothing was decoded');
    expect(json.answerTo(first, refusal)).toBeUndefined();
    expect(json.answerTo(second, refusal)).toEqual({ accepted: false, code: 'STALE_CURSOR' });
  });

  it('is else the one of the same stream', async () => {
    const received = [
      { type: 'ok', stream: 'other' },
      { type: 'ok', stream: 's', epoch: 'e1' },
    ];
    expect(await answers({ stream: '{{op.stream}}' }, received)).toEqual([undefined, { accepted: true, epoch: 'e1' }]);
  });

  it('is not one without id and stream where an id was asked with: that answers something else', async () => {
    const asked = { id: 'q-1', stream: '{{op.stream}}' };
    expect(await answers(asked, [{ type: 'ok' }, { type: 'no', id: 'q-1' }])).toEqual([
      undefined,
      { accepted: false, code: 'error' },
    ]);
  });

  it('is else the next', async () => {
    expect(await answers({ go: true }, [{ type: 'tick' }, { type: 'no' }])).toEqual([
      undefined,
      { accepted: false, code: 'error' },
    ]);
  });

  it('is about nothing that was not asked', async () => {
    const json = await speak({ roles, operations: { ack: {} } });
    const [ok] = json.decode('{"type":"ok"}');
    if (!ok) throw new Error('nothing was decoded');
    expect(json.answerTo({ do: 'ack', stream: 's', cursor: 1 }, ok)).toBeUndefined();
  });
});

describe('what a dialect of json remembers', () => {
  const dialect: Partial<JsonDialect> = {
    roles: { ack: like({ type: 'ok' }), error: like({ type: 'no' }) },
    operations: {
      subscribe: { sub: '{{op.stream}}', from: '{{op.cursor}}' },
      unsubscribe: { unsub: '{{op.stream}}' },
    },
    epoch: 'epoch',
  };
  const hear = (dialogue: Dialogue, ...bodies: readonly object[]) => {
    for (const body of bodies) dialogue.decode(JSON.stringify(body));
  };
  const conversed = async () => {
    const dialogue = await speak(dialect);
    for (const stream of ['a', 'b', 'c']) dialogue.carryOut({ do: 'subscribe', stream, cursor: 0 });
    hear(dialogue, { type: 'ok', stream: 'a', cursor: 99, epoch: 'e1' }, { stream: 'a', cursor: 1 });
    hear(dialogue, { stream: 'a', cursor: 2 }, { stream: 'c', cursor: 5 });
    dialogue.carryOut({ do: 'unsubscribe', stream: 'c' });
    hear(dialogue, { stream: 'c', cursor: 6 });
    return dialogue.resumption();
  };
  const again = async () => (await codecOf(dialect)).open({ handshake: 'auto', resume: (await conversed()) ?? null });

  it('is how far each stream has come that was not left, and the epoch', async () => {
    expect(await conversed()).toEqual({ streams: { a: 2, b: 0 }, payloads: {}, epoch: 'e1' });
  });

  it('takes each up where it ended, and is resumed when the server has accepted all', async () => {
    const dialogue = await again();
    // The one that was heard of last comes last.
    expect(dialogue.greet()).toEqual([
      { sub: 'b', from: 0 },
      { sub: 'a', from: 2 },
    ]);
    expect(dialogue.standing()).toEqual({ state: 'greeting', awaited: 'an answer to subscribe of b' });
    hear(dialogue, { type: 'ok', stream: 'a', epoch: 'e1' }, { stream: 'a', cursor: 3 });
    expect(dialogue.standing()).toMatchObject({ state: 'greeting' });
    hear(dialogue, { type: 'ok', stream: 'b' });
    expect(dialogue.standing()).toEqual({ state: 'ready', resumption: 'resumed' });
    expect(dialogue.resumption()).toMatchObject({ streams: { a: 3, b: 0 }, epoch: 'e1' });
  });

  it('has what a stream was subscribed with', async () => {
    const codec = await codecOf({ operations: { subscribe: { sub: '{{op.stream}}', only: '{{op.payload}}' } } });
    const first = codec.open({ handshake: 'auto' });
    first.carryOut({ do: 'subscribe', stream: 'a', payload: { kind: 'x' } });
    hear(first, { stream: 'a', cursor: 1 });
    const resume = first.resumption();
    expect(resume).toEqual({ streams: { a: 1 }, payloads: { a: { kind: 'x' } } });
    const second = codec.open({ handshake: 'auto', resume: resume ?? null });
    expect(second.greet()).toEqual([{ sub: 'a', only: { kind: 'x' } }]);
    expect(second.resumption()).toEqual(resume);
  });

  it('is reset when the server accepts the cursors in another epoch', async () => {
    const dialogue = await again();
    dialogue.greet();
    hear(dialogue, { type: 'ok', stream: 'a', epoch: 'e2' }, { type: 'ok', stream: 'b', epoch: 'e2' });
    expect(dialogue.standing()).toEqual({ state: 'ready', resumption: 'reset' });
  });

  it('is refused with the code of the first stream that is', async () => {
    const dialogue = await again();
    dialogue.greet();
    hear(dialogue, { type: 'no', stream: 'b', code: 'FUTURE_CURSOR' });
    expect(dialogue.standing()).toEqual({
      state: 'refused',
      code: 'FUTURE_CURSOR',
      reason: 'the server refused subscribe of b',
    });
  });

  it('says nothing by itself with a manual handshake', async () => {
    const dialogue = (await codecOf(dialect)).open({ handshake: 'manual', resume: { streams: { a: 2 }, epoch: 'e1' } });
    expect(dialogue.greet()).toEqual([]);
    expect(dialogue.standing()).toEqual({ state: 'ready' });
    hear(dialogue, { type: 'ok', epoch: 'e2' });
    expect(dialogue.standing()).toEqual({ state: 'ready', resumption: 'reset' });
  });

  it('is bounded, however many streams a server names', async () => {
    const dialogue = await speak(dialect);
    for (let n = 0; n < 12_000; n += 1) hear(dialogue, { stream: `s${n}`, cursor: n });
    const { streams } = dialogue.resumption() as { streams: object };
    expect(Object.keys(streams)).toHaveLength(10_000);
    expect(streams).toHaveProperty('s11999');
    expect(streams).not.toHaveProperty('s0');
  });
});
