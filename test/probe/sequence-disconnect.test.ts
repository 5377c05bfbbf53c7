import { describe, expect, it } from 'vitest';
import {
  converse,
  frameOf,
  keepTargets,
  lastStep,
  passOf,
  serveRawWebsocket,
  serveTcp,
  serveWebsocket,
  switchingProtocols,
} from '../support/websocket-target.ts';

const keep = keepTargets();

const disconnect = async (url: string, how: object = {}) =>
  lastStep(await converse([{ connect: { url } }, { disconnect: how }]));

describe('a disconnect step', () => {
  it('says code and reason, and is timed to the end of the connection', async () => {
    const closes: string[] = [];
    const url = await keep(
      serveWebsocket((socket) => socket.on('close', (code, reason) => closes.push(`${code} ${reason}`))),
    );
    const { phasesMs, latencyMs, checks } = await disconnect(url, { close: 4002, reason: 'moving on' });
    expect(checks).toEqual([{ name: 'close is answered', result: 'pass', actual: '4002 "moving on"' }]);
    expect(phasesMs).toEqual({ close: latencyMs });
    await expect.poll(() => closes).toEqual(['4002 moving on']);
  });

  it('closes with 1000 where nothing else is said', async () => {
    expect((await disconnect(await keep(serveWebsocket(() => {})))).checks).toMatchObject([{ actual: '1000' }]);
  });

  it('fails on a server that never answers the close, in its own time', async () => {
    const url = await keep(serveRawWebsocket([], undefined, true));
    expect(await disconnect(url, { within: '120ms' })).toMatchObject({
      status: 'failed',
      latencyMs: expect.any(Number),
      failure: {
        kind: 'timeout',
        message: 'connection "main": the server never answered the close within 120 ms',
      },
    });
  });

  it('waits for a slow answer longer than the end of a pass would', async () => {
    const url = await keep(
      serveRawWebsocket(
        [],
        (socket) => socket.on('data', () => setTimeout(() => socket.end(frameOf(8, Buffer.from([0x03, 0xe8]))), 1_200)),
        true,
      ),
    );
    const { phasesMs, checks } = await disconnect(url, { within: '20s' });
    expect(checks).toMatchObject([{ result: 'pass', actual: '1000' }]);
    expect(phasesMs.close).toBeGreaterThan(1_100);
  });

  it('tells an answer after which nobody hangs up from none', async () => {
    const url = await keep(
      serveTcp(
        (socket) =>
          socket.once('data', (request) => {
            socket.write(switchingProtocols(request.toString('latin1')));
            socket.once('data', () => socket.write(frameOf(8, Buffer.from([0x03, 0xe8]))));
          }),
        { allowHalfOpen: true },
      ),
    );
    expect((await disconnect(url, { within: '120ms' })).failure?.message).toBe(
      'connection "main": the server answered the close, and did not hang up within 120 ms',
    );
  });

  it('is wrong where the server hangs up without a close frame', async () => {
    const step = await disconnect(await keep(serveRawWebsocket([])));
    expect(step).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: 'the server hung up without a close frame (1006)' }],
    });
    expect(step.failure).toBeUndefined();
  });

  it('drops the socket without a word where it is told to', async () => {
    const codes: number[] = [];
    const url = await keep(serveWebsocket((socket) => socket.on('close', (code) => codes.push(code))));
    const step = await disconnect(url, { terminate: true });
    expect(step).toMatchObject({ status: 'done', checks: [], phasesMs: {} });
    await expect.poll(() => codes).toEqual([1006]);
  });

  it('has nothing to do on a connection that has ended', async () => {
    const url = await keep(serveWebsocket((socket) => socket.close(1001)));
    const result = await converse([{ connect: { url } }, { expectClose: { code: 1001 } }, { disconnect: {} }]);
    expect(lastStep(result).failure).toMatchObject({ kind: 'closed', closeCode: 1001 });
    expect(passOf(result).complete).toBe(false);
  });
});
