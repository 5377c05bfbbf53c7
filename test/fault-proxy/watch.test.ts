import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { SeenAnswer, SeenFrame } from '../../lib/fault-proxy/context.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import { makeCertificates } from '../hostile/certificates.ts';
import { ask, openThrough, sendJson, startSocketTarget, startTarget } from './support.ts';

const watching = async (target: string, ...specs: readonly string[]) => {
  const [answers, frames]: [SeenAnswer[], SeenFrame[]] = [[], []];
  const proxy = await startFaultProxy({
    target,
    faults: faultsOf(...specs),
    watch: { answer: (seen) => answers.push(seen), frame: (seen) => frames.push(seen) },
  });
  onTestFinished(() => proxy.close());
  return { proxy, answers, frames };
};

describe('whoever watches the fault proxy', () => {
  it('is told each answer as the target gave it, before the faults', async () => {
    const target = await startTarget((_, response) => sendJson(response, { id: 7 }));
    const { proxy, answers } = await watching(target, 'corrupt=id:8');
    const answer = await ask(`${proxy.url}/notes?a=1`, { method: 'POST', body: 'x' });
    expect(JSON.parse(answer.body.toString())).toEqual({ id: 8 });
    expect(answers).toMatchObject([{ method: 'POST', path: '/notes?a=1', status: 200 }]);
    expect(answers[0]?.body?.toString()).toBe('{"id":7}');
  });

  it('is told of an answer without a body, and the bytes of one that is compressed', async () => {
    const packed = gzipSync('hello');
    const target = await startTarget((request, response) => {
      if (request.url === '/none') return response.writeHead(204).end();
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    });
    const { proxy, answers } = await watching(target);
    await ask(`${proxy.url}/none`);
    await ask(`${proxy.url}/packed`);
    expect(answers.map(({ status, body }) => [status, body?.length])).toEqual([
      [204, 0],
      [200, packed.length],
    ]);
  });

  it('is told each frame both ways, by its websocket, before the faults', async () => {
    const target = await startSocketTarget();
    const { proxy, frames } = await watching(target.url, 'drop in');
    for (const n of [1, 2]) {
      const { client, server } = await openThrough(proxy, target);
      client.ws.send(`out ${n}`);
      await server.count(1);
      server.ws.send(`in ${n}`);
      await expect.poll(() => frames.length).toBe(2 * n);
    }
    expect(frames.map(({ connection, direction, data }) => [connection, direction, data.toString()])).toEqual([
      [1, 'out', 'out 1'],
      [1, 'in', 'in 1'],
      [2, 'out', 'out 2'],
      [2, 'in', 'in 2'],
    ]);
  });
});

describe('the fault proxy before an https target', () => {
  const startSecure = async () => {
    const { good, authority } = makeCertificates();
    const server = createServer(good, (_, response) => void response.end('secret'));
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.send('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    });
    return { target: `https://localhost:${(server.address() as AddressInfo).port}`, authority };
  };

  it('trusts whom it is told to trust, over HTTP and websockets, and nobody else', async () => {
    const { target, authority } = await startSecure();
    const trusting = await startFaultProxy({ target, dialling: { ca: [authority] } });
    const wary = await startFaultProxy({ target });
    onTestFinished(() => trusting.close());
    onTestFinished(() => wary.close());
    expect((await ask(trusting.url)).body.toString()).toBe('secret');
    expect((await ask(wary.url)).end).toBe('ECONNRESET');
    const socket = new WebSocket(trusting.wsUrl);
    onTestFinished(() => socket.close());
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('hello');
  });

  it('asks for the address that it is told, and nowhere else', async () => {
    const { target, authority } = await startSecure();
    const closed = Object.assign(new Error('closed to us'), { code: 'EGUARD' });
    const told: string[] = [];
    const proxy = await startFaultProxy({
      target,
      dialling: { ca: [authority], lookup: (_, __, callback) => callback(closed, []) },
      onTargetError: (message) => told.push(message),
    });
    onTestFinished(() => proxy.close());
    expect((await ask(proxy.url)).end).toBe('ECONNRESET');
    expect(told).toEqual(['closed to us']);
  });
});
