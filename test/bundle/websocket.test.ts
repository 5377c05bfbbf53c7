import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadBundledDoors } from '../support/bundled.ts';
import { shared } from '../support/fresh.ts';
import {
  frameOf,
  keepTargets,
  serveRawWebsocket,
  serveTcp,
  serveWebsocket,
  switchingProtocols,
  type Target,
} from '../support/websocket-target.ts';

const fragments = [
  Buffer.from([0x01, 2]),
  Buffer.from('in'),
  frameOf(9, 'ping'),
  Buffer.from([0x80, 4]),
  Buffer.from(' two'),
];
const bye = frameOf(8, Buffer.concat([Buffer.from([0x0f, 0xa0]), Buffer.from('bye')]));

const servers: readonly (readonly [does: string, serve: () => Promise<Target>])[] = [
  [
    'echoes, and would compress',
    () =>
      serveWebsocket(
        (socket) => {
          socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
          socket.on('message', (data) => String(data) === 'bye' && socket.close(4_000, 'bye'));
        },
        { perMessageDeflate: { threshold: 0 } },
      ),
  ],
  ['speaks in parts, pings between them, and closes', () => serveRawWebsocket([...fragments, bye])],
  ['sends a compressed frame', () => serveRawWebsocket([Buffer.from([0xc1, 2]), Buffer.from('xx')])],
  ['sends what is no text', () => serveRawWebsocket([frameOf(1, Buffer.alloc(30, 0xff))])],
  ['masks its frames', () => serveRawWebsocket([Buffer.from([0x81, 0x82, 1, 2, 3, 4, 5, 6])])],
  ['sends more than is allowed', () => serveRawWebsocket([frameOf(2, Buffer.alloc(60_000))])],
  [
    'compresses unasked',
    () =>
      serveTcp((socket) => {
        const headers = 'sec-websocket-extensions: permessage-deflate\r\n';
        socket.once('data', (request) => socket.write(switchingProtocols(request.toString('latin1'), headers)));
      }),
  ],
];

/** All that a client of ours tells of a connection on which it speaks and says bye. */
const converse = async (Client: typeof WebSocket, url: string): Promise<readonly unknown[]> => {
  const told: unknown[] = [];
  const client = new Client(url, [], { perMessageDeflate: false, maxPayload: 50_000 });
  client.on('message', (data, isBinary) =>
    told.push(['message', Buffer.from(data as Buffer).toString('base64'), isBinary]),
  );
  client.on('ping', (data) => told.push(['ping', String(data)]));
  client.on('error', ({ message, ...fields }) => told.push(['error', message, Object.entries(fields)]));
  client.on('open', () => {
    told.push(['open', client.extensions, client.protocol]);
    client.send('größe 1');
    client.send(Buffer.from([0, 1, 255]));
    client.send(Buffer.alloc(40_000, 'x'));
    client.send('bye');
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  client.on('close', (code, reason) => {
    told.push(['close', code, String(reason)]);
    resolve();
  });
  await closed;
  return told;
};

describe('websockets in a bundle', () => {
  const bundled = shared(() => loadBundledDoors());
  const keep = keepTargets();

  it.each(servers)('tell what the whole library does of a server that %s', async (_, serve) => {
    const url = await keep(serve());
    const whole = await converse(WebSocket, url);
    expect(whole.length).toBeGreaterThan(1);
    expect(await converse(bundled().doors.WebSocket, url)).toEqual(whole);
  });

  it('cannot compress: an option that asks for it is refused, in words', () => {
    const { WebSocket: Slim } = bundled().doors;
    expect(() => new Slim('ws://127.0.0.1:1/', { perMessageDeflate: true })).toThrow(
      /no compression of websockets in this bundle: see build\/functions\/slim\/stand-ins\.ts/,
    );
  });
});
