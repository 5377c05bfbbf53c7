import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { type DialogueClientOptions, openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { serveGraphql } from '../../support/graphql-server.ts';

const codec = await loadCodec({ name: 'graphql-transport-ws', connectionParams: { token: 'let-me-in' } });

describe('against a graphql-ws server', () => {
  const params: unknown[] = [];
  const target = fresh(() =>
    serveGraphql({
      // Only the test of 4408 has a limit: a busy machine would break it elsewhere.
      connectionInitWaitTimeout: 0,
      onConnect: ({ connectionParams }) => {
        params.push(connectionParams);
        return connectionParams?.token === 'let-me-in';
      },
    }),
  );
  const converse = async (options: DialogueClientOptions = {}) => {
    const client = await openDialogue(codec, target().url, options);
    if (options.handshake !== 'manual') await client.settled();
    return client;
  };

  it('is ready once the server has taken the connection parameters', async () => {
    const client = await openDialogue(codec, target().url);
    expect(client.socket.protocol).toBe('graphql-transport-ws');
    expect(await client.settled()).toEqual({ state: 'ready' });
    expect(params.at(-1)).toEqual({ token: 'let-me-in' });
    expect(client.messages()).toEqual([{ body: { type: 'connection_ack' }, type: 'connection_ack', role: 'control' }]);
  });

  it('reads each value of a subscription as an event of the stream that is its id', async () => {
    const client = await converse();
    const query = 'subscription ($n: Int!) { count(upTo: $n) }';
    const answer = await client.ask({ do: 'subscribe', stream: 'a', payload: { query, variables: { n: 3 } } });
    expect(answer).toEqual({ accepted: true });
    await client.seenLike({ type: 'complete', stream: 'a' });
    expect(client.messages().filter(({ role }) => role === 'event')).toEqual(
      [1, 2, 3].map((n) => ({
        body: { id: 'a', type: 'next', payload: { data: { count: n } } },
        type: 'next',
        role: 'event',
        id: 'a',
        stream: 'a',
      })),
    );
  });

  it('tells the refusal of a query that the schema does not have', async () => {
    const client = await converse();
    const refusal = await client.ask({ do: 'subscribe', stream: 'b', payload: { query: 'subscription { tides }' } });
    expect(refusal).toEqual({ accepted: false, code: 'error' });
    expect((await client.seenLike({ role: 'error', stream: 'b' })).problem).toBeUndefined();
  });

  it('takes the machine code out of the errors of a result', async () => {
    const client = await converse();
    const query = 'mutation ($text: String!) { shout(text: $text) }';
    expect(await client.ask({ do: 'publish', stream: 'm', payload: { query, variables: { text: 'ahoy' } } })).toEqual({
      accepted: true,
    });
    expect((await client.seenLike({ type: 'next', stream: 'm' })).body).toMatchObject({
      payload: { data: { shout: 'AHOY' } },
    });
    client.begin({ do: 'publish', stream: 'n', payload: { query, variables: { text: '' } } });
    expect(await client.seenLike({ type: 'next', stream: 'n' })).toMatchObject({ code: 'EMPTY' });
  });

  it('may leave a subscription and take its id again', async () => {
    const client = await converse();
    const wanted = { do: 'subscribe', stream: 'w', payload: { query: 'subscription { wait }' } } as const;
    await client.ask(wanted);
    client.begin({ do: 'unsubscribe', stream: 'w' });
    expect(await client.ask(wanted)).toEqual({ accepted: true });
  });

  it('answers a ping with its payload', async () => {
    const client = await converse();
    const [peer] = target().server.clients;
    const pong = once(peer as NonNullable<typeof peer>, 'message');
    peer?.send('{"type":"ping","payload":{"n":7}}');
    expect(String((await pong)[0])).toBe('{"type":"pong","payload":{"n":7}}');
    expect(await client.seenLike({ type: 'ping' })).toMatchObject({ role: 'heartbeat' });
    expect(client.lines.at(-1)).toMatchObject({ direction: 'out', auto: true });
  });

  it('sees what the server closes with: 4400 for what it does not know, 4409 for an id in use', async () => {
    const unknown = await converse();
    unknown.send({ type: 'tell_me_everything' });
    expect((await unknown.closed()).code).toBe(4400);

    const twice = await converse();
    for (let time = 0; time < 2; time += 1) {
      twice.begin({ do: 'subscribe', stream: 'w', payload: { query: 'subscription { wait }' } });
    }
    expect((await twice.closed()).code).toBe(4409);
  });

  it('does not greet when told not to, and so is closed with 4401 for a subscription before the greeting', async () => {
    const client = await converse({ handshake: 'manual' });
    expect(client.dialogue.standing()).toEqual({ state: 'ready' });
    expect(client.lines).toEqual([]);
    client.send({ type: 'subscribe', id: 'x', payload: { query: '{ one }' } });
    expect((await client.closed()).code).toBe(4401);
  });

  it('is still greeting when the server refuses its parameters with 4403', async () => {
    const stranger = await loadCodec({ name: 'graphql-transport-ws' });
    const client = await openDialogue(stranger, target().url);
    expect((await client.closed()).code).toBe(4403);
    expect(client.dialogue.standing()).toEqual({ state: 'greeting', awaited: 'connection_ack' });
  });
});

describe('against a graphql-ws server that waits 100 ms for a greeting', () => {
  const target = fresh(() => serveGraphql({ connectionInitWaitTimeout: 100 }));

  it('is closed with 4408 when it says nothing', async () => {
    const client = await openDialogue(codec, target().url, { handshake: 'manual' });
    expect((await client.closed()).code).toBe(4408);
  });
});
