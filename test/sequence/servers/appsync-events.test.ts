import { expect, it, onTestFinished } from 'vitest';
import type { Json } from '../../../lib/config/plan.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts';
import { describeWithEmulator } from '../../support/emulator/suite.ts';
import { shared } from '../../support/fresh.ts';

/** Wants a key that it knows, and says `ka` sooner than in a minute. */
const env = { APPSYNC_EVENTS_ENFORCE_AUTH: '1', APPSYNC_EVENTS_KA_INTERVAL_SECS: '0.2' };

type Created = { readonly api: { apiId: string; dns: { REALTIME: string } }; readonly apiKey: { id: string } };

/** Makes an API with the namespace `notes` and a key, as the SDK would; it looks for the service in the signature. */
const createApi = async ({ endpoint, region }: Emulator) => {
  const post = async <Key extends keyof Created>(path: string, body: Json, key: Key): Promise<Created[Key]> => {
    const credential = `test/20260101/${region}/appsync/aws4_request`;
    const response = await fetch(`${endpoint}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Created;
    expect([response.status, Object.keys(answer)], JSON.stringify(answer)).toEqual([200, [key]]);
    return answer[key];
  };
  const { apiId, dns } = await post('/v2/apis', { name: 'notes' }, 'api');
  await post(`/v2/apis/${apiId}/channelNamespaces`, { name: 'notes' }, 'channelNamespace' as 'api');
  const { id: key } = await post(`/v1/apis/${apiId}/apikeys`, {}, 'apiKey');
  return { host: dns.REALTIME, key };
};

describeWithEmulator(
  'the appsync-events codec against MiniStack, which is no AppSync but was written by others',
  () => {
    const emulator = shared(async () => {
      const started = await startEmulator({ env });
      return { ...started, close: started.stop };
    });

    const connect = async (key?: string) => {
      const { host, key: known } = await createApi(emulator());
      const authorization = { host, 'x-api-key': key ?? known };
      const codec = await loadCodec({ name: 'appsync-events', authorization });
      const url = `${emulator().endpoint.replace('http', 'ws')}/event/realtime`;
      const client = await openDialogue(codec, url, { headers: { host } });
      onTestFinished(() => client.terminate());
      return client;
    };

    it('shakes hands with its key in the subprotocol, and is told how long a ka may be missed', async () => {
      const client = await connect();
      expect(await client.settled()).toEqual({ state: 'ready' });
      expect(client.socket.protocol).toBe('aws-appsync-event-ws');
      const ack = await client.seenLike({ type: 'connection_ack', role: 'control' });
      expect(ack.body).toMatchObject({ connectionTimeoutMs: 300_000 });
      await client.seenLike({ type: 'ka', role: 'heartbeat' });
    });

    it('is refused with a key that nobody made', async () => {
      const client = await connect('da2-unknown');
      await client.closed();
      expect(client.dialogue.standing()).toMatchObject({ state: 'refused', code: 'UnauthorizedException' });
    });

    it('subscribes, publishes and gets each event as a message of its own, once, in their order', async () => {
      const client = await connect();
      await client.settled();
      expect(await client.ask({ do: 'subscribe', stream: '/notes/*' })).toEqual({ accepted: true });
      const events = [{ n: 1 }, 'two', [3], null, { text: '"quoted" \u{1f600}' }];
      expect(await client.ask({ do: 'publish', stream: '/notes/a', payload: events })).toEqual({ accepted: true });
      const data = () => client.messages().filter(({ type }) => type === 'data');
      await expect.poll(() => data().length).toBe(events.length);
      expect(data().map(({ body }) => (body as { event: Json }).event)).toEqual(events);
      expect(data().every(({ role, stream, problem }) => role === 'event' && stream === '/notes/*' && !problem)).toBe(
        true,
      );
    });

    it('hears nothing more of a channel that it left, and of one that is not its own', async () => {
      const client = await connect();
      await client.settled();
      for (const stream of ['/notes/a', '/notes/b']) await client.ask({ do: 'subscribe', stream });
      expect(await client.ask({ do: 'unsubscribe', stream: '/notes/a' })).toEqual({ accepted: true });
      for (const stream of ['/notes/a', '/notes/c', '/notes/b']) {
        expect(await client.ask({ do: 'publish', stream, payload: stream })).toEqual({ accepted: true });
      }
      const seen = await client.seenLike({ type: 'data' });
      expect(seen).toMatchObject({ stream: '/notes/b', body: { event: '/notes/b' } });
      expect(client.messages().filter(({ type }) => type === 'data')).toHaveLength(1);
    });

    it.each([
      ['subscribe', { do: 'subscribe', stream: '/elsewhere/a' }, 'UnauthorizedException'],
      ['publish', { do: 'publish', stream: '/elsewhere/a', payload: 1 }, 'UnauthorizedException'],
      ['publish to a wildcard', { do: 'publish', stream: '/notes/*', payload: 1 }, 'BadRequestException'],
    ] as const)('is told why when it may not: %s', async (_, operation, code) => {
      const client = await connect();
      await client.settled();
      expect(await client.ask(operation)).toEqual({ accepted: false, code });
    });

    it('is told when an id is used twice, and when there is no such subscription', async () => {
      const client = await connect();
      await client.settled();
      client.send({ type: 'subscribe', id: 'mine', channel: '/notes/a' });
      await client.seenLike({ type: 'subscribe_success', role: 'ack', id: 'mine', stream: '/notes/a' });
      client.send({ type: 'subscribe', id: 'mine', channel: '/notes/b' });
      await client.seenLike({ type: 'subscribe_error', role: 'error', id: 'mine', code: 'BadRequestException' });
      client.send({ type: 'unsubscribe', id: 'other' });
      await client.seenLike({ type: 'unsubscribe_error', role: 'error', id: 'other', code: 'UnknownOperationError' });
    });
  },
);
