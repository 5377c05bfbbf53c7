import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGuard } from '../../lib/probe/guard.ts';
import { type Message, type SendPolicy, send } from '../../lib/probe/send.ts';
import { startHttpTarget, startTcpTarget } from '../support/http-target.ts';
import { contextOf } from '../support/probing.ts';

const policy: SendPolicy = { timeoutMs: 30_000, tries: 3, firstBackoffMs: 1, longestBackoffMs: 1500 };
const usual = { context: contextOf(), policy, random: () => 0.5 };
const never = new AbortController().signal;

const compose: Message['compose'] = () => ({ headers: { 'x-sent': 'yes' }, body: '{"größe":1}' });
const messageTo = (url: string, composed = compose): Message => ({ url: new URL(url), compose: composed });

/** A receiver that gives these answers in turn, the last one for good. */
const receiver = async (...answers: readonly RequestListener[]) => {
  let asked = 0;
  const target = await startHttpTarget((request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    request.resume();
    answer?.(request, response);
  });
  onTestFinished(() => target.close());
  return target;
};
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(code, headers).end();

describe('sending', () => {
  it('posts the headers and the body, as they are', async () => {
    let seen = '';
    const target = await receiver((request, response) => {
      request.on('data', (chunk) => {
        seen += chunk;
      });
      request.on('end', () => response.writeHead(202).end());
    });
    expect(await send(messageTo(`${target.url}/hook`), usual, never)).toEqual({
      result: 'sent',
      detail: 'answered 202',
      tries: 1,
    });
    expect(target.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: { 'x-sent': 'yes', 'content-length': '13' },
    });
    expect(seen).toBe('{"größe":1}');
  });

  it.for([500, 502, 503, 429])('tries again after %i, composing anew each time', async (code) => {
    const target = await receiver(status(code), status(code), status(200));
    let composed = 0;
    const counting = () => ({ headers: { 'x-time': String(composed++) }, body: '{}' });
    expect(await send(messageTo(target.url, counting), usual, never)).toEqual({
      result: 'sent',
      detail: 'answered 200',
      tries: 3,
    });
    expect(target.requests.map(({ headers }) => headers['x-time'])).toEqual(['0', '1', '2']);
  });

  it.for([400, 401, 404, 410, 301, 304])('takes %i for the last word', async (code) => {
    const target = await receiver(status(code, { location: '/elsewhere' }));
    expect(await send(messageTo(target.url), usual, never)).toEqual({
      result: 'refused',
      detail: `answered ${code}`,
      tries: 1,
    });
    expect(target.requests).toHaveLength(1);
  });

  it('tries again when the connection breaks, and ends when its tries are used up', async () => {
    let connections = 0;
    const target = await startTcpTarget((socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    onTestFinished(() => target.close());
    const sent = await send(messageTo(target.url), usual, never);
    expect([sent.result, sent.tries, connections]).toEqual(['failed', 3, 3]);
    expect(sent.detail).toMatch(/connection|socket/);
    await target.close();
    const refused = await send(messageTo(target.url), usual, never);
    expect([refused.result, refused.tries]).toEqual(['failed', 3]);
    expect(refused.detail).toContain('the connection was refused');
  });

  it('gives a receiver that hangs its time, and no more', async () => {
    const target = await receiver(() => {});
    const hasty = { ...usual, policy: { ...policy, timeoutMs: 500, tries: 2 } };
    const sent = await send(messageTo(target.url), hasty, never);
    expect([sent.result, sent.tries, target.requests.length]).toEqual(['failed', 2, 2]);
    expect(sent.detail).toContain('no answer within 500 ms');
  });

  it('comes back no sooner than Retry-After asks, and no later than its own limit', async () => {
    const target = await receiver(
      status(429, { 'retry-after': '1' }),
      status(503, { 'retry-after': '3600' }),
      status(204),
    );
    const limited = { ...usual, policy: { ...policy, longestBackoffMs: 1100 } };
    const startMs = performance.now();
    expect((await send(messageTo(target.url), limited, never)).result).toBe('sent');
    const tookMs = performance.now() - startMs;
    // One second as asked, then the limit instead of an hour; timers may fire a millisecond early.
    expect(tookMs).toBeGreaterThan(2090);
  });

  it('goes through the guard, and never tries a closed address again', async () => {
    const target = await receiver(status(200));
    const closed = { ...usual, context: { ...contextOf(), guard: createGuard({ allow: [], loopback: false }) } };
    for (const url of [target.url, 'http://169.254.169.254/hook', 'http://[::ffff:169.254.169.254]/hook']) {
      const sent = await send(messageTo(url), closed, never);
      expect([sent.result, sent.tries]).toEqual(['refused', 1]);
    }
    expect(target.connections()).toBe(0);
  });

  it('tells no secret', async () => {
    const secret = 'hook-secret-1';
    const context = { ...contextOf({}, [secret]), guard: createGuard({ allow: [], loopback: false }) };
    const sent = await send(
      messageTo(`http://${secret}.localhost/`),
      { ...usual, context, policy: { ...policy, tries: 1 } },
      never,
    );
    expect(sent.detail).not.toContain(secret);
  });

  it('stops at once when it is told to, in a pause as in a request', async () => {
    const hangs = await receiver(() => {});
    const busy = await receiver(status(503));
    const patient = {
      ...usual,
      policy: { ...policy, timeoutMs: 60_000, firstBackoffMs: 60_000, longestBackoffMs: 60_000 },
    };
    for (const target of [hangs, busy]) {
      const stop = new AbortController();
      const sending = send(messageTo(target.url), patient, stop.signal);
      await expect.poll(() => target.requests.length).toBe(1);
      stop.abort(new Error('enough'));
      await expect(sending).rejects.toThrow('enough');
      expect(target.requests).toHaveLength(1);
    }
  });
});
