import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../lib/probe/prober.ts';
import { isReused, type Moments, phasesOf, stampArrivals, stampSocket } from '../../lib/probe/timing.ts';
import { json, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { measure, probeOf } from '../support/probing.ts';

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
const targets: Target[] = [];

const target = async (starting: Promise<Target>): Promise<Target> => {
  const started = await starting;
  targets.push(started);
  return started;
};

afterEach(() => Promise.all(targets.splice(0).map((one) => one.close())));

const openSocket = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
};

describe('the moments of an exchange', () => {
  it('begin with the kept-alive connection: what we did before it was there is our own time', async () => {
    const { port } = await target(startTcpTarget(() => {}));
    const socket = await openSocket(port);
    const begun = clock.monotonic();
    const moments: Moments = { start: begun - 100 };
    stampSocket(socket, moments, false, clock);
    expect(moments.start).toBeGreaterThanOrEqual(begun);
    expect(isReused(moments)).toBe(true);
    const [firstByte, end] = [moments.start + 2, moments.start + 3];
    expect(phasesOf({ ...moments, firstByte, end })).toEqual({
      firstByte: expect.closeTo(2, 6),
      download: expect.closeTo(1, 6),
    });
  });

  it('keep the start of an exchange that has to connect', async () => {
    const { port } = await target(startTcpTarget(() => {}));
    const moments: Moments = { start: clock.monotonic() - 100 };
    const { start } = moments;
    const socket = connect(port, '127.0.0.1');
    stampSocket(socket, moments, false, clock);
    await once(socket, 'connect');
    expect(moments.start).toBe(start);
    expect(isReused(moments)).toBe(false);
  });

  it('stamp bytes before anybody who listened earlier has spent time on them', async () => {
    const { port } = await target(startTcpTarget((socket) => socket.end('hello')));
    const socket = connect(port, '127.0.0.1');
    const moments: Moments = { start: 0 };
    const seen: { readonly read: number; readonly stamped: number | undefined }[] = [];
    for (const event of ['data', 'end']) {
      socket.on(event, () => seen.push({ read: clock.monotonic(), stamped: moments.received }));
    }
    const before = [socket.listenerCount('data'), socket.listenerCount('end')];
    const stop = stampArrivals(socket, moments, clock);
    await once(socket, 'close');
    expect(seen).toHaveLength(2);
    for (const { read, stamped } of seen) expect(stamped).toBeLessThanOrEqual(read);
    expect(seen[1]?.stamped).toBeGreaterThan(seen[0]?.stamped ?? Number.POSITIVE_INFINITY);
    stop();
    expect([socket.listenerCount('data'), socket.listenerCount('end')]).toEqual(before);
  });
});

describe('a sample', () => {
  it('ends when its last byte came, not when we had unpacked it', async () => {
    // Fits into one read, and takes its time to inflate.
    const body = gzipSync(Buffer.alloc(8_000_000));
    const packed = await target(
      startHttpTarget((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)),
    );
    const probe = probeOf({ kind: 'http', samples: 8, steps: [{ name: 'get', request: { url: packed.url } }] });
    const { passes } = await measure(probe);
    const shares = passes
      .slice(1)
      .map((pass, index) => (passes[index]?.latencyMs ?? Number.NaN) / (pass.startMs - (passes[index]?.startMs ?? 0)));
    const median = shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 2)];
    expect(median).toBeLessThan(0.6);
  });

  it('counts a timeout at its limit, never below, on a kept-alive connection too', async () => {
    const failing = await target(
      startHttpTarget((_, response) => {
        // The warm-up is answered; after that there is silence.
        if (failing.requests.length === 1) json(response, 200, {});
      }),
    );
    const steps = [{ name: 'get', request: { url: failing.url } }];
    const { passes } = await measure(probeOf({ kind: 'http', samples: 2, timeout: '1s', steps }));
    expect(passes[0]?.steps[0]).toMatchObject({ reusedConnection: true, failure: { kind: 'timeout' } });
    for (const pass of passes) expect(pass.latencyMs).toBeGreaterThanOrEqual(1_000);
  });
});
