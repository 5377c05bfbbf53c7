import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { serveRpc } from '../../support/rpc-server.ts';

const codec = await loadCodec({ name: 'json-rpc', variant: 'rpc-websockets' });
const standard = await loadCodec({ name: 'json-rpc', variant: 'standard' });

describe('against an rpc-websockets server', () => {
  const target = fresh(serveRpc);
  const call = (id: number, method: string) => ({ jsonrpc: '2.0', method, id });

  it('pairs answers by id: the second call is answered before the first', async () => {
    const client = await openDialogue(codec, target().url);
    client.send(call(1, 'wait'), call(2, 'go'));
    expect(await client.seenLike({ id: '1' })).toEqual({
      body: { jsonrpc: '2.0', result: 'waited', id: 1 },
      type: 'result',
      role: 'ack',
      id: '1',
    });
    expect(client.messages().map(({ id }) => id)).toEqual(['2', '1']);
  });

  it('reads a notification in the form that the specification does not have', async () => {
    const client = await openDialogue(codec, target().url);
    expect(await client.ask({ do: 'subscribe', stream: 'tide' })).toEqual({ accepted: true });
    client.begin({ do: 'publish', stream: 'turn', payload: [] });
    expect(await client.seenLike({ role: 'event' })).toEqual({
      body: { notification: 'tide', params: ['high', 12] },
      type: 'tide',
      role: 'event',
      stream: 'tide',
    });
    expect(await client.ask({ do: 'unsubscribe', stream: 'tide' })).toEqual({ accepted: true });
    expect(await client.ask({ do: 'unsubscribe', stream: 'tide' })).toEqual({
      accepted: false,
      code: 'not subscribed',
    });
  });

  it('calls that form a fault where the standard is asked for', async () => {
    const client = await openDialogue(standard, target().url);
    expect(await client.ask({ do: 'subscribe', stream: 'rpc.on', payload: ['tide'] })).toEqual({ accepted: true });
    client.begin({ do: 'publish', stream: 'turn', payload: [] });
    const odd = await client.seen(({ problem }) => problem !== undefined);
    expect(odd.problem).toBe('neither a call nor a response: no method, result or error');
  });

  it('finds the refusal of an event in a result', async () => {
    const client = await openDialogue(codec, target().url);
    expect(await client.ask({ do: 'subscribe', stream: 'storm' })).toEqual({
      accepted: false,
      code: 'provided event invalid',
    });
  });

  it('reads a batch as a message for each call, errors with their code', async () => {
    const client = await openDialogue(codec, target().url);
    client.send([{ ...call(1, 'sum'), params: [2, 3] }, call(2, 'nothing'), call(3, 'go')]);
    await client.seenLike({ id: '3' });
    expect(client.messages().map(({ id, role, code }) => [id, role, code])).toEqual([
      ['1', 'ack', undefined],
      ['2', 'error', '-32601'],
      ['3', 'ack', undefined],
    ]);
  });

  it('tells what the server could not read by the error that has no id', async () => {
    const client = await openDialogue(codec, target().url);
    client.sendPayload({ kind: 'text', text: '{"jsonrpc"' });
    const error = await client.seenLike({ code: '-32700' });
    expect(error).toMatchObject({ role: 'error', type: 'error' });
    expect(error).not.toHaveProperty('id');
    expect(error).not.toHaveProperty('problem');
  });

  it('publishes by a call, whose answer is the answer', async () => {
    const client = await openDialogue(codec, target().url);
    expect(await client.ask({ do: 'publish', stream: 'sum', payload: [1, 2] })).toEqual({ accepted: true });
    expect(client.messages().at(-1)?.body).toMatchObject({ result: 3 });
    expect(await client.ask({ do: 'publish', stream: 'nothing', payload: 7 })).toEqual({
      accepted: false,
      code: '-32601',
    });
  });
});
