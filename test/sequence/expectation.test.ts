import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameExpectation, FramePattern } from '../../lib/config/plan.ts';
import type { Message } from '../../lib/sequence/codec/codec.ts';
import { describeExpectation } from '../../lib/sequence/expectation.ts';
import { ask, code, compiler, events, inOrder, journalOf, like, matchedOf } from '../support/journals.ts';

describe('one', () => {
  it('finds a frame that came before anybody asked', () => {
    const { query, advance } = ask({ kind: 'one', pattern: code('b') }, journalOf(events('a', 'b', 'c')).journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2]);
  });

  it('passes over frames that were claimed', () => {
    const { journal } = journalOf(events('a', 'a'));
    journal.consume(journal.entriesOf('a').since(0).slice(0, 1), 'earlier');
    const { query, advance } = ask({ kind: 'one', pattern: code('a') }, journal, { from: () => 0 });
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2]);
  });

  it('is not met by what was dropped, nor by what came on another connection', () => {
    const { journal, receiveOn } = journalOf(events('a'));
    receiveOn('b', ...events('wanted'));
    expect(ask({ kind: 'one', pattern: code('wanted') }, journal).query.conclude()).toBe('failed');
    expect(ask({ kind: 'one', pattern: code('wanted') }, journal, { connections: ['a', 'b'] }).advance()).toBe('met');
  });

  it('cannot tell when what it looks for may have been forgotten', () => {
    const { journal, receive } = journalOf(events('a', 'wanted'));
    const asked = ask({ kind: 'one', pattern: code('wanted') }, journal, {
      from: (connection) => journal.positionAfter(connection, 0),
    });
    journal.forget(2);
    receive(...events('b'));
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toBe(
      'none came within 5,000 ms, but frames were let go, unseen, to keep the journal within its memory',
    );
  });
});

describe('absent', () => {
  it('fails with the frame that came', () => {
    const asked = ask({ kind: 'absent', pattern: code('error') }, journalOf(events('a', 'error')).journal);
    expect(asked.advance()).toBe('failed');
    expect(asked.explain()).toBe('#2 came: {event_code: "error"}');
  });

  it('holds only if the connection was alive', () => {
    expect(ask({ kind: 'absent', pattern: code('error') }, journalOf(events('a')).journal).query.conclude()).toBe(
      'unheard',
    );
  });

  it('is proven by the frame that was named as proof, and by no other', () => {
    const absent: FrameExpectation = { kind: 'absent', pattern: code('error'), afterSeen: code('done') };
    expect(ask(absent, journalOf(events('done')).journal).query.conclude()).toBe('met');
    const asked = ask(absent, journalOf(events('other')).journal);
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toBe(
      'none came within 5,000 ms, but neither did {event_code: "done"}, which was to prove that the connection is alive',
    );
  });

  it('wants the proof from each of several connections, and sees what comes over any', () => {
    const absent: FrameExpectation = { kind: 'absent', pattern: code('error'), afterSeen: code('done') };
    const { journal, receiveOn } = journalOf(events('done'));
    receiveOn('b', ...events('other'));
    const asked = ask(absent, journal, { connections: ['a', 'b'] });
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toContain('neither did {event_code: "done"} over "b", which was to prove');
    receiveOn('b', ...events('done'));
    expect(ask(absent, journal, { connections: ['a', 'b'] }).query.conclude()).toBe('met');
    receiveOn('b', ...events('error'));
    expect(ask(absent, journal, { connections: ['a', 'b'] }).advance()).toBe('failed');
  });

  it('sees a frame that an earlier step has claimed', () => {
    const { journal } = journalOf(events('error'));
    journal.consume(journal.entriesOf('a').since(0), 'earlier');
    expect(ask({ kind: 'absent', pattern: code('error') }, journal, { from: () => 0 }).advance()).toBe('failed');
  });

  it('cannot vouch for frames that were let go', () => {
    const { journal, receive } = journalOf([], { maxBytes: 1 });
    receive(...events('error'));
    journal.consume(journal.entriesOf('a').since(0), 'earlier');
    receive(...events('b'));
    expect(journal.overflow()).toBeUndefined();
    const asked = ask({ kind: 'absent', pattern: code('error') }, journal, { from: () => 0 });
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toContain('frames were let go, unseen, to keep the journal within its memory');
  });

  it('cannot vouch for frames that were forgotten', () => {
    const { journal, receive } = journalOf(events('error', 'a'));
    journal.forget(1);
    receive(...events('b'));
    const from = (connection: string) => journal.positionAfter(connection, 0);
    expect(ask({ kind: 'absent', pattern: code('error') }, journal, { from }).query.conclude()).toBe('unproven');
    expect(ask({ kind: 'absent', pattern: code('error') }, journal).query.conclude()).toBe('unheard');
  });
});

describe('a query', () => {
  const letters = ['a', 'b', 'c'];
  const letter = fc.constantFrom(...letters);
  const many = fc.array(letter, { minLength: 1, maxLength: 4 });
  const expectation: fc.Arbitrary<FrameExpectation> = fc.oneof(
    letter.map((one): FrameExpectation => ({ kind: 'one', pattern: code(one) })),
    many.map((patterns): FrameExpectation => inOrder(patterns.map(code))),
    many.map((patterns): FrameExpectation => inOrder(patterns.map(code), { contiguous: true })),
    many.map((patterns): FrameExpectation => ({ kind: 'unordered', patterns: patterns.map(code) })),
    fc
      .tuple(letter, fc.nat(3), fc.nat(3))
      .map(([one, min, more]): FrameExpectation => ({ kind: 'count', pattern: code(one), min, max: min + more })),
    letter.map((one): FrameExpectation => ({ kind: 'absent', pattern: code(one) })),
  );

  /** What the words mean, by looking at all there is: the oracle. */
  const naive = (wanted: FrameExpectation, codes: readonly string[]): boolean => {
    const wants = (pattern: FramePattern | undefined, one: string) => pattern?.subset.event_code === one;
    const countOf = (one: string, list: readonly string[]) => list.filter((other) => other === one).length;
    switch (wanted.kind) {
      case 'one':
        return codes.some((one) => wants(wanted.pattern, one));
      case 'inOrder': {
        if (wanted.contiguous)
          return codes.some((_, start) =>
            wanted.patterns.every((pattern, k) => wants(pattern, codes[start + k] ?? '')),
          );
        let from = 0;
        return wanted.patterns.every((pattern) => {
          const found = codes.findIndex((one, index) => index >= from && wants(pattern, one));
          from = found + 1;
          return found >= 0;
        });
      }
      case 'unordered': {
        const named = wanted.patterns.map(({ subset }) => String(subset.event_code));
        return named.every((one) => countOf(one, codes) >= countOf(one, named));
      }
      case 'count': {
        const found = codes.filter((one) => wants(wanted.pattern, one)).length;
        return found >= (wanted.min ?? 0) && found <= (wanted.max ?? found);
      }
      case 'absent':
        return !codes.some((one) => wants(wanted.pattern, one));
    }
  };

  it('asked after every frame says what a look at the whole would say, for any arrival', () => {
    fc.assert(
      fc.property(expectation, fc.array(fc.array(letter, { maxLength: 4 }), { maxLength: 8 }), (wanted, bursts) => {
        const { journal, receive } = journalOf();
        const live = ask(wanted, journal);
        const story = bursts.map((burst) => {
          receive(...events(...burst));
          return live.advance();
        });
        const afterwards = ask(wanted, journal, { from: () => 0 }).query;
        const holds = naive(wanted, bursts.flat());
        const verdict = live.query.conclude();
        expect(verdict).toBe(afterwards.conclude());
        expect(verdict === 'met' || verdict === 'unheard').toBe(holds);
        expect(matchedOf(live.query)).toEqual(matchedOf(afterwards));
        // What is decided stays decided.
        const decided = story.findIndex((progress) => progress !== 'waiting');
        if (decided >= 0) expect(new Set([...story.slice(decided), verdict]).size).toBe(1);
      }),
    );
  });

  it('over several connections says what it would say over one that had received it all', () => {
    const arrival = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), letter), { maxLength: 12 });
    fc.assert(
      fc.property(expectation, arrival, (wanted, arrivals) => {
        const apart = journalOf();
        for (const [connection, one] of arrivals) apart.receiveOn(connection, ...events(one));
        const over = ask(wanted, apart.journal, { connections: ['a', 'b', 'c'], from: () => 0 }).query;
        const whole = ask(wanted, journalOf(events(...arrivals.map(([, one]) => one))).journal).query;
        const [merged, single] = [over.conclude(), whole.conclude()];
        // A connection over which nothing came that was counted leaves its liveness to be asked for.
        if (merged !== 'unheard') expect(merged).toBe(single);
        else expect(['met', 'unheard']).toContain(single);
        expect(matchedOf(over)).toEqual(matchedOf(whole));
        expect(over.seen().map(({ frame }) => frame.n)).toEqual(whole.seen().map(({ frame }) => frame.n));
      }),
    );
  });

  it.each([
    ['one', { kind: 'one', pattern: code('never') }],
    ['inOrder', inOrder([code('never'), code('ever')])],
    ['contiguous', inOrder([code('never'), code('ever')], { contiguous: true })],
    ['count', { kind: 'count', pattern: code('never'), min: 1 }],
    ['absent', { kind: 'absent', pattern: code('never') }],
  ] satisfies readonly (readonly [string, FrameExpectation])[])(
    'looks at each message of a burst of 10,000 once, however often it is asked: %s',
    (_, wanted) => {
      const { journal, receive } = journalOf();
      let looks = 0;
      const counting = (pattern: FramePattern) => {
        const compiled = compiler.pattern(pattern);
        const matches = (message: Message) => {
          looks += 1;
          return compiled.matches(message);
        };
        return { ...compiled, matches };
      };
      const asked = ask(wanted, journal, { untilMs: 1e9 }, { ...compiler, pattern: counting });
      for (let frame = 0; frame < 10_000; frame += 1) {
        receive({ event_code: 'a' });
        asked.advance();
      }
      expect(looks).toBe(10_000);
    },
  );

  it('explains itself over any JSON without throwing', () => {
    fc.assert(
      fc.property(expectation, fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 }), (wanted, bodies) => {
        const { journal } = journalOf(bodies as Parameters<typeof journalOf>[0]);
        const asked = ask(wanted, journal);
        if (asked.query.conclude() !== 'met') expect(asked.explain().length).toBeGreaterThan(10);
      }),
    );
  });

  it('has a name made of the words of the plan', () => {
    expect(describeExpectation(inOrder([code('a'), code('b')]))).toBe('inOrder {event_code: "a"}, {event_code: "b"}');
    expect(describeExpectation(inOrder([code('a')], { by: 'sequence', groupBy: '$.run_id', contiguous: true }))).toBe(
      'inOrder (by sequence, grouped by $.run_id, contiguous) {event_code: "a"}',
    );
    expect(describeExpectation({ kind: 'unordered', patterns: [code('a'), code('b')] })).toBe(
      'unordered {event_code: "a"}, {event_code: "b"}',
    );
    const count = { kind: 'count', pattern: code('a') } as const;
    expect(describeExpectation({ ...count, min: 1, max: 2 })).toBe('count {event_code: "a"} at least 1 and at most 2');
    expect(describeExpectation({ ...count, exactly: 2, until: { pattern: like({ type: 'done' }) } })).toBe(
      'count {event_code: "a"} exactly 2 until {type: "done"}',
    );
    expect(describeExpectation({ ...count, max: 2, until: { quietMs: 1_500 } })).toBe(
      'count {event_code: "a"} at most 2 until 1,500 ms of quiet',
    );
  });
});
