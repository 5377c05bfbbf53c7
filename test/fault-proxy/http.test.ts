import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect, createServer as createRawServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { ask, readAll, sendJson, startProxy, startTarget } from './support.ts';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const note = { id: 7, title: 'one', tags: ['a'] };

/** A target with one JSON answer, and a count of what reached it. */
const startNotes = async () => {
  const reached: string[] = [];
  const url = await startTarget((asked, response) => {
    reached.push(`${asked.method} ${asked.url}`);
    sendJson(response, note);
  });
  return { url, reached };
};

/** Asks through a proxy with these faults, once. */
const askWith = async (specs: readonly string[], asked: Parameters<typeof ask>[1] = {}) => {
  const target = await startNotes();
  const proxy = await startProxy(target.url, faultsOf(...specs));
  const started = performance.now();
  const struck = () => target.reached.length > 0 && proxy.hits().every(({ hits }) => hits > 0);
  const after: typeof asked.after = (answer) => struck() && asked.after?.(answer) !== false;
  const answer = await ask(`${proxy.url}/notes`, { ...asked, after });
  return {
    answer,
    elapsedMs: performance.now() - started,
    reached: target.reached,
    hits: proxy.hits().map(({ hits }) => hits),
  };
};

describe('the fault proxy without faults', () => {
  it('passes method, path, headers and body to the target and its whole answer back', async () => {
    const seen: { url?: string | undefined; headers?: readonly string[]; body?: string } = {};
    const target = await startTarget(async (asked, response) => {
      seen.url = `${asked.method} ${asked.url}`;
      seen.headers = asked.rawHeaders;
      seen.body = (await readAll(asked)).toString();
      response
        .writeHead(418, 'Short And Stout', [
          'X-One',
          '1',
          'Set-Cookie',
          'a=1',
          'Set-Cookie',
          'b=2',
          'Content-Length',
          '3',
        ])
        .end('tea');
    });
    const proxy = await startProxy(target);
    const answer = await ask(`${proxy.url}/a%20b?c=d&c=e`, {
      method: 'PUT',
      headers: { 'X-Two': ['x', 'y'] },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 418, statusMessage: 'Short And Stout', end: 'whole' });
    expect(answer.body.toString()).toBe('tea');
    expect(answer.rawHeaders.slice(0, 8)).toEqual([
      'X-One',
      '1',
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
      'Content-Length',
      '3',
    ]);
    expect(answer.headers.date).toBeDefined();
    expect(seen.url).toBe('PUT /a%20b?c=d&c=e');
    expect(seen.body).toBe('hello');
    expect(seen.headers?.filter((each) => each === 'x' || each === 'y')).toEqual(['x', 'y']);
  });

  it('names the target as host, unless the client named another', async () => {
    const target = await startTarget((asked, response) => sendJson(response, asked.headers.host ?? null));
    const proxy = await startProxy(target);
    expect((await ask(proxy.url)).body.toString()).toBe(JSON.stringify(new URL(target).host));
    expect((await ask(proxy.url, { headers: { host: 'notes.example' } })).body.toString()).toBe('"notes.example"');
  });

  it('passes large bodies both ways byte for byte, in chunks and with a length', async () => {
    const target = await startTarget((asked, response) => void asked.pipe(response));
    const proxy = await startProxy(target);
    const body = Buffer.alloc(5_000_000, 'plimsoll');
    for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': body.length }]) {
      const answer = await ask(proxy.url, { method: 'POST', headers, body });
      expect([answer.end, sha(answer.body)]).toEqual(['whole', sha(body)]);
    }
  });

  it('passes a stream as it comes: the head before the first byte, each chunk before the next is asked for', async () => {
    // Each side goes on only when the other's word has come through, so a proxy that buffers would hang here.
    const target = await startTarget(async (asked, response) => {
      response.flushHeaders();
      for await (const chunk of asked) response.write(`<${chunk}>`);
      response.end();
    });
    const proxy = await startProxy(target);
    const asking = request(proxy.url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    asking.flushHeaders();
    const response = await new Promise<AsyncIterable<Buffer>>((resolve) => asking.once('response', resolve));
    asking.write('1');
    let got = '';
    for await (const chunk of response) {
      got += chunk;
      if (got === '<1>') asking.write('2');
      if (got === '<1><2>') asking.end();
    }
    expect(got).toBe('<1><2>');
  });

  it('keeps HEAD, 204 and 304 without a body and with their headers', async () => {
    const target = await startTarget((asked, response) => {
      if (asked.method === 'HEAD') response.writeHead(200, { 'content-length': 1234 });
      else response.writeHead(asked.url === '/204' ? 204 : 304, { etag: '"1"' });
      response.end();
    });
    const proxy = await startProxy(target);
    const head = await ask(proxy.url, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length, head.end]).toEqual([
      200,
      '1234',
      0,
      'whole',
    ]);
    for (const status of [204, 304]) {
      const answer = await ask(`${proxy.url}/${status}`);
      expect([answer.status, answer.headers.etag, answer.headers['content-length'], answer.end]).toEqual([
        status,
        '"1"',
        undefined,
        'whole',
      ]);
    }
  });

  it('tells the target of a POST without a body that there is none', async () => {
    const target = await startTarget((asked, response) =>
      sendJson(response, asked.headers['transfer-encoding'] ?? null),
    );
    const proxy = await startProxy(target);
    // Node's own client would announce an empty body; curl and others send neither header.
    const { port } = new URL(proxy.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect((await readAll(socket)).toString().endsWith('\r\n\r\nnull')).toBe(true);
  });

  it('keeps connections alive on both sides', async () => {
    const ports = new Set<number | undefined>();
    const target = await startTarget((asked, response) => {
      ports.add(asked.socket.remotePort);
      sendJson(response, note);
    });
    const proxy = await startProxy(target);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const own = new Set<number | undefined>();
    agent.on('free', (socket: Socket) => own.add(socket.localPort));
    for (let n = 0; n < 5; n++) await ask(proxy.url, { agent });
    await new Promise(setImmediate);
    expect([own.size, ports.size]).toEqual([1, 1]);
  });

  it('passes 100 kB of headers and a compressed body untouched', async () => {
    const packed = gzipSync('plimsoll');
    const target = await startTarget((asked, response) => {
      expect(asked.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'x-big': 'b'.repeat(100_000), 'content-encoding': 'gzip' }).end(packed);
    });
    const proxy = await startProxy(target);
    const answer = await new Promise<[number | undefined, Buffer]>((resolve, reject) => {
      const asking = request(
        proxy.url,
        { maxHeaderSize: 200_000, headers: { 'accept-encoding': 'gzip' } },
        async (response) => resolve([response.headers['x-big']?.length, await readAll(response)]),
      );
      asking.on('error', reject).end();
    });
    expect(answer).toEqual([100_000, packed]);
  });

  it('passes on that a target refuses, cuts or lies about its length: as a failure, never as an answer', async () => {
    const raw = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        if (data.includes('/cut')) socket.destroy();
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort');
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const { port } = raw.address() as { port: number };
    const told: string[] = [];
    const proxy = await startProxy(`http://127.0.0.1:${port}`, [], 1, (message) => told.push(message));
    expect(await ask(`${proxy.url}/cut`)).toMatchObject({ status: undefined, end: 'ECONNRESET' });
    const lied = await ask(`${proxy.url}/lie`);
    expect([lied.status, lied.body.toString(), lied.end]).toEqual([200, 'short', 'ECONNRESET']);
    await new Promise((resolve) => raw.close(resolve));
    expect(await ask(proxy.url)).toMatchObject({ status: undefined, end: 'ECONNRESET' });
    expect(told).toHaveLength(3);
    expect(told[2]).toMatch(/ECONNREFUSED/);
  });

  it('lets go of the target when the client goes', async () => {
    const gone = Promise.withResolvers<void>();
    const target = await startTarget((_, response) => {
      response.once('close', gone.resolve);
      response.write('first');
    });
    const proxy = await startProxy(target);
    const answer = await ask(proxy.url, { quietMs: 50, after: ({ bytes }) => bytes > 0 });
    expect([answer.body.toString(), answer.end]).toEqual(['first', 'hung']);
    await gone.promise;
  });
});

describe('each HTTP fault, seen by a client', () => {
  it('control: nothing of it shows without a fault', async () => {
    const { answer, reached, hits } = await askWith([]);
    expect(answer).toMatchObject({ status: 200, end: 'whole', headers: { 'content-type': 'application/json' } });
    expect([answer.body.toString(), reached, hits]).toEqual([JSON.stringify(note), ['GET /notes'], []]);
  });

  it('delay: the answer comes later by at least so much, and whole', async () => {
    const { answer, elapsedMs, hits } = await askWith(['delay=120ms']);
    expect([answer.body.toString(), hits]).toEqual([JSON.stringify(note), [1]]);
    expect(elapsedMs).toBeGreaterThan(115);
  });

  it('delay: several add up', async () => {
    const { elapsedMs, hits } = await askWith(['delay=60ms', 'delay=uniform(60,70)']);
    expect(elapsedMs).toBeGreaterThan(115);
    expect(hits).toEqual([1, 1]);
  });

  it('error: a status and a body of its own, and the target is never asked', async () => {
    const { answer, reached, hits } = await askWith(['error=503,"{\\"code\\":\\"BUSY\\"}"']);
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      503,
      'application/json',
      '{"code":"BUSY"}',
    ]);
    expect([reached, hits]).toEqual([[], [1]]);
  });

  it('refuse: the connection is reset, and the target is never asked', async () => {
    const { answer, reached, hits } = await askWith(['refuse'], { method: 'POST', body: 'x'.repeat(100_000) });
    expect([answer.status, reached, hits]).toEqual([undefined, [], [1]]);
    expect(['ECONNRESET', 'EPIPE']).toContain(answer.end);
  });

  it.each([
    ['headers', undefined, 0],
    ['after-headers', 200, 0],
    ['body', 200, Math.floor(JSON.stringify(note).length / 2)],
  ])('hang=%s: status %s and %i bytes, then nothing', async (at, status, bytes) => {
    const { answer, reached, hits } = await askWith([`hang=${at}`], {
      quietMs: 60,
      after: (answer) => answer.status === status && answer.bytes >= bytes,
    });
    expect([answer.status, answer.body.length, answer.end]).toEqual([status, bytes, 'hung']);
    expect([reached, hits]).toEqual([['GET /notes'], [1]]);
  });

  it.each([
    ['headers', undefined, 0],
    ['after-headers', 200, 0],
    ['body', 200, Math.floor(JSON.stringify(note).length / 2)],
  ])('cut=%s: status %s and %i bytes, then the socket ends', async (at, status, bytes) => {
    const { answer, reached, hits } = await askWith([`cut=${at}`]);
    expect([answer.status, answer.body.length, answer.end]).toEqual([status, bytes, 'ECONNRESET']);
    expect([reached, hits]).toEqual([['GET /notes'], [1]]);
  });

  it('cut=body: half of the first chunk when nobody knows the length', async () => {
    const target = await startTarget((_, response) => {
      response.write('12345678');
      setTimeout(() => response.end('more'), 20);
    });
    const proxy = await startProxy(target, faultsOf('cut=body'));
    const answer = await ask(proxy.url);
    expect([answer.body.toString(), answer.end]).toEqual(['1234', 'ECONNRESET']);
  });

  it('drip: so many bytes at a time, each with a pause before it', async () => {
    const { answer, elapsedMs, hits } = await askWith(['drip=8b/10ms']);
    expect([answer.body.toString(), answer.end, hits]).toEqual([JSON.stringify(note), 'whole', [1]]);
    expect(elapsedMs).toBeGreaterThan((Math.ceil(JSON.stringify(note).length / 8) - 1) * 10 - 5);
  });

  it('oversize: the body is padded to the size and is still the same JSON', async () => {
    const { answer, hits } = await askWith(['oversize=3mb']);
    expect([answer.body.length, answer.end, hits]).toEqual([3 * 1024 ** 2, 'whole', [1]]);
    expect(JSON.parse(answer.body.toString())).toEqual(note);
  });

  it('oversize: 1 GB streams through bounded memory until the client has enough', async () => {
    const target = await startNotes();
    const proxy = await startProxy(target.url, faultsOf('oversize=1gb'));
    const before = process.memoryUsage().rss;
    let size = 0;
    await new Promise<void>((resolve) => {
      const asking = request(proxy.url, async (response) => {
        for await (const chunk of response) {
          size += chunk.length;
          if (size > 200 * 1024 ** 2) break;
        }
        resolve();
      });
      asking.on('error', () => {}).end();
    });
    expect(size).toBeGreaterThan(200 * 1024 ** 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });

  it('wrong-type: only the content type differs', async () => {
    const { answer, hits } = await askWith(['wrong-type=text/html']);
    expect([answer.headers['content-type'], answer.body.toString(), hits]).toEqual([
      'text/html',
      JSON.stringify(note),
      [1],
    ]);
  });

  it('forget: the target never sees the header, and one that is not there is no hit', async () => {
    const seen: unknown[] = [];
    const target = await startTarget(({ headers }, response) => {
      seen.push([headers['idempotency-key'], headers['x-other']]);
      response.end();
    });
    const proxy = await startProxy(target, faultsOf('forget=Idempotency-Key@from:2'));
    for (const headers of [{ 'Idempotency-Key': 'k' }, { 'Idempotency-Key': 'k', 'x-other': 'o' }, {}]) {
      await ask(proxy.url, { headers });
    }
    expect(seen).toEqual([
      ['k', undefined],
      [undefined, 'o'],
      [undefined, undefined],
    ]);
    expect(proxy.hits()).toMatchObject([{ seen: 3, hits: 1 }]);
  });

  it('corrupt: one bit of the body', async () => {
    const { answer, hits } = await askWith(['corrupt']);
    const wanted = Buffer.from(JSON.stringify(note));
    const wrong = wanted.filter((byte, index) => byte !== answer.body[index]);
    expect([answer.body.length, wrong.length, hits]).toEqual([wanted.length, 1, [1]]);
  });

  it('corrupt: a field gets another value of its type, or the one given', async () => {
    expect(JSON.parse((await askWith(['corrupt=id'])).answer.body.toString())).toEqual({ ...note, id: -7 });
    expect(JSON.parse((await askWith(['corrupt=tags.0:"b c"'])).answer.body.toString())).toEqual({
      ...note,
      tags: ['b c'],
    });
  });

  it('corrupt: what has no such field passes untouched and is not counted as hit', async () => {
    const { answer, hits } = await askWith(['corrupt=nothing']);
    expect([answer.body.toString(), hits]).toEqual([JSON.stringify(note), [0]]);
  });

  it('corrupt: asks for a body that is not compressed', async () => {
    const target = await startTarget((asked, response) => {
      const packed = asked.headers['accept-encoding'] !== 'identity';
      response
        .writeHead(200, packed ? { 'content-encoding': 'gzip' } : {})
        .end(packed ? gzipSync('{"id":7}') : '{"id":7}');
    });
    const proxy = await startProxy(target, faultsOf('corrupt=id'));
    expect((await ask(proxy.url, { headers: { 'accept-encoding': 'gzip' } })).body.toString()).toBe('{"id":-7}');
  });

  it('faults of the body leave an answer without one alone, and are not counted as hits', async () => {
    const specs = ['hang=body', 'oversize=1mb', 'corrupt', 'drip=1s'];
    const { answer, hits } = await askWith(specs, { method: 'HEAD' });
    expect([answer.status, answer.end, hits]).toEqual([200, 'whole', [0, 0, 0, 0]]);
  });

  it('faults compose: a field corrupted, padded, dripped and cut half way', async () => {
    const { answer, hits } = await askWith(['corrupt=id:8', 'oversize=1kb', 'drip=64b/1ms', 'wrong-type=text/html']);
    expect([answer.body.length, JSON.parse(answer.body.toString()), answer.headers['content-type']]).toEqual([
      1024,
      { ...note, id: 8 },
      'text/html',
    ]);
    expect(hits).toEqual([1, 1, 1, 1]);
  });
});

describe('which requests a fault falls on', () => {
  const statuses = async (specs: readonly string[], asked: readonly [method: string, path: string][], seed = 1) => {
    const target = await startNotes();
    const proxy = await startProxy(target.url, faultsOf(...specs), seed);
    const got: (number | undefined)[] = [];
    for (const [method, path] of asked) got.push((await ask(`${proxy.url}${path}`, { method })).status);
    return { got, hits: proxy.hits().map(({ spec, seen, hits }) => [spec, seen, hits]) };
  };
  const times = (n: number): [string, string][] => Array.from({ length: n }, () => ['GET', '/']);

  it('every n-th, only the n-th, from the n-th on', async () => {
    expect((await statuses(['error=500@every:3'], times(6))).got).toEqual([200, 200, 500, 200, 200, 500]);
    expect((await statuses(['error=500@nth:2'], times(4))).got).toEqual([200, 500, 200, 200]);
    expect((await statuses(['error=500@from:3'], times(4))).got).toEqual([200, 200, 500, 500]);
  });

  it('by method and path prefix, each counted by itself', async () => {
    const asked: [string, string][] = [
      ['GET', '/a/1'],
      ['POST', '/a/1'],
      ['POST', '/b'],
      ['POST', '/a/2'],
    ];
    const { got, hits } = await statuses(['error=500@nth:2 POST /a', 'error=501 /b'], asked);
    expect(got).toEqual([200, 200, 501, 500]);
    expect(hits).toEqual([
      ['error=500@nth:2 POST /a', 2, 1],
      ['error=501 /b', 1, 1],
    ]);
  });

  it('a share is the same for the same seed and another for another', async () => {
    const run = (seed: number) => statuses(['error=500@0.5'], times(40), seed);
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again.got).toEqual(first.got);
    expect(other.got).not.toEqual(first.got);
    const hits = first.got.filter((status) => status === 500).length;
    expect(first.hits).toEqual([['error=500@0.5', 40, hits]]);
    expect(hits).toBeGreaterThan(5);
    expect(hits).toBeLessThan(35);
  });

  it('setFaults takes hold at the next request, on the same connection, and counts from zero', async () => {
    const target = await startNotes();
    const proxy = await startProxy(target.url, faultsOf('error=500'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    expect((await ask(proxy.url, { agent })).status).toBe(500);
    proxy.setFaults([]);
    expect([(await ask(proxy.url, { agent })).status, proxy.hits()]).toEqual([200, []]);
    proxy.setFaults(faultsOf('error=502@nth:1'));
    expect([(await ask(proxy.url, { agent })).status, (await ask(proxy.url, { agent })).status]).toEqual([502, 200]);
    expect(proxy.hits()).toMatchObject([{ spec: 'error=502@nth:1', seen: 2, hits: 1 }]);
  });

  it('refuses a typed fault that is out of bounds and a target that is no origin', async () => {
    const target = await startNotes();
    const proxy = await startProxy(target.url);
    expect(() => proxy.setFaults([{ layer: 'http', action: 'error', status: 42 }])).toThrow(/a status from 200 to 599/);
    expect((await ask(proxy.url)).status).toBe(200);
    for (const bad of ['', 'ftp://a', 'http://a/b', 'http://u:p@a', 'notes']) {
      await expect(startProxy(bad)).rejects.toThrow(/the target must be an origin/);
    }
  });

  it('close ends hung, dripping, delayed and idle connections at once', async () => {
    const target = await startNotes();
    const proxy = await startProxy(target.url, faultsOf('hang /hang', 'drip=10s /drip', 'delay=10m /delay'));
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await ask(`${proxy.url}/idle`, { agent });
    const asked = ['/hang', '/drip', '/delay'].map((path) => ask(`${proxy.url}${path}`));
    while (target.reached.length < 4) await new Promise(setImmediate);
    await proxy.close();
    expect((await Promise.all(asked)).map(({ end }) => end)).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    await proxy.close();
  });
});
