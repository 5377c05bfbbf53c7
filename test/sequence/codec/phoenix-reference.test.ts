import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { jsonValue } from '../../support/codec-fuzz.ts';

/** What Phoenix's own client makes of a message; it comes without types. */
type Phoenix = {
  readonly Serializer: {
    encode<T>(message: Fields, callback: (frame: string | ArrayBuffer) => T): T;
    decode<T>(frame: string, callback: (message: Fields) => T): T;
  };
  readonly Socket: new (url: string, options: Fields) => Client;
};
type Fields = Readonly<Record<string, unknown>>;
type Push = { receive(status: string, callback: (response: unknown) => void): Push };
type Channel = { join(): Push; leave(): Push; push(event: string, payload: object): Push };
type Client = { connect(): void; channel(topic: string, params: object): Channel; disconnect(done: () => void): void };

const { Serializer, Socket } = (await import('phoenix' as string)) as Phoenix;
const codec = await loadCodec({ name: 'phoenix' });
const open = () => codec.open({ handshake: 'auto' });

const ref = fc.option(fc.stringMatching(/^\d{1,5}$/), { nil: null });
const name = fc.string({ minLength: 1, maxLength: 30 });
const message = fc.record({ join_ref: ref, ref, topic: name, event: name, payload: fc.dictionary(name, jsonValue) });

describe("the phoenix codec beside Phoenix's own client", () => {
  it('writes what the client reads, to the last field', () => {
    fc.assert(
      fc.property(message, (json) => {
        const [frame] = open().encode({ kind: 'json', json: json as Json });
        expect(typeof frame).toBe('string');
        expect(Serializer.decode(String(frame), (read) => read)).toEqual(json);
      }),
    );
  });

  it('reads what the client writes, to the last field', () => {
    fc.assert(
      fc.property(message, (json) => {
        const frame = Serializer.encode(json, (written) => written);
        const [read, ...more] = open().decode(String(frame));
        expect([read?.body, read?.problem, more]).toEqual([json, undefined, []]);
      }),
    );
  });

  it('says of a binary frame, which the client has for payloads of bytes, that it is none it reads', () => {
    const bytes = { join_ref: '1', ref: '2', topic: 't', event: 'e', payload: new ArrayBuffer(3) };
    const frame = Serializer.encode(bytes, (written) => new Uint8Array(written as ArrayBuffer));
    expect(open().decode(frame)).toMatchObject([{ problem: 'a binary frame, not JSON text' }]);
  });

  it('sends the frames that the client sends for the same: join, push, leave', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    const frames: Json[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data)) as readonly Json[];
        frames.push(frame);
        const [joinRef, own, topic] = frame;
        socket.send(JSON.stringify([joinRef, own, topic, 'phx_reply', { status: 'ok', response: {} }]));
      });
    });
    const client = new Socket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket`, {
      transport: WebSocket,
    });
    client.connect();
    const done = (push: Push) => new Promise((resolve) => push.receive('ok', resolve));
    const channel = client.channel('room:1', { since: 3 });
    await done(channel.join());
    await done(channel.push('new_msg', { body: 'hi' }));
    await done(channel.leave());
    await new Promise<void>((resolve) => client.disconnect(resolve));

    const operations: readonly Operation[] = [
      { do: 'subscribe', stream: 'room:1', payload: { since: 3 } },
      { do: 'publish', stream: 'room:1', payload: { event: 'new_msg', payload: { body: 'hi' } } },
      { do: 'unsubscribe', stream: 'room:1' },
    ];
    const dialogue = open();
    const ours = operations.flatMap((operation) =>
      dialogue.carryOut(operation).flatMap((json) => dialogue.encode({ kind: 'json', json })),
    );
    /** Numbers differ; which of them are the same does not. */
    const shapeOf = ([joinRef, own, ...rest]: readonly Json[], index: number, all: readonly Json[]) => [
      joinRef === ([all[0]].flat() as readonly Json[])[1],
      index === 0 ? joinRef === own : joinRef !== own,
      ...rest,
    ];
    const shapes = (all: readonly Json[]) => all.map((frame, index) => shapeOf(frame as readonly Json[], index, all));
    expect(shapes(ours.map((frame) => JSON.parse(String(frame)) as Json))).toEqual(shapes(frames));
    expect(frames).toHaveLength(3);
  });
});
