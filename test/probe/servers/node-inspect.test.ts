import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { inspectNode } from '../../support/inspector-server.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';

/** The Chrome DevTools Protocol, which no codec knows, in the words of a dialect. */
const codec = {
  json: {
    fields: { type: 'method', stream: 'method', code: '$.error.code' },
    roles: {
      ack: { '$.result': { exists: true } },
      error: { '$.error': { exists: true } },
      event: { '$.method': { exists: true } },
    },
    operations: {
      subscribe: { id: '{{op.id}}', method: '{{op.stream}}.enable' },
      unsubscribe: { id: '{{op.id}}', method: '{{op.stream}}.disable' },
      publish: { id: '{{op.id}}', method: '{{op.stream}}', params: '{{op.payload}}' },
    },
  },
};

describe('a probe of node --inspect', () => {
  const target = fresh(inspectNode);

  const debugged = (url: string) => ({
    codec,
    steps: [
      { connect: { url } },
      { mark: 'enabled', send: { subscribe: { stream: 'Runtime' } } },
      { send: { json: { id: 1, method: 'Tide.turn' } } },
      { expect: { one: { $id: '1' } } },
      {
        name: 'event, then answer',
        expect: {
          inOrder: [{ $type: 'Runtime.executionContextCreated' }, { $role: 'ack', result: {} }],
          from: 'enabled',
          within: '50ms',
        },
      },
    ],
  });

  it('passes where an event comes before the answer to what asked for it', async () => {
    expect(conclusionOf(await judge(debugged(target().url)))).toEqual(['pass']);
  });

  it.each([
    [
      'is lost',
      'drop',
      /^event, then answer: inOrder 1 of 2 never came .* awaited \{\$type equals "Runtime.executionContextCreated"\}/,
    ],
    [
      'comes behind it',
      'reorder',
      /^event, then answer: inOrder 2 of 2 never came .* #\d+ matches but came before 1 of 2 \(#\d+\): out of order/,
    ],
  ])('fails where the event %s', async (_, fault, reason) => {
    const { url, hits } = await behindFaults(target().url, `${fault} in method="Runtime.executionContextCreated"`);
    expect(conclusionOf(await judge(debugged(url)))).toEqual(['fail', expect.stringMatching(reason)]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  const called = (url: string) => ({
    codec,
    steps: [
      { connect: { url } },
      { mark: 'called', send: { json: { id: 1, method: 'Tide.turn' } } },
      { send: { publish: { stream: 'Runtime.evaluate', payload: { expression: '6 * 7' } } } },
      { expect: { one: { '$.result.result.value': 42 } } },
      {
        name: 'unknown',
        expect: { one: { $role: 'error', $id: '1', $code: '-32601' }, from: 'called', within: '50ms' },
      },
    ],
  });

  it('passes where a method that there is not is refused with its code', async () => {
    expect(conclusionOf(await judge(called(target().url)))).toEqual(['pass']);
  });

  it('fails where the code is another', async () => {
    const { url, hits } = await behindFaults(target().url, 'frame:corrupt=error.code:-32000 in id=1');
    expect(conclusionOf(await judge(called(url)))).toEqual([
      'fail',
      // It takes a ping for an error, and hangs up; on a busy machine not before we give up on the answer.
      expect.stringMatching(
        /^unknown: one never came .* differs at \$code: "-32000"; the connection (broke off when it was pinged|is silent: not even a ping was answered)$/,
      ),
    ]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  it('passes where a reconnect asks for the same events again, and they come', async () => {
    const created = { expect: { one: { $type: 'Runtime.executionContextCreated' } } };
    const [connect, subscribe] = debugged(target().url).steps;
    const steps = [connect, subscribe, created, { disconnect: {} }, { reconnect: { expect: 'open' } }, created];
    const run = await judge({ codec, steps });
    expect(conclusionOf(run)).toEqual(['pass']);
  });
});
