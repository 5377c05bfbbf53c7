import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { inspectNode } from '../../support/inspector-server.ts';

const codec = await loadCodec({ name: 'json-rpc', variant: 'standard' });

describe('against node --inspect', () => {
  const target = fresh(inspectNode);

  it('reads an event that comes before the answer to the call that asked for it', async () => {
    const client = await openDialogue(codec, target().url);
    client.send({ id: 1, method: 'Runtime.enable' });
    expect(await client.seenLike({ id: '1' })).toMatchObject({ type: 'result', role: 'ack' });
    const [first] = client.messages();
    const name = 'Runtime.executionContextCreated';
    expect(first).toMatchObject({ type: name, role: 'event', stream: name, body: { params: { context: { id: 1 } } } });
    // None has the member `jsonrpc`.
    expect(client.messages().filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('reads the code of a method that there is not', async () => {
    const client = await openDialogue(codec, target().url);
    client.send({ id: 7, method: 'Tide.turn', params: {} });
    expect(await client.seenLike({ id: '7' })).toMatchObject({ type: 'error', role: 'error', code: '-32601' });
  });

  it('pairs a value with the call that evaluated it', async () => {
    const client = await openDialogue(codec, target().url);
    for (const [id, expression] of ['1 + 1', '"a" + "b"'].entries()) {
      client.send({ id, method: 'Runtime.evaluate', params: { expression } });
    }
    expect((await client.seenLike({ id: '1' })).body).toMatchObject({ result: { result: { value: 'ab' } } });
    expect((await client.seenLike({ id: '0' })).body).toMatchObject({ result: { result: { value: 2 } } });
  });
});
