import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeObserved } from '../../lib/drill/observation.ts';
import type { Watched } from '../../lib/drill/ports.ts';
import type { Finding, ObservedEvent, StreamEvent, StreamHead } from '../../lib/drill/record.ts';

const logged = (cursor: StreamEvent['cursor'], entries: readonly string[] = [`w${cursor}`]): StreamEvent => ({
  cursor,
  digest: `d${cursor}`,
  entries,
});

const logOf = (count: number): readonly StreamEvent[] => Array.from({ length: count }, (_, n) => logged(n + 1));

const seen = (generation: number, ...events: readonly StreamEvent[]): readonly ObservedEvent[] =>
  events.map((event) => ({ kind: 'event', at: generation, generation, stream: 's', ...event }));

const headOf = (log: readonly StreamEvent[], length: number): StreamHead => ({
  stream: 's',
  events: log.slice(0, length),
});

const judge = (
  events: readonly ObservedEvent[],
  log: readonly StreamEvent[],
  head: StreamHead = headOf(log, 1),
  more: Partial<Watched> = {},
): readonly [Finding, Finding] => {
  const watched = { observations: events, idPrefix: 'w', owed: [], allowed: [], ...more };
  return judgeObserved(head, watched, log, String) as [Finding, Finding];
};

const resultsOf = (...args: Parameters<typeof judge>) => judge(...args).map(({ result }) => result);

/** A log that a client followed from its head on, over connections that begin after any event. */
const followed = fc
  .record({
    count: fc.integer({ min: 4, max: 30 }),
    known: fc.integer({ min: 0, max: 2 }),
    cuts: fc.infiniteStream(fc.boolean()),
    inclusive: fc.boolean(),
  })
  .map(({ count, known, cuts, inclusive }) => {
    const log = logOf(count);
    let generation = 1;
    const events = log.slice(known).flatMap((event, index) => {
      const isCut = index > 0 && cuts.next().value === true;
      generation += isCut ? 1 : 0;
      const again = log[known + index - 1];
      return seen(generation, ...(isCut && inclusive && again ? [again] : []), event);
    });
    return { log, head: headOf(log, known), events };
  });

describe('what a live client saw, held against the log', () => {
  test('holds wherever its connections ended, and whether or not a server includes the cursor', () => {
    fc.assert(
      fc.property(followed, ({ log, head, events }) => {
        expect(resultsOf(events, log, head)).toEqual(['pass', 'pass']);
      }),
    );
  });

  test('does not hold with any one event left out between two that were seen, and names it', () => {
    fc.assert(
      fc.property(followed, fc.nat(), ({ log, head, events }, pick) => {
        const inner = log.slice(head.events.length, -1);
        const gone = inner[pick % inner.length];
        const [kept, order] = judge(
          events.filter(({ cursor }) => cursor !== gone?.cursor),
          log,
          head,
        );
        expect([kept.result, order.result]).toEqual(['pass', 'fail']);
        expect(order.witnesses).toContain(`cursor ${gone?.cursor}`);
      }),
    );
  });

  test('does not hold with any one event told again behind a later one, or twice in a row on one connection', () => {
    fc.assert(
      fc.property(followed, fc.nat(), ({ log, head, events }, pick) => {
        const at = pick % events.length;
        const again = events[at];
        const last = events.at(-1);
        if (!again || !last) return;
        const twice = events.toSpliced(at + 1, 0, again);
        const late = [...events, { ...again, generation: last.generation }];
        for (const some of [twice, late]) expect(judge(some, log, head)[1]).toMatchObject({ result: 'fail' });
      }),
    );
  });

  test('does not hold with any one event gone from the log, or with other content in it', () => {
    fc.assert(
      fc.property(followed, fc.nat(), ({ log, events }, pick) => {
        const at = pick % events.length;
        const lost = log.filter(({ cursor }) => cursor !== events[at]?.cursor);
        const [kept] = judge(events, lost, headOf(log, 0));
        expect(kept).toMatchObject({
          result: 'fail',
          witnesses: [`cursor ${events[at]?.cursor}`, `w${events[at]?.cursor}`],
        });
        const other = log.map((one) =>
          one.cursor === events[at]?.cursor ? { ...one, digest: 'x', entries: ['y'] } : one,
        );
        expect(judge(events, other, headOf(log, 0))[0].result).toBe('fail');
      }),
    );
  });

  const log = logOf(6);
  const [, two, three, four, five] = log as [StreamEvent, StreamEvent, StreamEvent, StreamEvent, StreamEvent];

  test('counts from the head on: what lies between it and the first that was seen is left out, too', () => {
    expect(judge(seen(1, three), log)[1]).toMatchObject({ result: 'fail', actual: '1 event left out: cursor 2' });
  });

  test('sees an event that comes after a newer one', () => {
    expect(judge(seen(1, two, four, three, five), log)[1].actual).toBe('1 event came after a newer one: cursor 3');
  });

  test('owes nothing behind the last that was seen, unless the client was connected, had time, and it tells of a write that was acknowledged', () => {
    const events = seen(1, two, three);
    const owed = { owed: ['w4'] };
    expect(judge(events, log, headOf(log, 1), owed)[1].result).toBe('pass');
    const settled = { ...owed, observations: [...events, { kind: 'settled', at: 9 } as const] };
    expect(judge(events, log, headOf(log, 1), settled)[1].actual).toBe(
      '1 event never came, though it was connected: cursor 4',
    );
    const nothing = { ...owed, observations: [{ kind: 'settled', at: 9 } as const] };
    expect(resultsOf([], log, headOf(log, 1), nothing)).toEqual(['inconclusive', 'fail']);
  });

  test('cannot be told without events, with more of them than are kept, or without cursors', () => {
    const opened = { kind: 'opened', at: 1, generation: 1 } as const;
    expect(resultsOf([], log, headOf(log, 1), { observations: [opened] })).toEqual(['inconclusive', 'inconclusive']);
    const dropped = [...seen(1, two), { kind: 'dropped', at: 1, events: 7 } as const];
    expect(judge([], log, headOf(log, 1), { observations: dropped })[1].actual).toBe(
      '7 more events came than a drill keeps',
    );
    const bare = [
      { cursor: null, digest: 'a', entries: [] },
      { cursor: null, digest: 'b', entries: [] },
    ];
    expect(resultsOf(seen(1, ...bare), bare, { stream: 's', events: [] })).toEqual(['pass', 'inconclusive']);
    expect(resultsOf(seen(1, ...bare), bare.slice(1), { stream: 's', events: [] })).toEqual(['fail', 'inconclusive']);
  });

  test('leaves out what a stream with cursors says without one: it is of the moment', () => {
    expect(resultsOf(seen(1, two, { cursor: null, digest: 'typing', entries: [] }, three), log)).toEqual([
      'pass',
      'pass',
    ]);
  });

  test('cannot be told of a stream that keeps no log, and says so only where nothing that came has a place', () => {
    const typing = { cursor: null, digest: 'typing', entries: [] };
    const empty = { stream: 's', events: [] };
    expect(judge(seen(1, typing), [], empty)[0].result).toBe('inconclusive');
    expect(judge(seen(1, typing, two), [], empty)[0].result).toBe('fail');
    expect(judge(seen(1, typing), [], { stream: 's', events: [typing] })[0].result).toBe('fail');
  });

  test('cannot be compared word by word where a protocol spells live otherwise than replayed', () => {
    const live = [two, three].map((event) => ({ ...event, digest: `live ${event.digest}` }));
    const [kept, order] = judge([...seen(1, ...live), ...seen(2, four)], log);
    expect([kept.result, order.result]).toEqual(['inconclusive', 'pass']);
    expect(kept.actual).toContain('in other words than it replays');
  });

  test('is nothing where nobody watched', () => {
    expect(judge([], log)).toEqual([]);
  });
});
