import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  HttpTransportType,
  HubConnectionBuilder,
  type HubMessage,
  JsonHubProtocol,
  LogLevel,
  NullLogger,
} from '@microsoft/signalr';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { asWritten, jsonValue } from '../../support/codec-fuzz.ts';

type Handshakes = {
  readonly HandshakeProtocol: new () => {
    writeHandshakeRequest(request: object): string;
    parseHandshakeResponse(data: string): [string | null, object];
  };
};
// Of the same package, and no part of what it exports.
const { HandshakeProtocol } = createRequire(import.meta.url)(
  '@microsoft/signalr/dist/cjs/HandshakeProtocol.js',
) as Handshakes;

const codec = await loadCodec({ name: 'signalr' });
const open = () => codec.open({ handshake: 'auto' });
const protocol = new JsonHubProtocol();
const separator = '\u001e';

const id = fc.string({ minLength: 1, maxLength: 12 });
const list = fc.array(jsonValue, { maxLength: 4 });
const notNull = jsonValue.filter((value) => value !== null);

/** Every message that both the specification and Microsoft's client have. */
const message = fc
  .oneof(
    fc.record({ type: fc.constant(1), target: id, arguments: list }),
    fc.record({ type: fc.constant(1), invocationId: id, target: id, arguments: list }),
    fc.record({ type: fc.constant(2), invocationId: id, item: notNull }),
    fc.record({ type: fc.constant(3), invocationId: id, result: notNull }),
    fc.record({ type: fc.constant(3), invocationId: id, error: id }),
    fc.record({ type: fc.constant(6) }),
    fc.record({ type: fc.constant(7), error: id, allowReconnect: fc.boolean() }),
    fc.record({ type: fc.constant(8), sequenceId: fc.nat() }),
    fc.record({ type: fc.constant(9), sequenceId: fc.nat() }),
  )
  .map((one) => asWritten(one) as { readonly type: number });

describe("the signalr codec beside Microsoft's own client", () => {
  it('writes what the client reads, several messages in one text too', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const dialogue = open();
        const text = messages.flatMap((json) => dialogue.encode({ kind: 'json', json: json as Json })).join('');
        expect(protocol.parseMessages(text, NullLogger.instance)).toEqual(messages);
      }),
    );
  });

  it('reads what the client writes, several messages in one frame too', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const frame = messages.map((one) => protocol.writeMessage(one as HubMessage)).join('');
        const read = open().decode(frame);
        expect(read.map(({ body }) => body)).toEqual(messages);
        expect(read.every(({ problem, role }) => problem === undefined && role !== 'unknown')).toBe(true);
      }),
    );
  });

  it('greets as the client does, and takes the same answers for a welcome or a refusal', () => {
    const [greeting] = open().greet();
    const [frame] = open().encode({ kind: 'json', json: greeting ?? null });
    const handshake = new HandshakeProtocol();
    expect(frame).toBe(handshake.writeHandshakeRequest({ protocol: 'json', version: 1 }));
    for (const [answer, state] of [
      ['{}', 'ready'],
      ['{"error":"no"}', 'refused'],
    ] as const) {
      const dialogue = open();
      dialogue.decode(`${answer}${separator}{"type":6}${separator}`);
      expect(dialogue.standing().state).toBe(state);
      const [rest, response] = handshake.parseHandshakeResponse(`${answer}${separator}{"type":6}${separator}`);
      expect([rest, 'error' in response]).toEqual([`{"type":6}${separator}`, state === 'refused']);
    }
  });

  it('sends the frames that the client sends for the same: handshake, invoke, stream, cancel', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    const frames: string[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        for (const text of String(data).split(separator).slice(0, -1)) {
          const { type, invocationId } = JSON.parse(text) as { type?: number; invocationId?: string };
          // Its pings come by its own clock.
          if (type !== 6) frames.push(text);
          if (type === undefined) socket.send(`{}${separator}`);
          if (type === 1) socket.send(JSON.stringify({ type: 3, invocationId, result: 1 }) + separator);
        }
      });
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`;
    const client = new HubConnectionBuilder()
      .withUrl(url, { skipNegotiation: true, transport: HttpTransportType.WebSockets })
      .configureLogging(LogLevel.None)
      .build();
    await client.start();
    await client.invoke('Send', 'hi', 2);
    const streaming = client.stream('Counter', 10).subscribe({ next: () => {}, error: () => {}, complete: () => {} });
    await expect.poll(() => frames.length).toBe(3);
    streaming.dispose();
    await expect.poll(() => frames.length).toBe(4);
    await client.stop();

    const dialogue = open();
    const say = (json: Json) => dialogue.encode({ kind: 'json', json });
    const operations: readonly Operation[] = [
      { do: 'publish', stream: 'Send', payload: ['hi', 2] },
      { do: 'subscribe', stream: 'Counter', payload: [10] },
      { do: 'unsubscribe', stream: 'Counter' },
    ];
    const ours = [
      ...dialogue.greet().flatMap(say),
      ...operations.flatMap((one) => dialogue.carryOut(one).flatMap(say)),
    ];
    /** Which numbers invocations have is each client's own affair; that a cancellation has its stream's is not. */
    const plain = (texts: readonly string[]) => {
      const all = texts.slice(0, 4).map((text) => JSON.parse(text.replace(separator, '')) as Record<string, Json>);
      const ids = [...new Set(all.flatMap(({ invocationId }) => invocationId ?? []))];
      return all.map(({ invocationId, ...rest }) => ({ ...rest, nth: ids.indexOf(invocationId ?? '') }));
    };
    expect(plain(ours.map(String))).toEqual(plain(frames));
  });
});
