import { describe, expect, it } from 'vitest';
import type { FrameExpectation } from '../../lib/config/plan.ts';
import { explainUnmet } from '../../lib/sequence/explain.ts';
import { ask, code, events, inOrder, journalOf, like } from '../support/journals.ts';

const one = (event_code: string) => ({ kind: 'one', pattern: code(event_code) }) as const;

describe('an explanation', () => {
  it('says what was awaited, how much was seen, and where the nearest frame differs', () => {
    const { journal } = journalOf([{ event_code: 'note_patched', stream: 's' }, { event_code: 'other' }]);
    const asked = ask({ kind: 'one', pattern: like({ stream: 's', event_code: 'queued' }) }, journal);
    expect(asked.explain()).toBe(
      'one never came within 5,000 ms: awaited {stream: "s", event_code: "queued"}; 2 frames seen since, nearest #1 differs at event_code: "note_patched"',
    );
    expect(asked.frames()).toEqual([1]);
  });

  it('says when nothing came at all, and when what came could not be read', () => {
    const { journal, receiveRaw } = journalOf();
    expect(ask(one('x'), journal).explain()).toBe(
      'one never came within 5,000 ms: awaited {event_code: "x"}; no frame seen since',
    );
    receiveRaw('{"event_code":');
    expect(ask(one('x'), journal).explain()).toContain('1 frame seen since, 1 of them unreadable (#1: not JSON)');
  });

  it('says when the frame came before the search begins', () => {
    const { journal } = journalOf(events('event', 'ack'));
    journal.consume(journal.entriesOf('a').since(1), 'earlier');
    expect(ask(one('event'), journal).explain()).toContain(
      '#1 matches but came before this search begins: let it begin at a mark (from)',
    );
  });

  it('says when the frame came once and an earlier step has claimed it', () => {
    const { journal } = journalOf(events('a'));
    journal.consume(journal.entriesOf('a').since(0), 'earlier');
    expect(ask(one('a'), journal).explain()).toContain('#1 matches but was claimed by an earlier step');
  });

  it('does not speak of a claimed frame of another group', () => {
    const { journal } = journalOf([
      { event_code: 'a', run: 1 },
      { event_code: 'a', run: 2 },
      { event_code: 'b', run: 1 },
      { event_code: 'c', run: 2 },
    ]);
    journal.consume(
      [0, 2].flatMap((at) => journal.entriesOf('a').at(at) ?? []),
      'earlier',
    );
    const grouped = inOrder([code('a'), code('b')], { groupBy: '$.run' });
    expect(ask(grouped, journal, { from: () => 0 }).explain()).toMatch(
      /where \$\.run is 2; 2 frames seen since, nearest #4 differs at event_code: "c"$/,
    );
  });

  it('says how much too late a frame came, and does not count it', () => {
    const { journal } = journalOf(events('a', 'b', 'c'));
    expect(ask(one('c'), journal, { untilMs: 1 }).explain()).toContain('#3 matches but came 2 ms too late');
  });

  it('names the connection over which the frame came, where nobody looked', () => {
    const { journal, receiveOn } = journalOf(events('b'));
    receiveOn('observer', ...events('a'));
    const asked = ask(one('a'), journal);
    expect(asked.explain()).toBe(
      'one never came within 5,000 ms: awaited {event_code: "a"}; 1 frame seen since, #2 matches but came over connection "observer"',
    );
    expect(asked.frames()).toEqual([2]);
  });

  it('does not speak of another connection where a step has claimed what came there', () => {
    const { journal, receiveOn } = journalOf(events('b'));
    receiveOn('observer', ...events('a'));
    journal.consume(journal.entriesOf('observer').since(0), 'earlier');
    expect(ask(one('a'), journal).explain()).toContain('nearest #1 differs at event_code: "b"');
  });

  it('names each frame that its sentence speaks of', () => {
    const { journal } = journalOf(events('b', 'a', 'x'));
    const asked = ask(inOrder([code('a'), code('b')]), journal);
    expect(asked.explain()).toContain('#1 matches but came before 1 of 2 (#2): out of order');
    expect(asked.frames()).toEqual([2, 1]);
  });

  it('comes to a failure of 10,000 frames as it does to one of ten', () => {
    const { journal } = journalOf(Array.from({ length: 10_000 }, () => ({ event_code: 'a' })));
    expect(ask({ kind: 'count', pattern: code('a'), exactly: 1 }, journal).explain()).toBe(
      '2 came (#1, #2), exactly 1 awaited: {event_code: "a"}; #2 repeats #1',
    );
    const all = { untilMs: 1e9 };
    expect(ask({ kind: 'count', pattern: code('a'), min: 20_000 }, journal, all).explain()).toContain(
      '10,000 came (#1, #2, #3, #4, #5 and 9,995 more) within 5,000 ms, at least 20000 awaited',
    );
    expect(ask(one('b'), journal, all).explain()).toContain('10,000 frames seen since, nearest #10000 differs');
  });

  it('of a count or an absence that was cut short, but is not wrong so far, says that and what was seen', () => {
    const { journal } = journalOf(events('a'));
    const sentenceOf = (expectation: FrameExpectation) => {
      const { query } = ask(expectation, journal);
      expect(query.advance(0)).toBe('waiting');
      const window = { connections: ['a'], from: () => 0, startMs: 0, untilMs: 1_000 };
      return explainUnmet({ expectation, query, journal, window, ending: 'before that' }).sentence;
    };
    expect(sentenceOf({ kind: 'count', pattern: code('a'), exactly: 1 })).toBe(
      'the count of {event_code: "a"} was cut short at 1 (#1)',
    );
    expect(sentenceOf({ kind: 'absent', pattern: code('b'), afterSeen: code('a') })).toBe(
      'the absence of {event_code: "b"} was cut short; 1 frame seen since',
    );
  });
});
