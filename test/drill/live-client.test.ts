import { describe, expect, test } from 'vitest';
import { connectionFindings, eventFinding, observedOf, seenTimes } from '../../lib/drill/live-client.ts';
import type { Observation } from '../../lib/drill/record.ts';

const opened = (at: number, generation: number): Observation => ({ kind: 'opened', at, generation });
const closed = (at: number, generation: number, more: object = {}): Observation => ({
  kind: 'closed',
  at,
  generation,
  code: 1006,
  reason: '',
  ...more,
});
const event = (at: number, generation: number, ...entries: readonly string[]): Observation => ({
  kind: 'event',
  at,
  generation,
  stream: 's',
  cursor: at,
  digest: `d${at}`,
  entries,
});
const refused: Observation = { kind: 'refused', at: 250, problem: 'connection refused' };

const back = [opened(0, 1), event(50, 1, 'w1'), closed(110, 1), refused, opened(300, 2), event(320, 2, 'w2', 'w1')];

const results = (observations: readonly Observation[], recovered = true, losesAllowed = false) =>
  connectionFindings(observations, 100, { recovered, losesAllowed }).map(({ area, result }) => `${area} ${result}`);

describe('a live client through a restart', () => {
  test('that was cut off and came back has nothing to complain of, and says when', () => {
    expect(results(back)).toEqual(['streams pass', 'liveness pass']);
    expect(connectionFindings(back, 100, { recovered: true, losesAllowed: false })[0]?.actual).toBe(
      'closed with 1006 0.01 s after the restart was asked for, connected again 0.19 s later',
    );
  });

  test.each<[string, readonly Observation[], readonly string[]]>([
    ['was never cut off shows no comeback', [opened(0, 1)], ['streams inconclusive', 'liveness pass']],
    [
      'was cut off only before the restart shows none',
      [opened(0, 1), closed(50, 1), opened(60, 2)],
      ['streams inconclusive', 'liveness pass'],
    ],
    ['never got back is a fault', back.slice(0, 4), ['streams inconclusive', 'liveness fail']],
    [
      'is idle behind a proxy that hangs up on it is none',
      [...back, closed(1_300, 2)],
      ['streams pass', 'liveness pass'],
    ],
    [
      'is cut off after a while, and refused from then on, is one',
      [...back, closed(1_300, 2), { ...refused, at: 1_400 }],
      ['streams pass', 'liveness fail'],
    ],
    [
      'hangs up after a while, for it got no sign of life, is one',
      [...back, closed(9_000, 2, { problem: 'it answers no ping any more' })],
      ['streams pass', 'liveness fail'],
    ],
    ['is cut off for good once it was back is one, too', [...back, closed(400, 2)], ['streams pass', 'liveness fail']],
    [
      'hung up by itself, between two slices, is none',
      [...back, closed(400, 2, { own: true })],
      ['streams pass', 'liveness pass'],
    ],
    [
      'could not be opened for want of a value says nothing',
      [{ ...refused, ours: true } as Observation],
      ['streams inconclusive', 'liveness inconclusive'],
    ],
    ['nobody opened says nothing at all', [], []],
  ])('that %s', (_, observations, expected) => {
    expect(results(observations)).toEqual(expected);
  });

  test('that never got back blames nobody where full function did not come back either', () => {
    expect(results(back.slice(0, 4), false)).toEqual(['streams inconclusive', 'liveness inconclusive']);
  });
});

test('a client whose cursor went with writes that the RPO allows to be lost may be refused', () => {
  const future = [...back.slice(0, 4), opened(300, 2), closed(310, 2, { problem: 'refused with FUTURE_CURSOR' })];
  expect(results(future)).toEqual(['streams pass', 'liveness fail']);
  expect(results(future, true, true)).toEqual(['streams pass', 'liveness inconclusive']);
  expect(results(back.slice(0, 4), true, true)).toEqual(['streams inconclusive', 'liveness fail']);
});

describe('the events of acknowledged writes', () => {
  const told = (owed: readonly string[], named: readonly string[] | undefined, observations = back) =>
    eventFinding(observations, owed, named).map(({ result, witnesses }) => [result, ...witnesses]);

  test('are seen live or in the log; a write without one, while others have theirs, is named', () => {
    expect(told(['w1', 'w2', 'w3'], ['w3'])).toEqual([['pass']]);
    expect(told(['w1', 'w3'], [])).toEqual([['fail', 'w3']]);
  });

  test('cannot be told where no event names a write, none was acknowledged, or a stream could not be replayed', () => {
    expect(told(['w1'], [], [opened(0, 1), event(1, 1)])).toEqual([['inconclusive']]);
    expect(told([], [])).toEqual([['inconclusive']]);
    expect(told(['w3'], undefined)).toEqual([['inconclusive', 'w3']]);
    expect(told(['w1'], [], [])).toEqual([]);
  });
});

test('what it saw is summed up: streams, connections, and the time without an event', () => {
  expect(observedOf(back, 100)).toEqual({
    streams: [{ stream: 's', events: 2, writes: 2 }],
    connections: [
      { generation: 1, openedAt: 0, closedAt: 110, code: 1006, reason: '' },
      { generation: 2, openedAt: 300 },
    ],
    silence: { from: 50, to: 320 },
    dropped: 0,
  });
  expect(observedOf([opened(0, 1)], 100)?.silence).toBeNull();
  expect(observedOf([], 100)).toBeUndefined();
  expect([...seenTimes(back)]).toEqual([
    ['w1', 50],
    ['w2', 320],
  ]);
});

test('of connections without number the first and the last are kept', () => {
  const many = Array.from({ length: 300 }, (_, n) => [opened(n, n + 1), closed(n, n + 1)]).flat();
  const { connections } = observedOf(many, 0) ?? { connections: [] };
  expect([connections.length, connections[0]?.generation, connections.at(-1)?.generation]).toEqual([100, 1, 300]);
});
