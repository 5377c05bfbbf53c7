import { describe, expect, test } from 'vitest';
import type { StreamHead } from '../../lib/drill/record.ts';
import { compareHeads, epochFindings } from '../../lib/drill/streams.ts';

const head = (cursors: readonly (number | string)[], acked?: number | string): StreamHead => ({
  stream: 's',
  events: cursors.map((cursor) => ({ cursor, digest: `d${cursor}` })),
  ...(acked === undefined ? {} : { acked }),
});

const failed = (before: StreamHead, after: StreamHead): readonly string[] =>
  compareHeads(before, after)
    .filter(({ result }) => result === 'fail')
    .map(({ check }) => check);

const prefix = 'the log of s before the restart is how it begins after it';
const order = 'no cursor of s is used again, and numbers only go up';

describe('a log after a restart', () => {
  test('is well when it goes on where it was, gaps between cursors and all', () => {
    expect(failed(head([1, 2, 5], 2), head([1, 2, 5, 9], 2))).toEqual([]);
  });

  test('whose numbers are texts of digits is read by their numbers', () => {
    const large = ['9', '10', '90071992547409930'];
    expect(failed(head(large, '9'), head([...large, '90071992547409931'], '10'))).toEqual([]);
    expect(failed(head(large), head([...large, '90071992547409929']))).toEqual([order]);
    expect(failed(head(large, '10'), head(large, '9'))).toEqual(['what was acknowledged of s still is']);
  });

  test.each([
    ['that lost its end', head([1, 2]), [prefix]],
    ['that lost a middle', head([1, 3, 4]), [prefix]],
    ['with another event in place of one', { ...head([]), events: [{ cursor: 1, digest: 'x' }] }, [prefix]],
    ['that uses a cursor again', head([1, 2, 3, 3]), [order]],
    ['that begins to count anew', head([1, 2, 3, 1]), [order]],
    ['that is empty', head([]), [prefix]],
  ])('%s is not', (_, after, checks) => {
    expect(failed(head([1, 2, 3]), after)).toEqual(checks);
  });

  test('cannot be told where nothing was in it before', () => {
    expect(compareHeads(head([]), head([1]))[0]).toMatchObject({ check: prefix, result: 'inconclusive' });
  });

  test.each([
    [2, 1, 1],
    [2, undefined, 1],
    [2, 3, 0],
    [undefined, undefined, 0],
  ])('that had acknowledged %s and now has %s breaks %s checks', (before, after, breaks) => {
    expect(failed(head([1], before), head([1], after))).toHaveLength(breaks);
  });
});

test('another epoch is another history', () => {
  const results = (before: string | undefined, after: string | undefined) => {
    const see = (epoch: string | undefined) => [{ at: 0, ...(epoch === undefined ? {} : { epoch }) }];
    return epochFindings(see(before), see(after)).map(({ result }) => result);
  };
  expect([results('a', 'a'), results('a', 'b'), results('a', undefined), results(undefined, 'b')]).toEqual([
    ['pass'],
    ['fail'],
    ['inconclusive'],
    [],
  ]);
});
