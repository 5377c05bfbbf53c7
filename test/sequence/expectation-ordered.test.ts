import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import {
  ask,
  code,
  emptyJournal,
  events,
  heartbeat,
  inOrder,
  journalOf,
  like,
  matchedOf,
  verdictOf,
} from '../support/journals.ts';

const abc = [code('a'), code('b'), code('c')];

describe('inOrder', () => {
  it('is met by a subsequence, others between', () => {
    const { query, advance } = ask(inOrder(abc), journalOf(events('x', 'a', 'c', 'x', 'b', 'c', 'd')).journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2, 5, 6]);
  });

  it('takes two messages of one frame as two', () => {
    const { journal, receiveRaw } = journalOf();
    receiveRaw(JSON.stringify(events('a', 'b', 'c')));
    expect(ask(inOrder(abc), journal).advance()).toBe('met');
  });

  it('wants a message of its own for each pattern: one that was duplicated is two, one that was not is one', () => {
    expect(verdictOf(inOrder([code('a'), code('a')]), events('a'))).toBe('failed');
    expect(verdictOf(inOrder([code('a'), code('a')]), events('a', 'a'))).toBe('met');
  });

  it('names the event that was dropped', () => {
    expect(ask(inOrder(abc), journalOf(events('a', 'c')).journal).explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"}; 1 frame seen since, nearest #2 differs at event_code: "c"',
    );
  });

  it('names the events that came out of order', () => {
    expect(ask(inOrder(abc), journalOf(events('b', 'a', 'c')).journal).explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"}; 1 frame seen since, #1 matches but came before 1 of 3 (#2): out of order',
    );
  });

  it('follows the order of arrival over several connections', () => {
    const { journal, receiveOn } = journalOf();
    receiveOn('b', ...events('a'));
    receiveOn('a', ...events('b'));
    receiveOn('b', ...events('c'));
    const both = { connections: ['a', 'b'] };
    expect(matchedOf(ask(inOrder(abc), journal, both).query)).toEqual([]);
    expect(ask(inOrder(abc), journal, both).advance()).toBe('met');
    const swapped = ask(inOrder([code('b'), code('a')]), journal, both);
    expect(swapped.explain()).toContain('#1 matches but came before 1 of 2 (#2): out of order');
  });
});

describe('inOrder, contiguous', () => {
  const contiguous = inOrder(abc, { contiguous: true });

  it('is met by what comes one right behind the other, heartbeats apart, wherever it begins', () => {
    const { journal } = journalOf([...events('a', 'x', 'a', 'b'), heartbeat, ...events('c')]);
    const { query, advance } = ask(contiguous, journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([3, 4, 6]);
  });

  it('finds the run that begins within one that broke', () => {
    const aab = inOrder([code('a'), code('a'), code('b')], { contiguous: true });
    expect(verdictOf(aab, events('a', 'a', 'a', 'b'))).toBe('met');
  });

  it.each([
    ['dropped', ['a', 'c']],
    ['duplicated', ['a', 'b', 'b', 'c']],
    ['reordered', ['b', 'a', 'c']],
    ['interleaved', ['a', 'b', 'x', 'c']],
  ])('says no when an event is %s', (_, codes) => {
    expect(verdictOf(contiguous, events(...codes))).toBe('failed');
  });

  it('names what lay between', () => {
    expect(ask(contiguous, journalOf(events('a', 'x', 'b', 'c')).journal).explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"} right behind #1; 3 frames seen since, #3 matches but #2 lay between #1 and it',
    );
  });

  it('names what came instead', () => {
    const asked = ask(contiguous, journalOf(events('a', 'c')).journal);
    expect(asked.explain()).toBe(
      'inOrder 2 of 3 never came within 5,000 ms: awaited {event_code: "b"} right behind #1; 1 frame seen since, #2 came instead and differs at event_code: "c"',
    );
    expect(asked.frames()).toEqual([1, 2]);
  });

  it('takes a message that an earlier step has claimed as one that lies between', () => {
    const { journal } = journalOf(events('a', 'x', 'b', 'c'));
    journal.consume(journal.entriesOf('a').since(1).slice(0, 1), 'earlier');
    expect(ask(contiguous, journal, { from: () => 0 }).query.conclude()).toBe('failed');
  });

  it('takes none that an earlier step has claimed', () => {
    const { journal } = journalOf(events('a', 'b', 'c'));
    journal.consume(journal.entriesOf('a').since(1).slice(0, 1), 'earlier');
    const asked = ask(contiguous, journal, { from: () => 0 });
    expect(asked.explain()).toContain('awaited {event_code: "b"} right behind #1');
    expect(asked.explain()).toContain('#2 matches but was claimed by an earlier step');
  });
});

describe('inOrder, grouped', () => {
  const grouped = inOrder(abc, { groupBy: '$.run' });
  const of = (run: Json, ...codes: readonly string[]): readonly Json[] =>
    codes.map((event_code) => ({ event_code, run }));

  it('follows several groups at once and is met by the first that is whole', () => {
    const { journal } = journalOf([of(1, 'a'), of(2, 'a', 'b'), of(1, 'b'), of(2, 'c'), of(1, 'c')].flat());
    const { query, advance } = ask(grouped, journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([2, 3, 5]);
  });

  it('says no when the events are of different groups, and names both', () => {
    expect(ask(grouped, journalOf([...of(1, 'a', 'b'), ...of(2, 'c')]).journal).explain()).toBe(
      'inOrder 3 of 3 never came within 5,000 ms: awaited {event_code: "c"} where $.run is 1; 1 frame seen since, #3 matches but is of another group: $.run is 2, not 1',
    );
  });

  it('says no when an event lacks what it is grouped by', () => {
    expect(ask(grouped, journalOf([...of(1, 'a', 'b'), ...events('c')]).journal).explain()).toContain(
      '#3 matches but has no $.run to go by',
    );
  });

  it.each([
    ['dropped', [of(1, 'a', 'c')]],
    ['reordered', [of(1, 'b', 'a', 'c')]],
    ['taken from another group', [of(1, 'a'), of(2, 'b'), of(1, 'c')]],
  ])('says no when an event is %s', (_, bodies) => {
    expect(verdictOf(grouped, bodies.flat())).toBe('failed');
  });

  it('groups by a message field, and tells values of different types apart', () => {
    const byId = inOrder([code('a'), code('b')], { groupBy: '$stream' });
    const on = (stream: string, event_code: string) => ({ stream, event_code });
    expect(verdictOf(byId, [on('x', 'a'), on('y', 'b')])).toBe('failed');
    expect(verdictOf(byId, [on('x', 'a'), on('y', 'b'), on('x', 'b')])).toBe('met');
    expect(verdictOf(grouped, [...of(1, 'a', 'b'), ...of('1', 'c')])).toBe('failed');
  });

  it('lets other groups lie between what is contiguous in its own', () => {
    const contiguous = inOrder(abc, { groupBy: '$.run', contiguous: true });
    expect(verdictOf(contiguous, [of(1, 'a'), of(2, 'x', 'a'), of(1, 'b', 'c')].flat())).toBe('met');
    const asked = ask(contiguous, journalOf([of(1, 'a'), of(2, 'b'), of(1, 'x', 'b', 'c')].flat()).journal);
    expect(asked.explain()).toContain('awaited {event_code: "b"} where $.run is 1 right behind #1');
    expect(asked.explain()).toContain('#4 matches but #3 lay between #1 and it');
  });
});

describe('inOrder, by sequence', () => {
  const bySequence = inOrder(abc, { by: 'sequence' });
  const at = (event_seq: Json, event_code: string): Json => ({ event_code, event_seq });

  it('is met whatever the order of arrival', () => {
    const { query, advance } = ask(bySequence, journalOf([at(9, 'c'), at(4, 'a'), at(7, 'b')]).journal);
    expect(advance()).toBe('met');
    expect(matchedOf(query)).toEqual([1, 2, 3]);
  });

  it('says no when the numbers are in another order though the arrival is right', () => {
    const asked = ask(bySequence, journalOf([at(4, 'a'), at(9, 'b'), at(7, 'c')]).journal);
    expect(asked.explain()).toBe(
      'inOrder by sequence 3 of 3 never came within 5,000 ms: awaited {event_code: "c"}; 1 frame seen since, #3 matches but its $sequence 7 is not above the 9 of #2: out of order',
    );
  });

  it.each([
    ['dropped', [at(1, 'a'), at(3, 'c')]],
    ['given the number of another', [at(1, 'a'), at(1, 'b'), at(2, 'c')]],
  ])('says no when an event is %s', (_, bodies) => {
    expect(verdictOf(bySequence, bodies)).toBe('failed');
  });

  it.each([
    ['none', { event_code: 'b' }, '#2 matches but has no $sequence: the codec found none in it'],
    ['one that is no number', at('later', 'b'), '#2 matches but has a $sequence that is no number: "later"'],
    [
      'one that was rounded',
      at(2 ** 53 + 2, 'b'),
      '#2 matches but has a $sequence beyond 2^53 (9007199254740994), where JSON numbers are rounded',
    ],
  ])('says so when a message that matches has %s', (_, body, words) => {
    const asked = ask(bySequence, journalOf([at(1, 'a'), body, at(3, 'c')]).journal);
    expect(asked.query.conclude()).toBe('failed');
    expect(asked.explain()).toContain(words);
  });

  it('says so of the first pattern too, when nothing else matched', () => {
    expect(ask(bySequence, journalOf(events('a', 'b', 'c')).journal).explain()).toContain(
      '#1 matches but has no $sequence: the codec found none in it',
    );
  });

  it('compares numbers and texts of digits alike, beyond 2^53 too', () => {
    const big = (event_seq: string, event_code: string) => at(event_seq, event_code);
    expect(verdictOf(bySequence, [big('90071992547409931', 'b'), big('90071992547409932', 'c'), at(5, 'a')])).toBe(
      'met',
    );
    expect(verdictOf(bySequence, [big('90071992547409932', 'b'), big('90071992547409931', 'c'), at(5, 'a')])).toBe(
      'failed',
    );
  });

  it('passes over messages that an earlier step has claimed', () => {
    const { journal } = journalOf([at(1, 'a'), at(2, 'b'), at(3, 'c')]);
    journal.consume(journal.entriesOf('a').since(1).slice(0, 1), 'earlier');
    const asked = ask(bySequence, journal, { from: () => 0 });
    expect(asked.explain()).toContain('#2 matches but was claimed by an earlier step');
  });

  it('keeps to one group', () => {
    const grouped = inOrder(abc, { by: 'sequence', groupBy: '$.run' });
    const of = (run: number, event_seq: number, event_code: string) => ({ run, event_seq, event_code });
    const bodies = [of(1, 3, 'c'), of(2, 1, 'a'), of(2, 2, 'b'), of(1, 1, 'a')];
    expect(verdictOf(grouped, bodies)).toBe('failed');
    expect(verdictOf(grouped, [...bodies, of(1, 2, 'b')])).toBe('met');
  });

  describe('and contiguous', () => {
    const adjacent = inOrder(abc, { by: 'sequence', contiguous: true });

    it('waits for the end, for what lies between may arrive last', () => {
      const { journal, receive } = journalOf([at(5, 'b'), at(4, 'a'), at(8, 'c')]);
      const asked = ask(adjacent, journal);
      expect(asked.advance()).toBe('waiting');
      expect(ask(adjacent, journal).query.conclude()).toBe('met');
      receive(at(6, 'x'));
      expect(asked.advance()).toBe('waiting');
      expect(asked.explain()).toBe(
        'inOrder by sequence 3 of 3 never came within 5,000 ms: awaited {event_code: "c"} right behind #1; 2 frames seen since, #3 matches but #4 lay between #1 and it',
      );
    });

    it('says no to a duplicate, which lies between', () => {
      expect(verdictOf(adjacent, [at(1, 'a'), at(2, 'b'), at(2, 'b'), at(3, 'c')])).toBe('failed');
    });

    it('passes over messages that have no number, and says so of one that matches', () => {
      expect(verdictOf(adjacent, [at(1, 'a'), { type: 'ack' }, at(2, 'b'), at(3, 'c')])).toBe('met');
      expect(ask(adjacent, journalOf([at(1, 'a'), ...events('b'), at(3, 'c')]).journal).explain()).toContain(
        '#2 matches but has no $sequence',
      );
    });
  });

  it('says what a search through all choices would say, in any order of arrival', () => {
    const message = fc.record({ event_code: fc.constantFrom('a', 'b', 'c'), event_seq: fc.nat(6) });
    const patterns = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    const exists = (
      codes: readonly string[],
      bodies: readonly { event_code: string; event_seq: number }[],
    ): boolean => {
      const [first, ...rest] = codes;
      if (first === undefined) return true;
      return bodies.some(
        ({ event_code, event_seq }) =>
          event_code === first &&
          exists(
            rest,
            bodies.filter((other) => other.event_seq > event_seq),
          ),
      );
    };
    fc.assert(
      fc.property(patterns, fc.array(message, { maxLength: 9 }), (codes, bodies) => {
        const wanted = inOrder(codes.map(code), { by: 'sequence' });
        expect(verdictOf(wanted, bodies) === 'met').toBe(exists(codes, bodies));
      }),
    );
  });
});

describe('inOrder with patterns that overlap', () => {
  const overlapping = [like({ x: 1 }), like({ y: 1 }), like({ x: 1, y: 1 })];
  const body = fc.record({ x: fc.nat(1), y: fc.nat(1), run: fc.nat(1) });
  const fits = (pattern: (typeof overlapping)[number] | undefined, one: object | undefined): boolean =>
    one !== undefined &&
    Object.entries(pattern?.subset ?? { none: true }).every(
      ([key, value]) => (one as Record<string, Json>)[key] === value,
    );

  it('agrees with a naive scan, for any arrival, alone and in groups', () => {
    const wanted = fc.array(fc.constantFrom(...overlapping), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        wanted,
        fc.boolean(),
        fc.boolean(),
        fc.array(body, { maxLength: 10 }),
        (patterns, apart, near, bodies) => {
          const scan = (list: readonly object[]): boolean => {
            if (near) return list.some((_, start) => patterns.every((pattern, k) => fits(pattern, list[start + k])));
            let next = 0;
            for (const one of list) if (fits(patterns[next], one)) next += 1;
            return next >= patterns.length;
          };
          const groups = apart ? [0, 1].map((run) => bodies.filter((one) => one.run === run)) : [bodies];
          const expectation = inOrder(patterns, { contiguous: near, ...(apart ? { groupBy: 'run' } : {}) });
          expect(verdictOf(expectation, bodies) === 'met').toBe(groups.some(scan));
        },
      ),
    );
  });
});

it('an ordered search over 10,000 messages in falling sequence takes no longer than the journal', () => {
  const journal = emptyJournal();
  journal.begin('a');
  for (let n = 10_000; n > 0; n -= 1)
    journal.append({
      connection: 'a',
      generation: 1,
      at: 1,
      direction: 'in',
      raw: `{"event_code":"a","event_seq":${n}}`,
    });
  const asked = ask(inOrder([code('a'), code('b')], { by: 'sequence' }), journal);
  expect(asked.query.conclude()).toBe('failed');
  expect(asked.query.seen()).toHaveLength(10_000);
});
