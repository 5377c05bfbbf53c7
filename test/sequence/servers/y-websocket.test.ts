import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { toBase64 } from '../../../lib/sequence/codec/bytes.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { createReplica } from '../../../lib/sequence/codec/yjs/replica.ts';
import { type DialogueClient, openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';

// The server is CommonJS: so that all have the same Yjs, the rest is required too.
const require = createRequire(import.meta.url);
const Y: typeof import('yjs') = require('yjs');
const { WebsocketProvider }: typeof import('y-websocket') = require('y-websocket');
const server: {
  setupWSConnection(socket: WebSocket, request: unknown): void;
  docs: Map<string, { destroy(): void }>;
} = require('y-websocket/bin/utils');

type Doc = InstanceType<typeof Y.Doc>;

const codec = await loadCodec({ name: 'yjs' });

/** Whether a frame to the connection of that number, from 0, gets lost. */
type Loses = (frame: Uint8Array, connection: number) => boolean;

const serve = async (loses: Loses = () => false) => {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  let count = 0;
  sockets.on('connection', (socket, request) => {
    const connection = count;
    count += 1;
    const send = socket.send.bind(socket) as (frame: Uint8Array, ...more: unknown[]) => void;
    Object.assign(socket, {
      send: (frame: Uint8Array, ...more: unknown[]) => {
        if (!loses(frame, connection)) send(frame, ...more);
      },
    });
    server.setupWSConnection(socket, request);
  });
  await once(sockets, 'listening');
  const forget = () => {
    for (const doc of server.docs.values()) doc.destroy();
    server.docs.clear();
  };
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/doc`,
    /** As a restart does it to a server that keeps its documents in memory. */
    forget,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((done) => sockets.close(() => done()));
      forget();
    },
  };
};

const connect = async (url: string): Promise<DialogueClient> => {
  const client = await openDialogue(codec, url);
  await client.settled();
  return client;
};

/** A document whose changes this connection publishes. */
const editor = (client: DialogueClient): Doc => {
  const doc = new Y.Doc();
  doc.on('update', (update: Uint8Array) => client.begin({ do: 'publish', stream: 'doc', payload: toBase64(update) }));
  return doc;
};

const replicaOf = (client: DialogueClient) => client.dialogue.replica?.();
const replicaOfDoc = (doc: Doc) => {
  const replica = createReplica();
  replica.add(Y.encodeStateAsUpdate(doc));
  return replica.text();
};

const patient = { timeout: 20_000, interval: 5 };
const converge = (...clients: readonly DialogueClient[]) =>
  expect
    .poll(() => {
      const texts = clients.map(replicaOf);
      return new Set(texts).size === 1 && texts[0] !== undefined;
    }, patient)
    .toBe(true);

describe('y-websocket', () => {
  const target = fresh(() => serve());

  it('gives both connections the same document, whoever changed what', async () => {
    const [a, b] = [await connect(target().url), await connect(target().url)];
    const [ofA, ofB] = [editor(a), editor(b)];
    ofA.getText('t').insert(0, 'hello');
    ofB.getText('t').insert(0, 'world');
    ofB.getText('t').delete(1, 3);
    await expect.poll(() => replicaOf(b)?.split(':').length, patient).toBeGreaterThan(3);
    await converge(a, b);
    expect(replicaOf(a)).toContain(`${ofB.clientID}:1-4`);
  });

  it('gives a connection that comes later what there is', async () => {
    const a = await connect(target().url);
    editor(a).getText('t').insert(0, 'hello');
    await a.seenLike({ type: 'update' });
    const b = await connect(target().url);
    await converge(a, b);
    const [answer] = b.messages().filter(({ type }) => type === 'sync-step-2');
    expect(answer).toMatchObject({ role: 'ack', body: { clients: { [Number(replicaOf(a)?.split(':')[0])]: 5 } } });
  });

  it('holds what its own client holds, conflicts and garbage and all', async () => {
    const a = await connect(target().url);
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    const [base] = target().url.split('/doc');
    const providers = [one, two].map((doc) => {
      const provider = new WebsocketProvider(base ?? '', 'doc', doc, {
        WebSocketPolyfill: WebSocket as never,
        disableBc: true,
      });
      onTestFinished(() => provider.destroy());
      return provider;
    });
    await expect.poll(() => providers.every(({ synced }) => synced), patient).toBe(true);
    providers[0]?.awareness.setLocalStateField('name', 'Ada');
    for (const doc of [one, two]) {
      doc.getMap('m').set('k', new Y.Map([['inner', doc.clientID]]));
      doc.getText('t').insert(0, 'some text');
      doc.getMap('m').set('k', doc.clientID);
      doc.getText('t').delete(2, 4);
    }
    await expect.poll(() => replicaOfDoc(one) === replicaOfDoc(two), patient).toBe(true);
    await expect.poll(() => replicaOf(a), patient).toBe(replicaOfDoc(one));
    const { clientID } = one;
    expect(await a.seenLike({ type: 'awareness' })).toMatchObject({
      body: { states: { [clientID]: { name: 'Ada' } } },
    });
  });

  it('goes on with an end that comes back, which learns that nothing was lost', async () => {
    const a = await connect(target().url);
    editor(a).getText('t').insert(0, 'hello');
    await a.seenLike({ type: 'update' });
    const held = replicaOf(a);
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    expect(replicaOf(a)).toBe(held);
  });

  it('has lost its document in a restart: the end that comes back sees it, and heals it', async () => {
    const a = await connect(target().url);
    editor(a).getText('t').insert(0, 'hello');
    await a.seenLike({ type: 'update' });
    await a.terminate();
    target().forget();
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'reset' });
    await converge(a, await connect(target().url));
  });
});

describe('y-websocket behind something that loses a frame', () => {
  // The second change on its way to the second connection: 0 is sync, 2 an update.
  let updates = 0;
  const target = fresh(() => {
    updates = 0;
    return serve((frame, connection) => {
      if (connection !== 1 || frame[0] !== 0 || frame[1] !== 2) return false;
      updates += 1;
      return updates === 2;
    });
  });

  const changed = async (change: (doc: Doc) => void) => {
    const [a, b] = [await connect(target().url), await connect(target().url)];
    const doc = editor(a);
    doc.getText('t').insert(0, 'one');
    change(doc);
    doc.getText('t').insert(0, 'three');
    await expect.poll(() => updates, patient).toBe(3);
    await expect.poll(() => b.messages().filter(({ type }) => type === 'update').length, patient).toBe(2);
    return [a, b] as const;
  };

  it('leaves two ends that do not converge: one has a gap', async () => {
    const [a, b] = await changed((doc) => doc.getText('t').insert(3, 'two'));
    expect(replicaOf(a)).toMatch(/^\d+:0-11 deleted $/);
    expect(replicaOf(b)).toMatch(/^\d+:0-3,6-11 deleted $/);
  });

  it('is seen too where what was lost is a deletion, which no clock tells of', async () => {
    const [a, b] = await changed((doc) => doc.getText('t').delete(0, 1));
    expect(replicaOf(a)).toMatch(/^\d+:0-8 deleted \d+:0-1$/);
    expect(replicaOf(b)).toMatch(/^\d+:0-8 deleted $/);
  });
});
