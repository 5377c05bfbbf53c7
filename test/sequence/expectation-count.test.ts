import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameExpectation } from '../../lib/config/plan.ts';
import { ask, code, events, heartbeat, journalOf, matchedOf, verdictOf } from '../support/journals.ts';

const count = (bounds: object): FrameExpectation => ({ kind: 'count', pattern: code('a'), ...bounds });

describe('count', () => {
  it('is met at once when enough came and no more could be too many', () => {
    expect(ask(count({ min: 2 }), journalOf(events('a', 'b', 'a')).journal).advance()).toBe('met');
  });

  it('waits for the end when one more could be too many', () => {
    const { journal, receive } = journalOf(events('a', 'a'));
    const { query, advance } = ask(count({ exactly: 2 }), journal);
    expect(advance()).toBe('waiting');
    expect(query.conclude()).toBe('unheard');
    receive({ event_code: 'a' });
    expect(advance()).toBe('failed');
  });

  it('names the frame that was duplicated', () => {
    const { journal } = journalOf(events('a', 'b', 'a'));
    expect(ask(count({ exactly: 1 }), journal).explain()).toBe(
      '2 came (#1, #3), exactly 1 awaited: {event_code: "a"}; #3 repeats #1',
    );
  });

  it('counts a duplicate of a frame that an earlier step has claimed, from a mark', () => {
    const { journal } = journalOf(events('a', 'a'));
    journal.consume(journal.entriesOf('a').since(0).slice(0, 1), 'earlier');
    expect(ask(count({ max: 1 }), journal, { from: () => 0 }).explain()).toBe(
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
    expect(ask(count({ min: 0 }), journalOf(events('b')).journal).query.conclude()).toBe('unheard');
  });

  it('counts over several connections, each of which must be known to live', () => {
    const { journal, receiveOn } = journalOf(events('a'));
    const both = { connections: ['a', 'b'] };
    expect(ask(count({ exactly: 1 }), journal, both).query.conclude()).toBe('unheard');
    receiveOn('b', ...events('a'));
    expect(ask(count({ exactly: 1 }), journal, both).explain()).toContain('2 came (#1, #2), exactly 1 awaited');
    const { query } = ask(count({ exactly: 2 }), journal, both);
    expect(query.conclude()).toBe('unheard');
    expect(query.unheard()).toEqual(['a', 'b']);
  });
});

describe('count until a pattern', () => {
  const until = { until: { pattern: code('done') } };

  it('ends with it, whatever comes later', () => {
    const { journal } = journalOf(events('a', 'b', 'a', 'done', 'a'));
    const { query, advance } = ask(count({ exactly: 2, ...until }), journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([1, 3]);
  });

  it('says no at once to too few and to too many', () => {
    const { journal } = journalOf(events('a', 'done', 'a', 'a'));
    const few = ask(count({ exactly: 2, ...until }), journal);
    expect(few.advance()).toBe('failed');
    expect(few.explain()).toBe(
      '1 came (#1) before {event_code: "done"} (#2), exactly 2 awaited: {event_code: "a"}; 2 frames seen since, nearest #2 differs at event_code: "done"',
    );
    const many = ask(count({ max: 1, ...until }), journalOf(events('a', 'a', 'done')).journal);
    expect(many.advance()).toBe('failed');
    expect(many.explain()).toBe('2 came (#1, #2), at most 1 awaited: {event_code: "a"}; #2 repeats #1');
  });

  it('counts the message that ends it, when it is one of them', () => {
    expect(verdictOf(count({ exactly: 2, until: { pattern: code('a') } }), events('a', 'a'))).toBe('failed');
    expect(verdictOf(count({ exactly: 1, until: { pattern: code('a') } }), events('a', 'a'))).toBe('met');
  });

  it('is alive when it ended, though none came', () => {
    expect(ask(count({ exactly: 0, ...until }), journalOf(events('done')).journal).advance()).toBe('met');
  });

  it('proves nothing when the end never came', () => {
    const asked = ask(count({ exactly: 2, ...until }), journalOf(events('a', 'a')).journal);
    expect(asked.advance()).toBe('waiting');
    expect(asked.query.conclude()).toBe('unproven');
    expect(asked.explain()).toBe(
      '2 (#1, #2) came within 5,000 ms, but never {event_code: "done"}, which was to end the count',
    );
    expect(verdictOf(count({ exactly: 2, ...until }), events('a'))).toBe('failed');
  });
});

describe('count until quiet', () => {
  const until = { until: { quietMs: 50 } };

  it('ends when nothing came for so long, and says when to ask', () => {
    const { journal, receive } = journalOf(events('a', 'b'));
    const { query } = ask(count({ exactly: 2, ...until }), journal);
    expect(query.advance(2)).toBe('waiting');
    expect(query.dueMs()).toBe(52);
    receive(...events('a'));
    expect(query.advance(52)).toBe('waiting');
    expect(query.dueMs()).toBe(53);
    expect(query.advance(53)).toBe('unheard');
    expect(query.dueMs()).toBeUndefined();
    expect(matchedOf(query)).toEqual([1, 3]);
  });

  it('counts the silence from the beginning of the wait, not from what came before', () => {
    const { query } = ask(count({ exactly: 1, ...until }), journalOf(events('a')).journal, { startMs: 40 });
    expect(query.advance(60)).toBe('waiting');
    expect(query.dueMs()).toBe(90);
  });

  it('is over before what comes behind the silence, though nobody asked in time', () => {
    const { journal, receive, wait } = journalOf(events('a'));
    wait(60);
    receive(...events('a'));
    const { query } = ask(count({ exactly: 1, ...until }), journal);
    expect(query.advance(70)).toBe('unheard');
    expect(query.seen()).toHaveLength(1);
  });

  it('is not disturbed by heartbeats', () => {
    const { journal, receive, wait } = journalOf(events('a'));
    wait(30);
    receive(heartbeat);
    wait(30);
    const { query } = ask(count({ exactly: 1, ...until }), journal);
    expect(query.advance(62)).toBe('unheard');
  });

  it('leaves it to others whether a silent connection lives, and says no to too few', () => {
    expect(ask(count({ max: 1, ...until }), journalOf(events('b')).journal).query.advance(60)).toBe('unheard');
    const few = ask(count({ min: 2, ...until }), journalOf(events('a')).journal);
    expect(few.query.advance(60)).toBe('failed');
    expect(few.explain()).toContain('1 came (#1) before 50 ms of quiet, at least 2 awaited');
  });

  it('counts to the end of the window where no silence comes', () => {
    const { journal } = journalOf(events('a', 'b'));
    const { query } = ask(count({ exactly: 1, ...until }), journal, { untilMs: 20 });
    expect(query.dueMs()).toBeUndefined();
    expect(query.advance(19)).toBe('waiting');
    expect(query.advance(60)).toBe('waiting');
    expect(query.conclude()).toBe('unheard');
  });

  it('says the same whenever it is asked', () => {
    const arrival = fc.record({ gap: fc.integer({ min: 1, max: 80 }), event_code: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 8 }), fc.nat(3), (arrivals, exactly) => {
        const { journal, receive, wait } = journalOf();
        const live = ask(count({ exactly, ...until }), journal, { untilMs: 10_000 }).query;
        let now = 0;
        for (const { gap, event_code } of arrivals) {
          wait(gap - 1);
          receive({ event_code });
          now += gap;
          live.advance(now);
        }
        const late = ask(count({ exactly, ...until }), journal, { untilMs: 10_000 }).query;
        expect(live.advance(now + 50)).toBe(late.advance(now + 50));
        expect(matchedOf(live)).toEqual(matchedOf(late));
      }),
    );
  });
});
