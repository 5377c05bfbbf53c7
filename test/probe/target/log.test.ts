import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestJson } from '../../../lib/probe/target/digest.ts';
import { judgePrefix, judgeResumption, type Log } from '../../../lib/probe/target/stream/log.ts';

const plain = (text: string) => text;

const logOf = (...words: readonly (readonly [cursor: number | null, word: string])[]): Log =>
  words.map(([cursor, word]) => ({ cursor, digest: digestJson({ cursor, word }) }));

const four = logOf([1, 'a'], [2, 'b'], [3, 'c'], [4, 'd']);

describe('a log from before a restart', () => {
  it('is a prefix of itself, whatever has come since', () => {
    const words = fc.array(fc.string(), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.array(fc.string(), { maxLength: 5 }), (before, since) => {
        const all = logOf(...[...before, ...since].map((word, at) => [at + 1, word] as const));
        expect(judgePrefix(all.slice(0, before.length), all, plain).result).toBe('pass');
      }),
    );
  });

  it('is no prefix once any event is gone, changed, or changes its place', () => {
    const log = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(log, fc.nat(), fc.constantFrom('drop', 'change', 'swap'), (words, pick, how) => {
        const before = logOf(...words.map((word, at) => [at + 1, word] as const));
        const at = pick % words.length;
        const other = (at + 1) % words.length;
        const after = before.flatMap((event, index) => {
          if (how === 'drop') return index === at ? [] : [event];
          if (how === 'change') return index === at ? [{ ...event, digest: 'other' }] : [event];
          return [before[index === at ? other : index === other ? at : index] ?? event];
        });
        expect(judgePrefix(before, after, plain).result).toBe('fail');
      }),
    );
  });

  it.each<[string, Log, string, readonly string[]]>([
    ['lost its end', four.slice(0, 2), '2 of 4 events gone: cursor 3, cursor 4', ['cursor 3', 'cursor 4']],
    ['has a hole', four.toSpliced(1, 1), '1 of 4 events gone: cursor 2', ['cursor 2']],
    [
      'says something else',
      logOf([1, 'a'], [2, 'x'], [3, 'c'], [4, 'd']),
      '1 event with other content: cursor 2',
      ['cursor 2'],
    ],
    [
      'was added to',
      four.toSpliced(2, 0, { cursor: 9, digest: 'x' }),
      '1 event in between that nobody had seen: cursor 9',
      ['cursor 9'],
    ],
    [
      'changed its order',
      [four[1], four[0], four[2], four[3]].filter((one) => one !== undefined),
      'the order is another from cursor 1 on',
      ['cursor 1'],
    ],
  ])('that %s is told where', (_, after, actual, witnesses) => {
    expect(judgePrefix(four, after, plain)).toEqual({ result: 'fail', actual, witnesses });
  });

  it('without an event proves nothing', () => {
    expect(judgePrefix([], four, plain).result).toBe('inconclusive');
  });

  it('without cursors is told by what its events say', () => {
    const bare = logOf([null, 'a'], [null, 'b']);
    expect(judgePrefix(bare, bare, plain).result).toBe('pass');
    expect(judgePrefix(bare, bare.slice(0, 1), plain)).toMatchObject({
      result: 'fail',
      witnesses: [/^event [0-9a-f]{12}$/].map((one) => expect.stringMatching(one)),
    });
  });
});

describe('what a client is given that goes on from a cursor', () => {
  it('is the rest of the log, with the event at the cursor or without', () => {
    expect(judgeResumption(2, four.slice(2), four, plain).result).toBe('pass');
    expect(judgeResumption(2, four.slice(1), four, plain).result).toBe('pass');
  });

  it('is not enough when an event is missing, and proves nothing when there is none to come', () => {
    expect(judgeResumption(2, four.slice(3), four, plain)).toMatchObject({ result: 'fail', witnesses: ['cursor 3'] });
    expect(judgeResumption(4, [], four, plain).result).toBe('inconclusive');
    expect(judgeResumption(7, [], four, plain)).toMatchObject({ result: 'fail', actual: 'cursor 7 is gone' });
  });
});
