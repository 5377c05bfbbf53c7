import { describe, expect, it } from 'vitest';
import { converse, keepTargets, lastStep, passOf, say, serveWebsocket } from '../support/websocket-target.ts';
import { changesOf, docOf, stepTwoFrame, updateFrame } from '../support/yjs.ts';

const keep = keepTargets();

describe('ends of one document, whose server keeps an edit to itself', () => {
  const doc = docOf(7);
  const [before, edit] = changesOf(doc, () => {
    doc.getText('t').insert(0, 'a');
    doc.getText('t').insert(1, 'b');
  }) as [Uint8Array, Uint8Array];
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const spellings = [
    ['published', { publish: { stream: 'doc', payload: base64(edit) } }],
    ['as a message', { json: { type: 'update', update: base64(edit) } }],
    ['as bytes', { binary: base64(updateFrame(edit)) }],
  ] as const;

  it.each(spellings)('do not converge on what they held before the edit was sent: %s', async (_, payload) => {
    const url = await keep(serveWebsocket((socket) => socket.send(stepTwoFrame(docOf(8, before)))));
    const steps = [
      { connect: { as: 'a', url } },
      { connect: { as: 'b', url } },
      { send: { as: 'a', ...payload } },
      { converge: { as: ['a', 'b'], within: '100ms' } },
    ];
    const { checks } = lastStep(await converse(steps, { codec: 'yjs' }));
    expect(checks).toMatchObject([
      { result: 'fail', actual: 'after 100 ms a holds 7:0-2 deleted ; b holds 7:0-1 deleted ' },
    ]);
  });
});

describe('a close that a step has claimed', () => {
  it('is not that of the next iteration, in which the server did nothing', async () => {
    const url = await keep(serveWebsocket((socket) => socket.close(4001)));
    const steps = [
      { connect: { url } },
      { soak: { iterations: 3, fresh: 'none', steps: [{ name: 'kicked', expectClose: { code: 4001 } }] } },
    ];
    expect(lastStep(await converse(steps)).checks).toMatchObject([
      { result: 'fail', actual: expect.stringMatching(/^iteration 2 at "kicked": .*4001.* claimed before/) },
    ]);
  });

  it('is a new one on the connection that was opened again', async () => {
    const url = await keep(serveWebsocket((socket) => socket.close(4001)));
    const expectClose = { expectClose: { code: 4001 } };
    const steps = [{ connect: { url } }, expectClose, { reconnect: { expect: 'open' } }, expectClose];
    expect(passOf(await converse(steps)).steps.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
  });
});

describe('a connection that was opened again', () => {
  it('does not show that the one before it tolerated an unknown type', async () => {
    const known = { codec: { json: { types: ['hello'] } }, invariants: [{ unknownTypes: 'tolerate' }] };
    let opened = 0;
    const url = await keep(
      serveWebsocket((socket) => {
        opened += 1;
        say(socket, { type: opened === 1 ? 'future' : 'hello' });
        if (opened === 1) socket.close(1000);
      }),
    );
    const steps = [
      { connect: { url } },
      { expectClose: { code: 1000 } },
      { reconnect: { expect: 'open' } },
      { expect: { one: { type: 'hello' } } },
    ];
    const { checks } = passOf(await converse(steps, known));
    expect(checks.map(({ name, result }) => [name, result])).toEqual([['unknownTypes tolerate', 'inconclusive']]);
  });
});
