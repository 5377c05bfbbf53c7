import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor, Json, ReplayAssertion } from '../../lib/config/plan.ts';
import type { Message } from '../../lib/sequence/codec/codec.ts';
import { createJournal, type Entry } from '../../lib/sequence/journal.ts';
import { createCollector, judgeReplay, type ReplayedStream, type StreamEvent } from '../../lib/sequence/replay.ts';

const asIs = (text: string) => text;

type Told = { readonly cursor?: Cursor; readonly title?: Json; readonly on?: string; readonly generation?: number };

/** Events as frames from `firstN` on. */
const events = (firstN: number, told: readonly Told[]): readonly StreamEvent[] =>
  told.map(({ cursor, title = `note ${JSON.stringify(cursor)}`, on = 'a', generation = 1 }, index) => ({
    n: firstN + index,
    connection: on,
    generation,
    message: { body: { type: 'event', title }, stream: 's', ...(cursor === undefined ? {} : { cursor }) },
  }));

const cursors = (...all: readonly Cursor[]): readonly Told[] => all.map((cursor) => ({ cursor }));

/** Live frames are #1 and on, replayed ones #101 and on, what came live meanwhile #201 and on. */
const replayOf = (
  replayed: readonly Told[],
  {
    live = [],
    meanwhile = [],
    ...more
  }: { live?: readonly Told[]; meanwhile?: readonly Told[] } & Partial<
    Pick<ReplayedStream, 'from' | 'to' | 'lost'>
  > = {},
): ReplayedStream => ({
  stream: 's',
  from: 0,
  startN: 100,
  lost: 0,
  ...more,
  replayed: events(101, replayed),
  live: [...events(1, live), ...events(201, meanwhile)],
});

const judge = (assertion: ReplayAssertion, replay: ReplayedStream) => judgeReplay(assertion, replay, asIs);
const verdict = (assertion: ReplayAssertion, replay: ReplayedStream) => {
  const { result, sentence } = judge(assertion, replay);
  return `${result}: ${sentence}`;
};

describe('equalsLive', () => {
  const live = cursors(1, 2, 3, 4);

  it('holds when the same bodies come in the same order', () => {
    expect(verdict('equalsLive', replayOf(live, { live }))).toBe('pass: 4 events, cursor 1 to 4');
  });

  it('looks at what came live from the cursor on, and not before', () => {
    expect(verdict('equalsLive', replayOf(cursors(3, 4), { live, from: 2 }))).toBe('pass: 2 events, cursor 3 to 4');
  });

  it('says no to a body that differs, with the place, both values and both frames', () => {
    const replay = replayOf([...cursors(1), { cursor: 2, title: 'other' }, ...cursors(3, 4)], { live });
    expect(judge('equalsLive', replay)).toEqual({
      result: 'fail',
      sentence: 'cursor 2 differs at $.title: #102 has "other", live #2 had "note 2"',
      frames: [2, 102],
    });
  });

  it('says no to one that is missing, in the middle and at the end', () => {
    expect(judge('equalsLive', replayOf(cursors(1, 3), { live }))).toEqual({
      result: 'fail',
      sentence: 'cursor 2 (live #2) is missing; cursor 4 (live #4) is missing',
      frames: [2, 4],
    });
  });

  it('says no when none of what came live is replayed', () => {
    expect(verdict('equalsLive', replayOf([], { live: cursors(1) }))).toBe('fail: cursor 1 (live #1) is missing');
  });

  it('says no to one that never came live', () => {
    const replay = replayOf(live, { live: cursors(1, 3, 4) });
    expect(verdict('equalsLive', replay)).toBe('fail: cursor 2 (#102) never came live');
  });

  it('says no to one that comes twice', () => {
    const replay = replayOf(cursors(1, 2, 2, 3, 4), { live });
    expect(verdict('equalsLive', replay)).toBe('fail: cursor 2 (#102) came again in #103');
  });

  it('says no to another order, and names both pairs', () => {
    const replay = replayOf(cursors(1, 3, 2, 4), { live });
    expect(judge('equalsLive', replay)).toEqual({
      result: 'fail',
      sentence: 'cursor 2 (#103) came after 3 (#102), live before it (#2, #3)',
      frames: [2, 3, 102, 103],
    });
  });

  it('names three faults and counts the rest', () => {
    const replay = replayOf(cursors(1), { live: cursors(1, 2, 3, 4, 5, 6) });
    expect(verdict('equalsLive', replay)).toMatch(/^fail: .*cursor 4 \(live #4\) is missing \(and 2 more\)$/);
  });

  it('takes what came live on any connection, each with an order of its own', () => {
    const late = [
      { cursor: 3, on: 'b' },
      { cursor: 1, on: 'c' },
      { cursor: 2, on: 'c' },
      { cursor: 3, on: 'c' },
    ];
    expect(judge('equalsLive', replayOf(cursors(1, 2, 3), { live: late })).result).toBe('pass');
  });

  it('says no when one of two connections saw another body', () => {
    const twoSided = [...cursors(1), { cursor: 1, on: 'b', title: 'b saw this' }];
    expect(verdict('equalsLive', replayOf(cursors(1), { live: twoSided }))).toContain('live #2 had "b saw this"');
  });

  it('lets the event at the cursor itself come or not', () => {
    expect(judge('equalsLive', replayOf(cursors(2, 3, 4), { live, from: 2 })).result).toBe('pass');
    expect(judge('equalsLive', replayOf(cursors(3, 4), { live, from: 2 })).result).toBe('pass');
  });

  it('cannot tell where that is all there is to compare: a server that only repeats its latest would do as well', () => {
    const alone =
      'inconclusive: only the event at 4 itself came live: nothing behind it is there to hold the replay against';
    expect(verdict('equalsLive', replayOf(cursors(4), { live, from: 4 }))).toBe(alone);
    expect(judge('equalsLive', replayOf([{ cursor: 4, title: 'other' }], { live, from: 4 })).result).toBe('fail');
  });

  it('is not confused by what is newer than all that came live', () => {
    const replay = replayOf(cursors(1, 2, 3, 4, 5), { live });
    expect(verdict('equalsLive', replay)).toBe(
      'pass: 4 events, cursor 1 to 4, and 1 event newer than all that came live',
    );
  });

  it('holds what is newer against what another connection saw meanwhile', () => {
    const meanwhile = [{ cursor: 5, on: 'b', title: 'other' }];
    expect(verdict('equalsLive', replayOf(cursors(1, 2, 3, 4, 5), { live, meanwhile }))).toContain('cursor 5 differs');
    expect(judge('equalsLive', replayOf(cursors(1, 2, 3, 4), { live, meanwhile })).result).toBe('pass');
  });

  it('says no to one that never came live below the last cursor asked for', () => {
    expect(verdict('equalsLive', replayOf(cursors(1, 2, 3, 4, 5), { live, to: 5 }))).toBe(
      'fail: cursor 5 (#105) never came live',
    );
  });

  it('owes nothing beyond the last cursor asked for', () => {
    expect(judge('equalsLive', replayOf(cursors(1, 2), { live, to: 2 })).result).toBe('pass');
  });

  it('places cursors that are no numbers by where they came', () => {
    const letters = cursors('k', 'x', 'b', 'q');
    expect(judge('equalsLive', replayOf(cursors('b', 'q'), { live: letters, from: 'x' })).result).toBe('pass');
    expect(verdict('equalsLive', replayOf(cursors('q'), { live: letters, from: 'x' }))).toBe(
      'fail: cursor "b" (live #3) is missing',
    );
    expect(judge('equalsLive', replayOf(cursors('b'), { live: letters, from: 'x', to: 'b' })).result).toBe('pass');
    expect(judge('equalsLive', replayOf(cursors('b', 'q', 'new'), { live: letters, from: 'x' })).result).toBe('pass');
  });

  it('cannot tell where nothing came live from the cursor on', () => {
    expect(verdict('equalsLive', replayOf(cursors(8), { live, from: 7 }))).toBe(
      'inconclusive: nothing that came live from 7 on is there to hold the replay against',
    );
  });

  it('cannot tell of an extra event when the journal has let go of messages', () => {
    const replay = replayOf(live, { live: cursors(2, 3, 4), lost: 7 });
    expect(verdict('equalsLive', replay)).toBe(
      'inconclusive: 1 event cannot be held against what came live: the journal has let go of 7 messages',
    );
    const known = replayOf(cursors(2, 3), { live: cursors(1, 3), from: 1, lost: 7 });
    expect(judge('equalsLive', known).result).toBe('fail');
    const missing = replayOf(cursors(1), { live: cursors(1, 2), lost: 7 });
    expect(judge('equalsLive', missing).result).toBe('fail');
  });
});

describe('gapless', () => {
  it('wants every whole number, from right behind the cursor or from the cursor itself', () => {
    expect(verdict('gapless', replayOf(cursors(5, 6, 7), { from: 4 }))).toBe('pass: 3 events, cursor 5 to 7');
    expect(judge('gapless', replayOf(cursors(4, 5), { from: 4 })).result).toBe('pass');
  });

  it('says no to a hole, with the frames on both sides', () => {
    expect(judge('gapless', replayOf(cursors(1, 2, 5)))).toEqual({
      result: 'fail',
      sentence: 'cursors 3 to 4 are missing (#102, #103)',
      frames: [102, 103],
    });
  });

  it('says no to a hole at the beginning and to one at the end', () => {
    expect(verdict('gapless', replayOf(cursors(2, 3)))).toBe('fail: cursor 1 is missing (#101)');
    expect(verdict('gapless', replayOf(cursors(1, 2), { to: 4 }))).toBe('fail: cursors 3 to 4 are missing (#102)');
  });

  it('leaves order and repetition to others', () => {
    expect(judge('gapless', replayOf(cursors(2, 1, 3, 3))).result).toBe('pass');
  });

  it('reads numbers in texts, beyond 2^53 too', () => {
    const from = '90071992547409930';
    expect(judge('gapless', replayOf(cursors('90071992547409931', '90071992547409932'), { from })).result).toBe('pass');
    expect(judge('gapless', replayOf(cursors('90071992547409931', '90071992547409933'), { from })).result).toBe('fail');
  });

  it('says no to a cursor that is no whole number', () => {
    expect(verdict('gapless', replayOf(cursors(1, 'two')))).toBe('fail: cursor "two" (#102) is no whole number');
    expect(verdict('gapless', replayOf(cursors(1, 1.5)))).toBe('fail: cursor 1.5 (#102) is no whole number');
  });

  it('cannot tell of the beginning when the cursor asked for is no number', () => {
    expect(verdict('gapless', replayOf(cursors(1, 2), { from: 'earliest' }))).toBe(
      'inconclusive: 2 events, cursor 1 to 2, but "earliest" is no whole number: the beginning cannot be told',
    );
  });
});

describe('the other assertions', () => {
  it('noDuplicates says no to a cursor that comes twice, whatever lies between', () => {
    expect(judge('noDuplicates', replayOf(cursors(1, 2, 3))).result).toBe('pass');
    expect(judge('noDuplicates', replayOf(cursors(1, 2, '1')))).toEqual({
      result: 'fail',
      sentence: 'cursor "1" came in #101 and again in #103',
      frames: [101, 103],
    });
  });

  it('ascending says no to a cursor below the one before it', () => {
    expect(judge('ascending', replayOf(cursors(1, 5, 5, 9))).result).toBe('pass');
    expect(judge('ascending', replayOf(cursors(1, 5, 4)))).toEqual({
      result: 'fail',
      sentence: 'cursor went from 5 (#102) to 4 (#103)',
      frames: [102, 103],
    });
    expect(judge('ascending', replayOf(cursors('a', 'b'))).result).toBe('fail');
  });

  it('ascending cannot tell from one event', () => {
    expect(verdict('ascending', replayOf(cursors(1)))).toBe(
      'inconclusive: only one event was replayed: there is no order to see',
    );
  });

  it('exclusiveOfCursor says no to the event at the cursor, and to one before it', () => {
    expect(judge('exclusiveOfCursor', replayOf(cursors(5, 6), { from: 4 })).result).toBe('pass');
    expect(verdict('exclusiveOfCursor', replayOf(cursors(4, 5), { from: 4 }))).toBe(
      'fail: cursor 4 (#101) came, and 4 was asked for',
    );
    expect(judge('exclusiveOfCursor', replayOf(cursors(3, 5), { from: 4 })).result).toBe('fail');
  });

  it('exclusiveOfCursor cannot tell where there was nothing to leave out', () => {
    expect(verdict('exclusiveOfCursor', replayOf(cursors(1, 2)))).toBe(
      'inconclusive: 2 events, cursor 1 to 2, but nobody has seen an event at 0: there was none to leave out',
    );
    expect(judge('exclusiveOfCursor', replayOf(cursors(1), { live: cursors(0, 1) })).result).toBe('pass');
    expect(judge('exclusiveOfCursor', replayOf(cursors('b'), { from: 'a' })).result).toBe('inconclusive');
    expect(judge('exclusiveOfCursor', replayOf(cursors('b'), { from: 'a', live: cursors('a') })).result).toBe('pass');
  });

  it('inclusiveOfCursor wants the event at the cursor first', () => {
    expect(judge('inclusiveOfCursor', replayOf(cursors(4, 5), { from: '4' })).result).toBe('pass');
    expect(verdict('inclusiveOfCursor', replayOf(cursors(5, 4), { from: 4 }))).toBe(
      'fail: the first is cursor 5 (#101), not 4',
    );
  });
});

const assertions: readonly ReplayAssertion[] = [
  'equalsLive',
  'gapless',
  'noDuplicates',
  'ascending',
  'exclusiveOfCursor',
  'inclusiveOfCursor',
];

describe('too little evidence', () => {
  it.each(assertions)('%s cannot tell of a replay without events', (assertion) => {
    expect(judge(assertion, replayOf([]))).toMatchObject({ result: 'inconclusive' });
  });

  it.each(assertions)('%s cannot tell of events without a cursor', (assertion) => {
    const replay = replayOf([{ title: 'x' }, ...cursors(1, 2)], { live: cursors(1, 2) });
    expect(verdict(assertion, replay)).toBe(
      'inconclusive: 1 of 3 replayed events came without a cursor, the first is #101',
    );
  });

  it.each(assertions)('%s cannot tell of numbers that JSON has rounded', (assertion) => {
    const replay = replayOf(cursors(2 ** 53 + 2, 2 ** 53 + 2), { live: cursors(1) });
    expect(verdict(assertion, replay)).toContain('inconclusive: cursor 9007199254740994 (#101) is beyond 2^53');
  });
});

describe('any stream', () => {
  const runs = fc.record({ from: fc.integer({ min: 1, max: 50 }), size: fc.integer({ min: 3, max: 30 }) });
  const soundOf = ({ from, size }: { from: number; size: number }) =>
    cursors(...Array.from({ length: size }, (_, index) => from + 1 + index));
  const asked: readonly ReplayAssertion[] = ['equalsLive', 'gapless', 'noDuplicates', 'ascending', 'exclusiveOfCursor'];

  it('passes all that it should when it is replayed as it came', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const live = soundOf(run);
        for (const assertion of asked) {
          expect(judge(assertion, replayOf(live, { live, from: run.from })).result).toBe('pass');
        }
      }),
    );
  });

  it('fails the assertions that a fault concerns, and no other', () => {
    const faults = {
      drop: ['equalsLive', 'gapless'],
      repeat: ['equalsLive', 'noDuplicates'],
      swap: ['equalsLive', 'ascending'],
      corrupt: ['equalsLive'],
    } as const;
    const fault = fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[]));
    fc.assert(
      fc.property(runs, fault, fc.nat(), (run, kind, pick) => {
        const live = soundOf(run);
        // The last one dropped is nobody's gap; and the last has none behind it to change places with.
        const index = pick % (live.length - 1);
        const [here = {}, next = {}] = live.slice(index, index + 2);
        const broken = {
          drop: live.toSpliced(index, 1),
          repeat: live.toSpliced(index, 0, here),
          swap: live.toSpliced(index, 2, next, here),
          corrupt: live.toSpliced(index, 1, { ...here, title: 'corrupted' }),
        }[kind];
        const replay = replayOf(broken, { live, from: run.from });
        expect(asked.filter((assertion) => judge(assertion, replay).result === 'fail')).toEqual([...faults[kind]]);
      }),
    );
  });
});

/** Messages as entries of a journal, one frame each. */
const entriesOf = (messages: readonly Message[]): readonly Entry[] => {
  let next = 0;
  const journal = createJournal(() => messages.slice(next, ++next));
  const generation = journal.begin('a');
  for (const [at] of messages.entries()) journal.append({ connection: 'a', generation, at, direction: 'in', raw: '' });
  return journal.entriesOf('a').since(0);
};

const event = (stream: string, cursor: number): Message => ({ body: { cursor }, stream, cursor });
const answer: Message = { body: 'subscribed', role: 'ack', stream: 's', cursor: 99 };

describe('a collector', () => {
  const cursorsOf = (collector: ReturnType<typeof createCollector>) =>
    collector.gathered().map(({ events: gathered }) => gathered.map(({ message }) => message?.cursor));
  const feed = (collector: ReturnType<typeof createCollector>, messages: readonly Message[]) =>
    entriesOf(messages).map((entry) => collector.take(entry));
  const accepting = (_: string, message: Message) => (message === answer ? ({ accepted: true } as const) : undefined);

  it('takes the events of its streams and their answers, and leaves the rest to others', () => {
    const collector = createCollector(['s', 't'], { quiet: true }, accepting);
    const heartbeat: Message = { body: 'tick', role: 'heartbeat', stream: 's' };
    const unreadable: Message = { body: '?', stream: 's', problem: 'not JSON' };
    const taken = feed(collector, [answer, event('s', 1), event('other', 1), heartbeat, unreadable, event('t', 1)]);
    expect(taken).toEqual([true, true, false, false, false, true]);
    expect(cursorsOf(collector)).toEqual([[1], [1]]);
    expect(collector.ended()).toBe(false);
  });

  it('ends each stream at its cursor, whatever came before it, and takes of what follows only what repeats it', () => {
    const collector = createCollector(['s', 't'], { cursor: 2 }, accepting);
    feed(collector, [event('s', 3), event('s', 1), event('s', 2), event('s', 4), event('s', 1)]);
    expect(collector.ended()).toBe(false);
    feed(collector, [event('t', 2)]);
    expect(collector.ended()).toBe(true);
    expect(cursorsOf(collector)).toEqual([[1, 2, 1], [2]]);
  });

  it('ends all streams with a message that belongs to none', () => {
    const collector = createCollector(['s', 't'], { matches: ({ body }) => body === 'end' }, accepting);
    feed(collector, [event('s', 1), { body: 'end' }, event('s', 2), event('t', 1)]);
    expect(collector.ended()).toBe(true);
    expect(cursorsOf(collector)).toEqual([[1], []]);
  });

  it('ends one stream with an event of it, which is then its last', () => {
    const collector = createCollector(['s', 't'], { matches: ({ cursor }) => cursor === 2 }, accepting);
    feed(collector, [event('s', 2), event('t', 1), event('s', 3)]);
    expect(collector.ended()).toBe(false);
    expect(collector.gathered()[0]).toMatchObject({ to: 2 });
    expect(cursorsOf(collector)).toEqual([[2], [1]]);
  });

  it('ends a stream that is refused', () => {
    const collector = createCollector(['s'], { cursor: 9 }, () => ({ accepted: false, code: 'STALE' }));
    feed(collector, [answer]);
    expect(collector.ended()).toBe(true);
    expect(collector.gathered()).toMatchObject([{ refused: { code: 'STALE' } }]);
  });
});
