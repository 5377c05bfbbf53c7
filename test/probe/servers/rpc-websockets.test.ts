import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { serveRpc } from '../../support/rpc-server.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';

const codec = { codec: { 'json-rpc': { variant: 'rpc-websockets' } } };

const call = (id: number, method: string, ...params: readonly unknown[]) => ({
  send: { json: { jsonrpc: '2.0', method, params, id } },
});

describe('a probe of rpc-websockets', () => {
  const target = fresh(serveRpc);

  /** `wait` is answered when `go` has come, and so behind it. */
  const crossed = (url: string, ...expected: readonly object[]) => ({
    ...codec,
    steps: [{ connect: { url } }, { mark: 'asked', ...call(1, 'wait') }, call(2, 'go'), ...expected],
    invariants: [{ noDuplicates: { key: '$id' } }],
  });
  const answers = { expect: { unordered: [{ $id: '1' }, { $id: '2' }] } };

  it('passes where answers come in another order than their questions', async () => {
    expect(conclusionOf(await judge(crossed(target().url, answers)))).toEqual(['pass']);
    const inOrder = [{ $id: '1' }, { $id: '2' }];
    const sentinel = [call(3, 'sum', 1), { expect: { one: { id: 3 } } }];
    const ordered = crossed(target().url, ...sentinel, {
      name: 'order',
      expect: { inOrder, from: 'asked', within: '50ms' },
    });
    expect(conclusionOf(await judge(ordered))).toEqual([
      'fail',
      expect.stringMatching(
        /^order: inOrder 2 of 2 never came .* #\d+ matches but came before 1 of 2 \(#\d+\): out of order$/,
      ),
    ]);
  });

  it('fails where an answer comes twice', async () => {
    const { url, hits } = await behindFaults(target().url, 'duplicate in id=1');
    expect(conclusionOf(await judge(crossed(url, answers)))).toEqual([
      'fail',
      expect.stringMatching(/^noDuplicates \$id failed: got \$id "1" came twice: frames #\d+ and #\d+$/),
    ]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  /** The notification comes before the answer to the call that caused it. */
  const notified = (url: string) => ({
    ...codec,
    steps: [
      { connect: { url } },
      { send: { subscribe: { stream: 'tide' } } },
      { expect: { one: { $role: 'ack', '$.result.tide': 'ok' } } },
      { mark: 'turned', ...call(1, 'turn') },
      { expect: { one: { id: 1, result: 'turned' } } },
      { name: 'notified', expect: { one: { $type: 'tide', params: ['high', 12] }, from: 'turned', within: '50ms' } },
    ],
  });

  it('passes where a notification comes to whoever asked for it', async () => {
    expect(conclusionOf(await judge(notified(target().url)))).toEqual(['pass']);
  });

  it.each([
    [
      'is lost',
      'drop in notification=tide',
      'notified: one never came within 50 ms: awaited {params: ["high",12], $type equals "tide"}; 1 frame seen since, nearest #6 differs at params: absent',
    ],
    [
      'says something else',
      'frame:corrupt=params.0:"low" in notification=tide',
      'notified: one never came within 50 ms: awaited {params: ["high",12], $type equals "tide"}; 2 frames seen since, nearest #6 differs at params: ["low",12]',
    ],
  ])('fails where a notification %s', async (_, fault, reason) => {
    const { url, hits } = await behindFaults(target().url, fault);
    expect(conclusionOf(await judge(notified(url)))).toEqual(['fail', reason]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  const refused = (url: string) => ({
    ...codec,
    steps: [
      { connect: { url } },
      { mark: 'asked', ...call(1, 'storm') },
      { send: { text: '{"jsonrpc"' } },
      { expect: { one: { $role: 'error', $code: '-32700' } } },
      {
        name: 'unknown',
        expect: { one: { $role: 'error', $id: '1', $code: '-32601' }, from: 'asked', within: '50ms' },
      },
    ],
  });

  it('passes where a call that cannot be is refused with its code', async () => {
    expect(conclusionOf(await judge(refused(target().url)))).toEqual(['pass']);
  });

  it('fails where the code is another', async () => {
    const { url, hits } = await behindFaults(target().url, 'frame:corrupt=error.code:-32000 in id=1');
    expect(conclusionOf(await judge(refused(url)))).toEqual([
      'fail',
      expect.stringMatching(
        /^unknown: one never came .* 2 frames seen since, nearest #\d+ differs at \$code: "-32000"$/,
      ),
    ]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });
});
