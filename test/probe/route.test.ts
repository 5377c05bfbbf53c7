import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Route } from '../../lib/probe/prober.ts';
import { contextOf, measure, probeOf } from '../support/probing.ts';

/** A plain server on loopback that answers both HTTP and websockets, and what it was asked. */
const startStandIn = async () => {
  const asked: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    asked.push(request);
    socket.send('{"type":"hello"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, place: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
};

const routed = (route: Route) => ({ ...contextOf(), route });

const httpProbe = (url: string, more: object = {}) =>
  probeOf({ kind: 'http', samples: 1, steps: [{ name: 'get', request: { url, ...more }, expect: { status: 200 } }] });

const socketProbe = (url: string) =>
  probeOf({
    kind: 'websocket',
    timeout: '5s',
    steps: [{ connect: { as: 'a', url } }, { expect: { as: 'a', one: { type: 'hello' } } }],
  });

const stepsOf = async (...args: Parameters<typeof measure>) => (await measure(...args)).passes[0]?.steps ?? [];

describe('a probe whose connections are routed to a place of our own', () => {
  it.each(['http://target.invalid:8080', 'https://target.invalid'])(
    'asks there for %s in clear, and by its own name',
    async (origin) => {
      const { asked, place } = await startStandIn();
      const [step] = await stepsOf(
        httpProbe(`${origin}/notes?a=1`),
        routed(() => place),
      );
      expect(step).toMatchObject({ status: 'done' });
      expect(asked.map(({ url, headers }) => [url, headers.host])).toEqual([['/notes?a=1', new URL(origin).host]]);
    },
  );

  it.each(['ws://target.invalid:8080', 'wss://target.invalid'])('opens a websocket there for %s', async (origin) => {
    const { asked, place } = await startStandIn();
    const steps = await stepsOf(
      socketProbe(`${origin}/feed`),
      routed(() => place),
    );
    expect(steps.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(asked.map(({ url, headers }) => [url, headers.host])).toEqual([['/feed', new URL(origin).host]]);
  });

  it('spends no time on TLS there, and its phases add up to its latency', async () => {
    const { place } = await startStandIn();
    const [step] = await stepsOf(
      httpProbe('https://target.invalid/'),
      routed(() => place),
    );
    const phases = Object.values(step?.phasesMs ?? {}).reduce((sum, ms) => sum + ms, 0);
    expect(Math.abs(phases - (step?.latencyMs ?? 0))).toBeLessThan(1);
    expect(step?.phasesMs.tls ?? 0).toBeLessThan(1);
  });

  it('keeps one connection for its samples, and tells origins apart', async () => {
    const [first, second] = [await startStandIn(), await startStandIn()];
    const steps = ['one', 'two', 'one'].map((host, index) => ({
      name: `step ${index}`,
      request: { url: `https://${host}.invalid/` },
    }));
    const places = { 'one.invalid': first.place, 'two.invalid': second.place } as const;
    const result = await measure(
      probeOf({ kind: 'http', samples: 2, steps }),
      routed((url) => places[url.hostname as keyof typeof places]),
    );
    const reused = result.passes.flatMap((pass) => pass.steps.map((step) => step.reusedConnection));
    expect(reused).toEqual(Array.from({ length: 6 }, () => true));
    expect(first.asked.every(({ headers }) => headers.host === 'one.invalid')).toBe(true);
    expect(second.asked.every(({ headers }) => headers.host === 'two.invalid')).toBe(true);
  });

  it('is asked with the TLS settings of each step, and goes to the target itself where it answers nothing', async () => {
    const { asked, place } = await startStandIn();
    const told: unknown[] = [];
    const url = `http://127.0.0.1:${place.port}/`;
    const probe = httpProbe(url, { tls: { serverName: 'other.example' } });
    await stepsOf(
      probe,
      routed((to, tls) => {
        told.push([to.href, tls.serverName]);
        return undefined;
      }),
    );
    expect(asked).toHaveLength(1);
    expect(new Set(told.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify([url, 'other.example'])]));
  });

  it('may not be routed past the guard: a closed address stays closed', async () => {
    const { asked, place } = await startStandIn();
    for (const probe of [httpProbe('http://169.254.169.254/'), socketProbe('ws://169.254.169.254/')]) {
      const [step] = await stepsOf(
        probe,
        routed(() => place),
      );
      expect(step?.failure?.kind).toBe('guard');
    }
    expect(asked).toEqual([]);
  });
});
