import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { serveGraphql } from '../../support/graphql-server.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';

const codec = { codec: 'graphql-transport-ws' };

const subscription = (id: string, query: string) => ({
  subscribe: { stream: id, payload: { query: `subscription { ${query} }` } },
});

const counts = (id: string, ...values: readonly number[]) =>
  values.map((count) => ({ type: 'next', id, payload: { data: { count } } }));

const complete = (id: string) => ({ type: 'complete', id });

/** Nobody looks before all is complete: what is missing then never comes, and there is nothing to wait for. */
const settled = { from: 'asked', within: '50ms' };

describe('a probe of graphql-ws', () => {
  const target = fresh(() => serveGraphql());

  it('passes where what was subscribed to comes in its order, and then its end', async () => {
    const steps = [
      { connect: { url: target().url } },
      { send: subscription('a', 'count(upTo: 4)') },
      { expect: { inOrder: [...counts('a', 1, 2, 3, 4), complete('a')], contiguous: true } },
    ];
    expect(conclusionOf(await judge({ ...codec, steps }))).toEqual(['pass']);
  });

  const counting = (url: string) => ({
    ...codec,
    steps: [
      { connect: { url } },
      { mark: 'asked', send: subscription('a', 'count(upTo: 4)') },
      { expect: { one: complete('a') } },
      { name: 'events', expect: { inOrder: counts('a', 1, 2, 3, 4), contiguous: true, ...settled } },
    ],
    invariants: [{ chain: { links: ['next', 'complete'], groupBy: '$id', complete: true } }, { unknownTypes: 'fail' }],
  });

  it('passes too where it looks at the end', async () => {
    expect(conclusionOf(await judge(counting(target().url)))).toEqual(['pass']);
  });

  it.each([
    [
      'is dropped',
      'drop@nth:2 in type=next',
      'events: inOrder 2 of 4 never came within 50 ms: awaited {type: "next", id: "a", payload: {"data":{"count":2}}} right behind #6; 3 frames seen since, #7 came instead and differs at payload.data.count: 3',
    ],
    [
      'comes twice',
      'duplicate@nth:2 in type=next',
      'events: inOrder 3 of 4 never came within 50 ms: awaited {type: "next", id: "a", payload: {"data":{"count":3}}} right behind #7; 4 frames seen since, #9 matches but #8 lay between #7 and it',
    ],
    [
      'is overtaken',
      'reorder@nth:2 in type=next',
      'events: inOrder 2 of 4 never came within 50 ms: awaited {type: "next", id: "a", payload: {"data":{"count":2}}} right behind #6; 4 frames seen since, #8 matches but #7 lay between #6 and it',
    ],
    [
      'comes behind the end',
      'reorder@nth:4 in type=next',
      'chain next < complete by $id, complete failed: got the chain of $id "a" on a ended with next (#10), before complete',
    ],
  ])('fails where an event %s', async (_, fault, reason) => {
    const { url, hits } = await behindFaults(target().url, fault);
    expect(conclusionOf(await judge(counting(url)))).toEqual(['fail', reason]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  /** Both hear the same numbers, so that their events alternate; no pattern names the one or the other. */
  const alternating = (url: string, groupBy: object = { groupBy: '$id' }) => {
    const numbers = [1, 2, 3];
    const inOrder = numbers.map((heard) => ({ type: 'next', payload: { data: { heard } } }));
    const expectation = { inOrder, ...groupBy, contiguous: true, ...settled };
    return {
      ...codec,
      steps: [
        { connect: { url } },
        { mark: 'asked', send: subscription('a', 'heard(upTo: 3)') },
        { send: subscription('b', 'heard(upTo: 3)') },
        { barrier: ['main'] },
        ...numbers.flatMap((n) => [
          { send: { publish: { stream: `say-${n}`, payload: { query: `mutation { say(n: ${n}) }` } } } },
          { expect: { one: complete(`say-${n}`) } },
        ]),
        { expect: { unordered: [complete('a'), complete('b')] } },
        { name: 'one', expect: expectation },
        { name: 'the other', expect: expectation },
      ],
    };
  };

  it('passes where two subscriptions alternate, and each is in order', async () => {
    expect(conclusionOf(await judge(alternating(target().url)))).toEqual(['pass']);
    expect(conclusionOf(await judge(alternating(target().url, {})))).toEqual([
      'fail',
      expect.stringMatching(/^one: inOrder 2 of 3 never came .* #\d+ matches but #\d+ lay between #\d+ and it$/),
    ]);
  });

  it('fails where one of two subscriptions lacks an event', async () => {
    const { url, hits } = await behindFaults(target().url, 'drop@nth:2 in type=next id=b');
    expect(conclusionOf(await judge(alternating(url)))).toEqual([
      'fail',
      expect.stringMatching(
        /^the other: inOrder 2 of 3 never came .* where \$id is "b" .* came instead and differs at payload.data.heard: 3$/,
      ),
    ]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  it('passes where a connection that was dropped is opened again: the protocol carries nothing over', async () => {
    const count = { send: subscription('a', 'count(upTo: 2)') };
    const all = { expect: { inOrder: [...counts('a', 1, 2), complete('a')] } };
    const back = {
      ...codec,
      steps: [
        ...[{ connect: { url: target().url } }, count, all, { disconnect: { terminate: true } }],
        ...[{ name: 'back', reconnect: { expect: 'open' } }, count, all],
      ],
    };
    expect(conclusionOf(await judge(back))).toEqual(['pass']);
  });

  it('reads the code of an error', async () => {
    const steps = [
      { connect: { url: target().url } },
      { send: { publish: { stream: 'm', payload: { query: 'mutation { shout(text: "") }' } } } },
      { expect: { one: { $type: 'next', $id: 'm', $code: 'EMPTY' } } },
      { send: subscription('s', 'tide') },
      { expect: { one: { $role: 'error', $id: 's', '$.payload[0].message': { contains: 'tide' } } } },
    ];
    expect(conclusionOf(await judge({ ...codec, steps }))).toEqual(['pass']);
  });

  const closing = [
    ['a second subscription of the same id', 4409, [subscription('a', 'wait'), subscription('a', 'wait')]],
    ['a message that the protocol has not', 4400, [{ json: { type: 'tide' } }]],
    ['a subscription before the handshake', 4401, [subscription('a', 'wait')]],
  ] as const;

  it.each(closing)('expects the close after %s: %i', async (_, code, sent) => {
    const connect = { url: target().url, handshake: code === 4401 ? 'manual' : 'auto' };
    const closes = (expected: number) =>
      judge({
        ...codec,
        steps: [{ connect }, ...sent.map((send) => ({ send })), { name: 'close', expectClose: { code: expected } }],
      });
    expect(conclusionOf(await closes(code))).toEqual(['pass']);
    expect(conclusionOf(await closes(4408))).toEqual([
      'fail',
      expect.stringContaining(`close: close code equals 4408 failed: got ${code} "`),
    ]);
  });
});
