import { once } from 'node:events';
import { connect, createServer as createRawServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { openThrough, readAll, refusedUpgrade, startProxy, startSocketTarget, startTarget, watch } from './support.ts';

/** A target, a proxy with these faults and one websocket through them. */
const openWith = async (specs: readonly string[], seed = 1) => {
  const target = await startSocketTarget();
  const proxy = await startProxy(target.url, faultsOf(...specs), seed);
  const hits = () => proxy.hits().map((each) => each.hits);
  return { target, proxy, hits, ...(await openThrough(proxy, target)) };
};

const event = (n: number) => JSON.stringify({ type: 'event', event_seq: n });
const numbers = (texts: readonly string[]) => texts.map((each) => JSON.parse(each).event_seq);

/** Resolves once everything written before it has come through, unless a fault stops pings too. */
const pingThrough = async (ws: WebSocket) => {
  ws.ping();
  await once(ws, 'pong');
};

const openPair = async (specs: readonly string[]) => {
  const open = await openWith(specs);
  // Both ends answer pings themselves, as a peer would.
  for (const { ws } of [open.client, open.server]) ws.on('ping', (data) => ws.pong(data));
  return open;
};

describe('the fault proxy without faults, on websockets', () => {
  it('passes 1,000 frames in order both ways at once, text and binary apart', async () => {
    const { client, server } = await openWith([]);
    for (let n = 0; n < 1_000; n++) {
      client.ws.send(n % 2 ? `out ${n}` : Buffer.from(`out ${n}`));
      server.ws.send(n % 2 ? Buffer.from(`in ${n}`) : `in ${n}`);
    }
    await Promise.all([client.count(1_000), server.count(1_000)]);
    expect(server.texts).toEqual(Array.from({ length: 1_000 }, (_, n) => `out ${n}`));
    expect(client.texts).toEqual(Array.from({ length: 1_000 }, (_, n) => `in ${n}`));
    expect(server.frames.every(({ binary }, n) => binary === (n % 2 === 0))).toBe(true);
    expect(client.frames.every(({ binary }, n) => binary === (n % 2 === 1))).toBe(true);
  });

  it('passes a frame of 1 MB, an empty one and invalid UTF-8 byte for byte, both ways', async () => {
    const { client, server } = await openWith([]);
    const big = Buffer.alloc(1024 ** 2, 'plimsoll\0ÿ');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.ws.send(big);
      from.ws.send('');
      await to.count(2);
      expect(to.frames[0]?.data.equals(big)).toBe(true);
      expect(to.frames[1]).toEqual({ data: Buffer.alloc(0), binary: false });
    }
    server.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    // The client's own receiver is what finds it: 1007 (RFC 6455 §8.1).
    expect(await server.closed).toMatchObject({ code: 1007 });
  });

  it('misses nothing of what the target says in the breath of its handshake', async () => {
    const target = await startSocketTarget(['one', 'two', 'three']);
    const proxy = await startProxy(target.url);
    for (let round = 0; round < 10; round++) {
      const client = watch(new WebSocket(`${proxy.wsUrl}/ws`));
      expect(await client.count(3)).toEqual(['one', 'two', 'three']);
      client.ws.terminate();
    }
  });

  it('opens with the same path, query, headers and subprotocol, and the target’s own headers', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url);
    const ws = new WebSocket(`${proxy.wsUrl}/ws?a=1&b=%20`, ['v2', 'v1'], {
      headers: { authorization: 'Bearer x', cookie: 'a=1' },
      origin: 'http://o.example',
    });
    onTestFinished(() => ws.terminate());
    const [[answer]] = await Promise.all([once(ws, 'upgrade'), once(ws, 'open')]);
    const [upgrade] = target.upgrades;
    expect(upgrade?.url).toBe('/ws?a=1&b=%20');
    expect(upgrade?.headers).toMatchObject({
      authorization: 'Bearer x',
      cookie: 'a=1',
      origin: 'http://o.example',
      host: new URL(target.url).host,
    });
    expect([ws.protocol, answer.headers['x-target']]).toEqual(['v2', 'yes']);
  });

  it('passes pings and pongs through, and answers none itself', async () => {
    const { client, server } = await openWith([]);
    const pinged = once(server.ws, 'ping');
    client.ws.ping('p1');
    expect(String(await pinged)).toBe('p1');
    let early = false;
    const pong = once(client.ws, 'pong');
    client.ws.once('pong', () => {
      early = true;
    });
    server.ws.send('no pong yet');
    await client.count(1);
    expect(early).toBe(false);
    server.ws.pong('p1');
    expect(String(await pong)).toBe('p1');
  });

  it.each([
    [1000, 'done'],
    [4408, 'ack timeout'],
    [1005, ''],
    [1006, ''],
  ])('passes close %i both ways', async (code, reason) => {
    for (const from of ['client', 'server'] as const) {
      const open = await openWith([]);
      const other = from === 'client' ? 'server' : 'client';
      open[from].ws.send('last');
      if (code === 1006) open[other].ws.once('message', () => open[from].ws.terminate());
      else if (code === 1005) open[from].ws.close();
      else open[from].ws.close(code, reason);
      expect(await open[other].closed).toEqual({ code, reason });
      expect(open[other].texts).toEqual(['last']);
    }
  });

  it('makes a fast target wait for a slow client, and loses nothing', async () => {
    const { client, server } = await openWith([]);
    client.ws.pause();
    const frame = Buffer.alloc(256 * 1024);
    const total = 400;
    let flushed = 0;
    for (let n = 0; n < total; n++) server.ws.send(frame, () => flushed++);
    // Sent on only so far as the sockets and the proxy's bound allow; the rest waits in the target.
    for (let before = -1; before !== flushed || flushed === 0; ) {
      before = flushed;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(flushed).toBeLessThan(total);
    client.ws.resume();
    await client.count(total);
    expect(client.frames.every(({ data }) => data.length === frame.length)).toBe(true);
  });

  it('passes a refusal on with its status and body, and a failure as a failure', async () => {
    const body = 'no'.repeat(200_000);
    const target = await startTarget((_, response) => response.writeHead(200).end('plain'));
    const refusing = await startSocketTarget();
    const proxy = await startProxy(target);
    expect(await refusedUpgrade(`${proxy.wsUrl}/ws`)).toEqual({ status: 200, body: 'plain', end: 'refused' });
    const raw = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        if (data.includes('/reset')) socket.resetAndDestroy();
        else socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void raw.close());
    const other = await startProxy(`http://127.0.0.1:${(raw.address() as { port: number }).port}`);
    expect(await refusedUpgrade(`${other.wsUrl}/ws`)).toEqual({ status: 403, body, end: 'refused' });
    expect(await refusedUpgrade(`${other.wsUrl}/reset`)).toEqual({ end: 'socket hang up' });
    expect(refusing.upgrades).toEqual([]);
  });
});

describe('the fault proxy, given a handshake that is none', () => {
  it('ends that connection and goes on', async () => {
    const target = await startSocketTarget();
    const told: string[] = [];
    const proxy = await startProxy(target.url, [], 1, (message) => told.push(message));
    const handshake = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    const answers: string[] = [];
    const heads = [
      'GET http://:/ HTTP/1.1\r\n',
      'GET / HTTP/1.1\r\nSec-WebSocket-Protocol: a b\r\n',
      'GET / HTTP/1.1\r\n',
    ];
    for (const head of heads) {
      const socket = connect(proxy.port, '127.0.0.1');
      socket.write(`${head}${handshake}\r\n`);
      answers.push((await readAll(socket)).toString().slice(0, 12));
    }
    expect(answers).toEqual(['', '', 'HTTP/1.1 400']);
    expect(told).toHaveLength(2);
    expect((await refusedUpgrade(`${proxy.wsUrl}/ws`)).end).toBe('open');
  });
});

describe('each frame fault, seen by both ends', () => {
  it('drop: the frame is missing, the others are there in order', async () => {
    const { client, server, hits } = await openWith(['drop@nth:3 in type=event']);
    for (const n of [1, 2, 3, 4, 5]) server.ws.send(event(n));
    expect(numbers(await client.count(4))).toEqual([1, 2, 4, 5]);
    expect(hits()).toEqual([1]);
  });

  it('duplicate: the frame comes twice', async () => {
    const { client, server, hits } = await openWith(['duplicate out event_seq=2']);
    for (const n of [1, 2, 3]) client.ws.send(event(n));
    expect(numbers(await server.count(4))).toEqual([1, 2, 2, 3]);
    expect(hits()).toEqual([1]);
  });

  it('reorder: the frame changes places with the next', async () => {
    const { client, server, hits } = await openWith(['reorder@nth:2 in']);
    for (const n of [1, 2, 3, 4]) server.ws.send(event(n));
    expect(numbers(await client.count(4))).toEqual([1, 3, 2, 4]);
    expect(hits()).toEqual([1]);
  });

  it('reorder: a frame that nothing follows comes after a while, or before the close, and is no hit', async () => {
    const first = await openWith(['reorder=20ms in']);
    first.server.ws.send(event(1));
    expect(numbers(await first.client.count(1))).toEqual([1]);
    const second = await openWith(['reorder=10m in']);
    second.server.ws.send(event(1));
    second.server.ws.close(4000);
    expect(await second.client.closed).toMatchObject({ code: 4000 });
    expect(numbers(second.client.texts)).toEqual([1]);
    expect([...first.hits(), ...second.hits()]).toEqual([0, 0]);
  });

  it('corrupt: a field has another value, or one bit is flipped', async () => {
    const { client, server, hits } = await openWith(['frame:corrupt=event_seq:1@nth:2 in', 'frame:corrupt@nth:3 in']);
    for (const n of [1, 2, 3]) server.ws.send(event(n));
    const [, second, third] = await client.count(3);
    expect(JSON.parse(second ?? '')).toEqual({ type: 'event', event_seq: 1 });
    expect(third).toHaveLength(event(3).length);
    expect(third).not.toBe(event(3));
    expect(hits()).toEqual([1, 1]);
  });

  it('corrupt: the root can be replaced whole, so that a refusal reads as an acceptance', async () => {
    const { client, server } = await openWith(['frame:corrupt=$:{"type":"ack"} in type=error']);
    server.ws.send(JSON.stringify({ type: 'error', code: 'STALE_CURSOR' }));
    expect(await client.count(1)).toEqual(['{"type":"ack"}']);
  });

  it('delay: the frame comes later, those behind it wait, and the order stays', async () => {
    const { client, server, hits } = await openWith(['frame:delay=80ms@nth:1 in']);
    const started = performance.now();
    for (const n of [1, 2, 3]) server.ws.send(event(n));
    await client.count(1);
    expect(performance.now() - started).toBeGreaterThan(75);
    expect([numbers(await client.count(3)), hits()]).toEqual([[1, 2, 3], [1]]);
  });

  it('delay: frames are on their way side by side, not one after the other', async () => {
    const { client, server } = await openWith(['frame:delay=100ms in']);
    const started = performance.now();
    for (let n = 0; n < 50; n++) server.ws.send(event(n));
    await client.count(50);
    expect(performance.now() - started).toBeLessThan(50 * 100);
  });

  it('oversize: the frame is padded to the size, and its JSON is the same', async () => {
    const { client, server } = await openWith(['frame:oversize=2mb in']);
    server.ws.send(event(1));
    server.ws.send(Buffer.from('binary'));
    const [text] = await client.count(2);
    expect([text?.length, numbers([text ?? ''])]).toEqual([2 * 1024 ** 2, [1]]);
    expect([client.frames[1]?.data.length, client.frames[1]?.binary]).toEqual([2 * 1024 ** 2, true]);
  });

  it('silence: nothing passes after the frame, pings and closes neither, and the socket stays open', async () => {
    const { client, server, hits } = await openPair(['silence@nth:2 in']);
    await pingThrough(client.ws);
    for (const n of [1, 2, 3]) server.ws.send(event(n));
    await client.count(2);
    let pong = false;
    client.ws.once('pong', () => {
      pong = true;
    });
    client.ws.ping();
    client.ws.send('still heard');
    await server.count(1);
    server.ws.close(4000);
    await server.closed;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([numbers(client.texts), pong, client.ws.readyState, hits()]).toEqual([[1, 2], false, WebSocket.OPEN, [1]]);
  });

  it('silence: a close of the client’s is never answered', async () => {
    const { client, server } = await openWith(['silence in']);
    server.ws.send(event(1));
    await client.count(1);
    client.ws.close(1000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.ws.readyState).toBe(WebSocket.CLOSING);
    client.ws.terminate();
    expect(await server.closed).toMatchObject({ code: 1000 });
  });

  it('silence without a direction covers both', async () => {
    const { client, server } = await openWith(['silence=before']);
    client.ws.send('unheard');
    server.ws.send('unheard');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([client.texts, server.texts, client.ws.readyState, server.ws.readyState]).toEqual([
      [],
      [],
      WebSocket.OPEN,
      WebSocket.OPEN,
    ]);
  });

  it.each([
    ['frame:cut@nth:2 in', [1, 2]],
    ['frame:cut=before@nth:2 in', [1]],
  ])('%s: both sockets end without a close frame, after frames %j', async (spec, wanted) => {
    const { client, server, hits } = await openWith([spec]);
    for (const n of [1, 2, 3]) server.ws.send(event(n));
    expect(await client.closed).toEqual({ code: 1006, reason: '' });
    expect(await server.closed).toMatchObject({ code: 1006 });
    expect([numbers(client.texts), hits()]).toEqual([wanted, [1]]);
  });

  it('cut out: the target still gets the frame that set it off', async () => {
    const { client, server } = await openWith(['frame:cut@nth:1 out']);
    client.ws.send(event(1));
    expect(await server.closed).toMatchObject({ code: 1006 });
    expect([numbers(server.texts), await client.closed]).toEqual([[1], { code: 1006, reason: '' }]);
  });

  it('close: the client sees the code, the target sees it go away', async () => {
    const { client, server, hits } = await openWith(['close=1012@nth:1 in']);
    for (const n of [1, 2]) server.ws.send(event(n));
    expect(await client.closed).toEqual({ code: 1012, reason: '' });
    expect(await server.closed).toMatchObject({ code: 1001 });
    expect([numbers(client.texts), hits()]).toEqual([[1], [1]]);
  });

  it('a fault of the second connection leaves the first and the third alone: a gap in the replay only', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url, faultsOf('drop@nth:2 in connection:2'));
    const got: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const { client, server } = await openThrough(proxy, target);
      for (const n of [1, 2, 3]) server.ws.send(event(n));
      server.ws.close();
      await client.closed;
      got.push(numbers(client.texts));
    }
    expect(got).toEqual([
      [1, 2, 3],
      [1, 3],
      [1, 2, 3],
    ]);
  });

  it('the same seed drops the same frames, another drops others', async () => {
    const run = async (seed: number) => {
      const { client, server } = await openWith(['drop@0.5 in'], seed);
      for (let n = 0; n < 64; n++) server.ws.send(event(n));
      server.ws.close();
      await client.closed;
      return numbers(client.texts);
    };
    const [first, again, other] = [await run(5), await run(5), await run(6)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.length).toBeLessThan(64);
    expect(first.length).toBeGreaterThan(0);
  });

  it('setFaults takes hold on an open websocket, counts from zero and ends a silence', async () => {
    const { client, server, proxy } = await openPair(['silence=before in']);
    server.ws.send(event(1));
    while (proxy.hits()[0]?.hits !== 1) await new Promise(setImmediate);
    proxy.setFaults(faultsOf('drop@nth:2 in'));
    for (const n of [2, 3, 4]) server.ws.send(event(n));
    expect(numbers(await client.count(2))).toEqual([2, 4]);
    expect(proxy.hits()).toMatchObject([{ spec: 'drop@nth:2 in', seen: 3, hits: 1 }]);
  });

  it('a client that sat in silence learns that its target has gone once the silence ends', async () => {
    const { client, server, proxy } = await openWith(['silence=before in']);
    server.ws.send(event(1));
    server.ws.close(4000);
    await server.closed;
    proxy.setFaults([]);
    client.ws.send('anyone?');
    expect((await client.closed).code).toBe(1006);
  });

  it('a match on another path, text or direction leaves the frame alone', async () => {
    const { client, server, proxy } = await openWith([
      'drop /other',
      'drop contains:zzz',
      'drop out',
      'drop event_seq=2',
    ]);
    server.ws.send(event(1));
    expect(numbers(await client.count(1))).toEqual([1]);
    expect(proxy.hits().map(({ seen, hits }) => [seen, hits])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('each upgrade fault, seen by a client', () => {
  it('error: a status and a body, and the target is never dialled', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url, faultsOf('upgrade:error=403,"not you"@nth:2'));
    expect((await refusedUpgrade(`${proxy.wsUrl}/ws`)).end).toBe('open');
    expect(await refusedUpgrade(`${proxy.wsUrl}/ws`)).toEqual({ status: 403, body: 'not you', end: 'refused' });
    expect([target.upgrades.length, proxy.hits()[0]?.seen, proxy.hits()[0]?.hits]).toEqual([1, 2, 1]);
  });

  it('hang: no answer ever comes', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url, faultsOf('upgrade:hang'));
    const isStruck = () => proxy.hits()[0]?.hits === 1;
    expect(await refusedUpgrade(`${proxy.wsUrl}/ws`, 50, isStruck)).toEqual({ end: 'hung' });
    expect(target.upgrades.length).toBe(0);
  });

  it('delay: it opens later, and only on the path that matches', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url, faultsOf('upgrade:delay=80ms /slow'));
    const started = performance.now();
    expect((await refusedUpgrade(`${proxy.wsUrl}/slow`)).end).toBe('open');
    expect(performance.now() - started).toBeGreaterThan(75);
    expect((await refusedUpgrade(`${proxy.wsUrl}/ws`)).end).toBe('open');
    expect(proxy.hits().map(({ hits }) => hits)).toEqual([1]);
  });

  it('a client that leaves while it waits takes nothing to the target', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(target.url, faultsOf('upgrade:delay=10m /never'));
    expect((await refusedUpgrade(`${proxy.wsUrl}/never`, 20)).end).toBe('hung');
    expect((await refusedUpgrade(`${proxy.wsUrl}/ws`)).end).toBe('open');
    expect(target.upgrades.map(({ url }) => url)).toEqual(['/ws']);
  });

  it('close ends open, silent, delayed and hung websockets at once, on both sides', async () => {
    const target = await startSocketTarget();
    const proxy = await startProxy(
      target.url,
      faultsOf('silence=before /silent', 'frame:delay=10m /late', 'upgrade:hang /hung'),
    );
    const opened = [];
    for (const path of ['/open', '/silent', '/late']) opened.push(await openThrough(proxy, target, path));
    for (const { client } of opened) client.ws.send('x');
    await opened[0]?.server.count(1);
    const hung = refusedUpgrade(`${proxy.wsUrl}/hung`);
    while (proxy.hits()[2]?.hits !== 1) await new Promise(setImmediate);
    await proxy.close();
    const codes = await Promise.all(opened.flatMap(({ client, server }) => [client.closed, server.closed]));
    expect(codes.map(({ code }) => code)).toEqual([1006, 1006, 1006, 1006, 1006, 1006]);
    expect(await hung).toEqual({ end: 'socket hang up' });
  });
});
