import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJournal, type Entry, type Journal } from '../../lib/sequence/journal.ts';
import { emptyJournal, journalOf } from '../support/journals.ts';

const bodiesOf = (journal: Journal, connection = 'a') =>
  journal
    .entriesOf(connection)
    .since(0)
    .map(({ message }) => message?.body);

/** Claims by position. */
const claim = (journal: Journal, from: number, to: number, step = 'step') =>
  journal.consume(
    journal
      .entriesOf('a')
      .since(from)
      .slice(0, to - from),
    step,
  );

describe('a journal', () => {
  it('numbers every frame of every connection in one order and gives each message an entry of its own', () => {
    const { journal, receiveRaw } = journalOf();
    receiveRaw('[{"x":1},{"x":2}]');
    journal.append({ connection: 'a', generation: 1, at: 2, direction: 'out', raw: 'hello', step: '2 send a' });
    receiveRaw('{"x":3}', 'b');
    receiveRaw('{"x":4}');
    expect(journal.held().map(({ n, connection, step }) => [n, connection, step])).toEqual([
      [1, 'a', undefined],
      [2, 'a', '2 send a'],
      [3, 'b', undefined],
      [4, 'a', undefined],
    ]);
    expect(
      journal
        .entriesOf('a')
        .since(0)
        .map(({ message, frame }) => [message?.body, frame.n]),
    ).toEqual([
      [{ x: 1 }, 1],
      [{ x: 2 }, 1],
      [{ x: 4 }, 4],
    ]);
    expect(journal.last()).toBe(4);
    expect(journal.counts()).toEqual({ frames: 4, messages: 4 });
  });

  it('asks the decoder of the connection that a frame came over', () => {
    const journal = createJournal((raw, connection) => [{ body: `${connection} ${String(raw)}` }]);
    journal.append({ connection: 'b', generation: 1, at: 1, direction: 'in', raw: 'x' });
    expect(bodiesOf(journal, 'b')).toEqual(['b x']);
  });

  it('begins a search behind the last consumed message, and at a mark before it', () => {
    const { journal } = journalOf([{ x: 1 }, { x: 2 }, { x: 3 }]);
    claim(journal, 1, 2);
    expect(journal.positionOf('a')).toBe(2);
    expect(journal.positionAfter('a', 0)).toBe(0);
    expect(journal.positionAfter('a', 1)).toBe(1);
    expect(journal.positionAfter('a', 99)).toBe(3);
  });

  it('begins no search behind an answer while something unclaimed lies before it', () => {
    const { journal } = journalOf([{ x: 1 }, { x: 2 }, { x: 3 }]);
    const answer = (from: number, to: number) =>
      journal.consumeAnswers(
        journal
          .entriesOf('a')
          .since(from)
          .slice(0, to - from),
        'ask',
      );
    answer(1, 2);
    expect(journal.positionOf('a')).toBe(0);
    answer(0, 1);
    expect(journal.positionOf('a')).toBe(2);
    expect(journal.entriesOf('a').at(1)).toMatchObject({ consumed: true, claimedBy: 'ask' });
  });

  it('keeps the name of the step that claimed a message first', () => {
    const { journal } = journalOf([{ x: 1 }, { x: 2 }]);
    claim(journal, 0, 1, '3 expect a');
    claim(journal, 0, 1, '4 expect a');
    expect(
      journal
        .entriesOf('a')
        .since(0)
        .map(({ consumed, claimedBy }) => [consumed, claimedBy]),
    ).toEqual([
      [true, '3 expect a'],
      [false, undefined],
    ]);
  });

  it('begins behind the messages of an earlier generation when a connection is opened again', () => {
    const { journal } = journalOf([{ x: 1 }]);
    expect(journal.begin('a')).toBe(2);
    expect(journal.positionOf('a')).toBe(1);
  });

  it('names its connections in the order in which they were tried, and no others, with how often each was open', () => {
    const { journal, receiveOn } = journalOf();
    receiveOn('b', { x: 1 });
    const head = { connection: 'a', generation: journal.begin('a'), at: 1, direction: 'life' } as const;
    journal.append({ ...head, life: { event: 'error', message: 'refused' } });
    journal.append({ ...head, life: { event: 'open', subprotocol: '' } });
    journal.entriesOf('never');
    expect(journal.connections()).toEqual([
      { name: 'a', opened: 1 },
      { name: 'b', opened: 0 },
    ]);
  });

  it('lets go of consumed frames, oldest first, and of none that is still wanted', () => {
    const { journal, receive } = journalOf(
      [1, 2, 3, 4, 5].map((x) => ({ x })),
      { maxBytes: 40 },
    );
    claim(journal, 0, 4);
    receive(...[6, 7, 8].map((x) => ({ x })));
    expect(journal.overflow()).toBeUndefined();
    expect(bodiesOf(journal)).toEqual([
      undefined,
      undefined,
      { x: 3 },
      { x: 4 },
      { x: 5 },
      { x: 6 },
      { x: 7 },
      { x: 8 },
    ]);
    expect(journal.held()).toHaveLength(8);
  });

  it('says so and tells its watchers when the frames that are still wanted do not fit', () => {
    const { journal, receive } = journalOf([], { maxBytes: 10 });
    const told: (number | undefined)[] = [];
    const stop = journal.watch((frame) => told.push(frame?.n));
    receive(...[1, 2, 3, 4].map((x) => ({ x })));
    expect(journal.overflow()).toBe(
      'the frames that no step has claimed are larger than the 10 bytes that the journal of a pass holds',
    );
    expect(told).toEqual([1, 2, undefined]);
    stop();
    expect(told).toHaveLength(3);
  });

  it('counts the messages in a batch, and the values in a message, as what they take in memory', () => {
    const batches = journalOf([], { maxFrames: 5 });
    for (const _ of [1, 2, 3]) batches.receiveRaw('[{"x":1},{"x":2},{"x":3}]');
    expect(batches.journal.held()).toHaveLength(2);
    expect(batches.journal.overflow()).toBe('the journal of a pass holds 5 messages and is full');
    const nested = journalOf([], { maxValues: 6 });
    for (const _ of [1, 2, 3, 4]) nested.receiveRaw('{"x":[[],[]]}');
    expect(nested.journal.held()).toHaveLength(2);
    expect(nested.journal.overflow()).toBe(
      'the frames that no step has claimed hold more than 6 values, the most that the journal of a pass keeps',
    );
    const claimed = journalOf([], { maxValues: 6 });
    for (const x of [1, 2, 3, 4, 5, 6, 7, 8]) {
      claimed.receive({ x });
      claimed.journal.consume(claimed.journal.entriesOf('a').since(0), 'step');
    }
    expect(claimed.journal.overflow()).toBeUndefined();
  });

  it('is full after its last frame and records nothing more', () => {
    const { journal } = journalOf(
      [1, 2, 3, 4].map((x) => ({ x })),
      { maxFrames: 2 },
    );
    expect(journal.held()).toHaveLength(2);
    expect(journal.overflow()).toBe('the journal of a pass holds 2 frames and is full');
  });
});

describe('a journal that forgets', () => {
  it('has neither the frames nor their messages any more, and all later ones in their places', () => {
    const { journal, receive } = journalOf([1, 2, 3].map((x) => ({ x })));
    journal.forget(2);
    receive({ x: 4 });
    expect(journal.frame(2)).toBeUndefined();
    expect(journal.frame(3)?.n).toBe(3);
    expect(journal.held().map(({ n }) => n)).toEqual([3, 4]);
    const entries = journal.entriesOf('a');
    expect(entries.at(1)).toBeUndefined();
    expect(entries.at(3)?.message?.body).toEqual({ x: 4 });
    expect(entries.since(0).map(({ position }) => position)).toEqual([2, 3]);
    expect([entries.first, entries.end]).toEqual([2, 4]);
    expect(journal.last()).toBe(4);
    expect(journal.counts()).toEqual({ frames: 4, messages: 4 });
  });

  it('begins searches behind what is gone, and says so where some of it lay behind a mark', () => {
    const { journal } = journalOf([1, 2, 3].map((x) => ({ x })));
    journal.forget(2);
    expect(journal.positionOf('a')).toBe(2);
    expect(journal.positionAfter('a', 2)).toBe(2);
    expect(journal.entriesOf('a').at(journal.positionAfter('a', 1))).toBeUndefined();
    expect(journal.positionAfter('a', 1)).toBeLessThan(journal.entriesOf('a').first);
  });

  it('has no claim on what is gone: it is a leftover already', () => {
    const { journal } = journalOf([{ type: 'x' }, { type: 'y' }]);
    const entries = journal.entriesOf('a').since(0);
    journal.forget(1);
    journal.consume(entries, 'late');
    expect(entries.map(({ consumed }) => consumed)).toEqual([false, true]);
    expect(journal.leftovers((text) => text)).toEqual([{ label: 'x', count: 1, first: 1 }]);
  });

  it('counts what it holds, not what ever came, against its limits', () => {
    const { journal, receive, receiveRaw } = journalOf([], { maxFrames: 10, maxBytes: 200, maxValues: 50 });
    for (let n = 0; n < 1_000; n += 1) {
      receive({ type: 'x' });
      receiveRaw('[{"x":1},{"x":2}]', 'b');
      journal.append({ connection: 'a', generation: 1, at: n, direction: 'out', raw: 'hello' });
      journal.append({
        connection: 'a',
        generation: 1,
        at: n,
        direction: 'life',
        life: { event: 'ping', by: 'client' },
      });
      if (n % 2 === 0) journal.consume(journal.entriesOf('b').since(journal.positionOf('b')), 'step');
      journal.forget(journal.last() - 1);
    }
    expect(journal.overflow()).toBeUndefined();
    expect(journal.held()).toHaveLength(1);
    expect(journal.counts()).toEqual({ frames: 4_000, messages: 3_000 });
  });

  it('frees the room of a frame once, though it was claimed before it was forgotten', () => {
    const heldUntilFull = (journal: Journal) => {
      const before = journal.held().length;
      for (let n = 0; n < 20; n += 1)
        journal.append({ connection: 'a', generation: 1, at: 1, direction: 'in', raw: '{"x":1}' });
      return journal.held().length - before;
    };
    const { journal } = journalOf([{ x: 1 }, { x: 2 }, { x: 3 }], { maxBytes: 40 });
    claim(journal, 0, 3);
    journal.forget(3);
    expect(heldUntilFull(journal)).toBe(heldUntilFull(journalOf([], { maxBytes: 40 }).journal));
  });

  it('keeps nothing of a frame that is gone, sent or received, claimed or not', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const journal = emptyJournal();
    journal.begin('a');
    const refs: WeakRef<object>[] = [];
    const watch = (n: number) => {
      const frame = journal.frame(n);
      if (!frame) throw new Error(`no frame #${n}`);
      refs.push(new WeakRef(frame));
      if (frame.direction === 'in') refs.push(...frame.entries.map((entry) => new WeakRef(entry)));
    };
    for (let n = 1; n <= 2_000; n += 1) {
      const raw = JSON.stringify({ type: 'x', n });
      journal.append({ connection: 'a', generation: 1, at: n, direction: n % 3 === 0 ? 'out' : 'in', raw });
      watch(n);
      if (n % 2 === 0) journal.consume(journal.entriesOf('a').since(0).slice(-1), 'step');
      if (n % 10 === 0) journal.forget(n);
    }
    // A target of a weak reference lives until the job that made it ends.
    await new Promise(setImmediate);
    collect();
    // A queue may hold a few that wait to be swept, never a share of all.
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(150);
  });

  it('answers for what it holds as one that never forgets, whatever it is asked to forget', () => {
    const act = fc.oneof(
      fc.record({
        kind: fc.constant('in' as const),
        connection: fc.constantFrom('a', 'b'),
        many: fc.integer({ min: 0, max: 3 }),
      }),
      fc.record({ kind: fc.constant('out' as const), connection: fc.constantFrom('a', 'b'), many: fc.constant(0) }),
      fc.record({ kind: fc.constant('claim' as const), connection: fc.constantFrom('a', 'b'), many: fc.nat(5) }),
      fc.record({ kind: fc.constant('begin' as const), connection: fc.constantFrom('a', 'b'), many: fc.constant(0) }),
      fc.record({ kind: fc.constant('forget' as const), connection: fc.constant('a'), many: fc.nat(4) }),
    );
    const asIs = (text: string) => text;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const [whole, short] = [emptyJournal(), emptyJournal()];
        const both = [whole, short];
        let forgotten = 0;
        let unclaimedGone = 0;
        for (const { kind, connection, many } of acts) {
          const raw = JSON.stringify(Array.from({ length: many }, (_, x) => ({ type: `t${x}` })));
          if (kind === 'begin') for (const journal of both) journal.begin(connection);
          if (kind === 'in' || kind === 'out')
            for (const journal of both) journal.append({ connection, generation: 1, at: 1, direction: kind, raw });
          if (kind === 'claim') {
            const position = short.entriesOf(connection).first + many;
            for (const journal of both) {
              const entry = journal.entriesOf(connection).at(position);
              if (entry) journal.consume([entry], 'step');
            }
          }
          if (kind === 'forget') {
            const to = Math.max(forgotten, short.last() - many);
            for (const frame of short.held())
              if (frame.n <= to && frame.direction === 'in') unclaimedGone += frame.unclaimed;
            short.forget(to);
            forgotten = to;
          }
        }
        const seenOf = ({ position, message, consumed, claimedBy, frame }: Entry) => [
          position,
          message,
          consumed,
          claimedBy,
          frame.n,
        ];
        expect(short.last()).toBe(whole.last());
        expect(short.counts()).toEqual(whole.counts());
        expect(short.connections()).toEqual(whole.connections());
        expect(short.held().map(({ n }) => n)).toEqual(whole.held().flatMap(({ n }) => (n > forgotten ? [n] : [])));
        for (const connection of ['a', 'b']) {
          const held = short.entriesOf(connection);
          expect(held.since(0).map(seenOf)).toEqual(whole.entriesOf(connection).since(held.first).map(seenOf));
          expect(held.end).toBe(whole.entriesOf(connection).end);
          expect(short.positionOf(connection)).toBe(Math.max(held.first, whole.positionOf(connection)));
          for (let n = forgotten; n <= whole.last(); n += 1)
            expect(short.positionAfter(connection, n)).toBe(whole.positionAfter(connection, n));
        }
        // What is left over and what is claimed make up all that came.
        expect(short.leftovers(asIs)).toEqual(whole.leftovers(asIs));
        const leftover = short.leftovers(asIs).reduce((sum, { count }) => sum + count, 0);
        const claimed = ['a', 'b'].flatMap((name) => whole.entriesOf(name).since(0)).filter(({ consumed }) => consumed);
        expect(leftover + claimed.length).toBe(whole.counts().messages);
        expect(unclaimedGone).toBeLessThanOrEqual(leftover);
      }),
    );
  });
});
