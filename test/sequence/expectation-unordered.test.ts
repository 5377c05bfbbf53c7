import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameExpectation, FramePattern, Json } from '../../lib/config/plan.ts';
import { ask, code, events, journalOf, like, matchedOf, verdictOf } from '../support/journals.ts';

const unordered = (...patterns: readonly FramePattern[]): FrameExpectation => ({ kind: 'unordered', patterns });
const abc = unordered(code('a'), code('b'), code('c'));

describe('unordered', () => {
  it('is met in any order, others between', () => {
    const { query, advance } = ask(abc, journalOf(events('c', 'x', 'a', 'b', 'a')).journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([1, 3, 4]);
  });

  it('moves a message to another pattern when that makes room', () => {
    const narrowLast = unordered(like({ x: 1 }), like({ x: 1, y: 1 }));
    expect(verdictOf(narrowLast, [{ x: 1, y: 1 }, { x: 1 }])).toBe('met');
    expect(verdictOf(narrowLast, [{ x: 1 }, { x: 1 }])).toBe('failed');
  });

  it('names what was dropped', () => {
    const asked = ask(abc, journalOf(events('c', 'x', 'a')).journal);
    expect(asked.explain()).toBe(
      'unordered 2 of 3 never came within 5,000 ms: awaited {event_code: "b"}; 1 frame seen since, nearest #2 differs at event_code: "x"',
    );
  });

  it('names everything that was dropped', () => {
    expect(ask(abc, journalOf(events('b')).journal).explain()).toContain(
      'awaited {event_code: "a"} and {event_code: "c"}; no frame seen since',
    );
  });

  it('does not take one message for two patterns, and says so', () => {
    expect(ask(unordered(code('a'), code('a')), journalOf(events('a', 'b')).journal).explain()).toContain(
      '#1 matches but stands for {event_code: "a"} already: each wants a message of its own',
    );
  });

  it('passes over what an earlier step has claimed, and says so', () => {
    const { journal } = journalOf(events('a', 'b', 'c'));
    journal.consume(journal.entriesOf('a').since(0).slice(0, 1), 'earlier');
    const asked = ask(abc, journal, { from: () => 0 });
    expect(asked.explain()).toContain('#1 matches but was claimed by an earlier step');
  });

  it('takes messages of several connections', () => {
    const { journal, receiveOn } = journalOf(events('b'));
    receiveOn('other', ...events('a', 'c'));
    expect(ask(abc, journal, { connections: ['a', 'other'] }).advance()).toBe('met');
    expect(ask(abc, journal).explain()).toContain('#2 matches but came over connection "other"');
  });

  it('says what a search through all choices would say', () => {
    const pattern = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.nat(1), { maxKeys: 3, noNullPrototype: true });
    const fits = (wanted: Record<string, number>, body: Record<string, Json>) =>
      Object.entries(wanted).every(([key, value]) => body[key] === value);
    const exists = (patterns: readonly Record<string, number>[], bodies: readonly Record<string, Json>[]): boolean => {
      const [first, ...rest] = patterns;
      if (!first) return true;
      return bodies.some((body, index) => fits(first, body) && exists(rest, bodies.toSpliced(index, 1)));
    };
    const body = fc.record({ x: fc.nat(1), y: fc.nat(1), z: fc.nat(1) });
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 4 }),
        fc.array(body, { maxLength: 5 }),
        (patterns, bodies) => {
          const expected = exists(patterns, bodies);
          const { query } = ask(unordered(...patterns.map(like)), journalOf(bodies).journal);
          expect(query.conclude() === 'met').toBe(expected);
          const matched = matchedOf(query);
          expect(new Set(matched).size).toBe(matched.length);
          if (expected) expect(matched).toHaveLength(patterns.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
