import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameExpectation, FramePattern, Json } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { jsonCodec } from '../../lib/sequence/codec/json.ts';
import { createQuery, describeExpectation, type Query, type Window } from '../../lib/sequence/expectation.ts';
import { explainUnmet, explainUnproven } from '../../lib/sequence/explain.ts';
import { createJournal, type Journal } from '../../lib/sequence/journal.ts';
import { compilePattern } from '../../lib/sequence/pattern.ts';

const engines = await loadMatchEngines([]);
const compile = (pattern: FramePattern) => compilePattern(pattern, engines, (text) => text);
const like = (subset: FramePattern['subset']): FramePattern => ({ subset, paths: {} });
const code = (event_code: string) => like({ event_code });

const journalOf = (bodies: readonly Json[] = []) => {
  const journal = createJournal(jsonCodec.decode);
  const generation = journal.begin('a');
  let at = 0;
  const receive = (...more: readonly Json[]) => {
    for (const body of more) {
      at += 1;
      journal.append({ connection: 'a', generation, at, direction: 'in', raw: JSON.stringify(body) });
    }
  };
  receive(...bodies);
  return { journal, receive };
};

const events = (...codes: readonly string[]) => codes.map((event_code) => ({ event_code }));

type Asked = { readonly query: Query; readonly explain: () => string };

const ask = (expectation: FrameExpectation, journal: Journal, more: Partial<Window> = {}): Asked => {
  const window: Window = { connection: 'a', from: journal.positionOf('a'), untilMs: 1_000, ...more };
  const query = createQuery(expectation, compile, journal, window);
  const unmet = { expectation, query, journal, window, ending: 'within 5,000 ms' };
  const explain = () => {
    const progress = query.conclude();
    return (progress === 'failed' ? explainUnmet(unmet) : explainUnproven(unmet)).sentence;
  };
  return { query, explain };
};

const matchedOf = (query: Query) => query.matched().map(({ frame }) => frame.n);

describe('one', () => {
  it('finds a frame that came before anybody asked', () => {
    const { query } = ask({ kind: 'one', pattern: code('b') }, journalOf(events('a', 'b', 'c')).journal);
    expect(query.advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2]);
  });

  it('passes over frames that were claimed', () => {
    const { journal } = journalOf(events('a', 'a'));
    journal.consume(journal.entriesOf('a').slice(0, 1));
    const { query } = ask({ kind: 'one', pattern: code('a') }, journal, { from: 0 });
    expect(query.advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2]);
  });

  it('says what was awaited, how much was seen, and where the nearest frame differs', () => {
    const { journal } = journalOf([{ event_code: 'note_patched', stream: 's' }, { event_code: 'other' }]);
    const { explain } = ask({ kind: 'one', pattern: like({ stream: 's', event_code: 'queued' }) }, journal);
    expect(explain()).toBe(
      'one never came within 5,000 ms: awaited {stream: "s", event_code: "queued"}; 2 frames seen since, nearest #1 differs at event_code: "note_patched"',
    );
  });

  it('says when nothing came at all, and when what came could not be read', () => {
    const { journal } = journalOf();
    expect(ask({ kind: 'one', pattern: code('x') }, journal).explain()).toBe(
      'one never came within 5,000 ms: awaited {event_code: "x"}; no frame seen since',
    );
    journal.append({ connection: 'a', generation: 1, at: 1, direction: 'in', raw: '{"event_code":' });
    expect(ask({ kind: 'one', pattern: code('x') }, journal).explain()).toContain(
      '1 frame seen since, 1 of them unreadable (#1: not JSON)',
    );
  });

  it('says when the frame came before the search begins', () => {
    const { journal } = journalOf(events('event', 'ack'));
    journal.consume(journal.entriesOf('a').slice(1));
    expect(ask({ kind: 'one', pattern: code('event') }, journal).explain()).toContain(
      '#1 matches but came before this search begins: let it begin at a mark (from)',
    );
  });

  it('says when the frame came once and an earlier step has claimed it', () => {
    const { journal } = journalOf(events('a'));
    journal.consume(journal.entriesOf('a'));
    expect(ask({ kind: 'one', pattern: code('a') }, journal).explain()).toContain(
      '#1 matches but was claimed by an earlier step',
    );
  });

  it('says how much too late a frame came, and does not count it', () => {
    const { journal } = journalOf(events('a', 'b', 'c'));
    expect(ask({ kind: 'one', pattern: code('c') }, journal, { untilMs: 1 }).explain()).toContain(
      '#3 matches but came 2 ms too late',
    );
  });
});

describe('inOrder', () => {
  const inOrder: FrameExpectation = { kind: 'inOrder', patterns: [code('a'), code('b'), code('c')] };

  it('is met by a subsequence, others between', () => {
    const { query } = ask(inOrder, journalOf(events('x', 'a', 'c', 'x', 'b', 'c', 'd')).journal);
    expect(query.advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2, 5, 6]);
  });

  it('takes two messages of one frame as two', () => {
    const { journal } = journalOf();
    journal.append({
      connection: 'a',
      generation: 1,
      at: 1,
      direction: 'in',
      raw: JSON.stringify(events('a', 'b', 'c')),
    });
    expect(ask(inOrder, journal).query.advance()).toBe('met');
  });

  it('names the event that was dropped', () => {
    expect(ask(inOrder, journalOf(events('a', 'c')).journal).explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"}; 1 frame seen since, nearest #2 differs at event_code: "c"',
    );
  });

  it('names the events that came out of order', () => {
    expect(ask(inOrder, journalOf(events('b', 'a', 'c')).journal).explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"}; 1 frame seen since, #1 matches but came before 1 of 3 (#2): out of order',
    );
  });
});

describe('count', () => {
  const count = (bounds: object): FrameExpectation => ({ kind: 'count', pattern: code('a'), ...bounds });

  it('is met at once when enough came and no more could be too many', () => {
    expect(ask(count({ min: 2 }), journalOf(events('a', 'b', 'a')).journal).query.advance()).toBe('met');
  });

  it('waits for the end when one more could be too many', () => {
    const { journal, receive } = journalOf(events('a', 'a'));
    const { query } = ask(count({ exactly: 2 }), journal);
    expect(query.advance()).toBe('waiting');
    expect(query.conclude()).toBe('met');
    receive({ event_code: 'a' });
    expect(query.advance()).toBe('failed');
  });

  it('names the frame that was duplicated', () => {
    const { journal } = journalOf(events('a', 'b', 'a'));
    expect(ask(count({ exactly: 1 }), journal).explain()).toBe(
      '2 came (#1, #3), exactly 1 awaited: {event_code: "a"}; #3 repeats #1',
    );
  });

  it('counts a duplicate of a frame that an earlier step has claimed, from a mark', () => {
    const { journal } = journalOf(events('a', 'a'));
    journal.consume(journal.entriesOf('a').slice(0, 1));
    expect(ask(count({ max: 1 }), journal, { from: 0 }).explain()).toBe(
      '2 came (#1, #2), at most 1 awaited: {event_code: "a"}; #2 repeats #1',
    );
  });

  it('says how many came of too few', () => {
    expect(ask(count({ min: 3 }), journalOf(events('a', 'b')).journal).explain()).toBe(
      '1 came (#1) within 5,000 ms, at least 3 awaited: {event_code: "a"}; 2 frames seen since, nearest #2 differs at event_code: "b"',
    );
  });

  it('does not hold by itself when none came and none had to', () => {
    expect(ask(count({ exactly: 0 }), journalOf().journal).query.conclude()).toBe('unheard');
    expect(ask(count({ max: 2 }), journalOf(events('b')).journal).query.conclude()).toBe('unheard');
  });
});

describe('absent', () => {
  it('fails with the frame that came', () => {
    const asked = ask({ kind: 'absent', pattern: code('error') }, journalOf(events('a', 'error')).journal);
    expect(asked.query.advance()).toBe('failed');
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

  it('sees a frame that an earlier step has claimed', () => {
    const { journal } = journalOf(events('error'));
    journal.consume(journal.entriesOf('a'));
    expect(ask({ kind: 'absent', pattern: code('error') }, journal, { from: 0 }).query.advance()).toBe('failed');
  });
});

describe('a query', () => {
  const letters = ['a', 'b', 'c'];
  const letter = fc.constantFrom(...letters);
  const expectation: fc.Arbitrary<FrameExpectation> = fc.oneof(
    letter.map((one): FrameExpectation => ({ kind: 'one', pattern: code(one) })),
    fc
      .array(letter, { minLength: 1, maxLength: 4 })
      .map((many): FrameExpectation => ({ kind: 'inOrder', patterns: many.map(code) })),
    fc
      .tuple(letter, fc.nat(3), fc.nat(3))
      .map(([one, min, more]): FrameExpectation => ({ kind: 'count', pattern: code(one), min, max: min + more })),
    letter.map((one): FrameExpectation => ({ kind: 'absent', pattern: code(one) })),
  );

  /** What the words mean, by looking at all there is: the oracle. */
  const naive = (wanted: FrameExpectation, codes: readonly string[]): boolean => {
    const wants = (pattern: FramePattern, one: string) => pattern.subset.event_code === one;
    switch (wanted.kind) {
      case 'one':
        return codes.some((one) => wants(wanted.pattern, one));
      case 'inOrder': {
        let from = 0;
        return wanted.patterns.every((pattern) => {
          const found = codes.findIndex((one, index) => index >= from && wants(pattern, one));
          from = found + 1;
          return found >= 0;
        });
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
        const live = ask(wanted, journal).query;
        const story = bursts.map((burst) => {
          receive(...events(...burst));
          return live.advance();
        });
        const afterwards = ask(wanted, journal, { from: 0 }).query;
        const holds = naive(wanted, bursts.flat());
        const verdict = live.conclude();
        expect(verdict).toBe(afterwards.conclude());
        expect(verdict === 'met' || verdict === 'unheard').toBe(holds);
        expect(matchedOf(live)).toEqual(matchedOf(afterwards));
        // What is decided stays decided.
        const decided = story.findIndex((progress) => progress !== 'waiting');
        if (decided >= 0) expect(new Set([...story.slice(decided), verdict]).size).toBe(1);
      }),
    );
  });

  it('looks at each message once, however often it is asked', () => {
    const { journal, receive } = journalOf();
    let looks = 0;
    const counting = (pattern: FramePattern) => {
      const compiled = compile(pattern);
      const matches = (body: Json) => {
        looks += 1;
        return compiled.matches(body);
      };
      return { ...compiled, matches };
    };
    const window: Window = { connection: 'a', from: 0, untilMs: 1e9 };
    const query = createQuery({ kind: 'one', pattern: code('never') }, counting, journal, window);
    for (let frame = 0; frame < 10_000; frame += 1) {
      receive({ event_code: 'a' });
      query.advance();
    }
    expect(looks).toBe(10_000);
  });

  it('explains itself over any JSON without throwing', () => {
    fc.assert(
      fc.property(expectation, fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 }), (wanted, bodies) => {
        const { journal } = journalOf(bodies as readonly Json[]);
        const asked = ask(wanted, journal);
        if (asked.query.conclude() !== 'met') expect(asked.explain().length).toBeGreaterThan(10);
      }),
    );
  });

  it('cannot vouch for frames that were let go', () => {
    const journal = createJournal(jsonCodec.decode, { maxBytes: 1 });
    journal.begin('a');
    const append = (raw: string) => journal.append({ connection: 'a', generation: 1, at: 1, direction: 'in', raw });
    append('{"event_code":"error"}');
    journal.consume(journal.entriesOf('a'));
    append('{"event_code":"b"}');
    expect(journal.overflow()).toBeUndefined();
    const asked = ask({ kind: 'absent', pattern: code('error') }, journal, { from: 0 });
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toContain('frames were let go, unseen, to keep the journal within its memory');
  });

  it('has a name made of the words of the plan', () => {
    expect(describeExpectation({ kind: 'inOrder', patterns: [code('a'), code('b')] })).toBe(
      'inOrder {event_code: "a"}, {event_code: "b"}',
    );
    expect(describeExpectation({ kind: 'count', pattern: code('a'), min: 1, max: 2 })).toBe(
      'count {event_code: "a"} at least 1 and at most 2',
    );
  });
});
