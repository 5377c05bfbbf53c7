import { afterEach, describe, expect, it } from 'vitest';
import type { FailureKind } from '../../lib/result/result.ts';
import { json, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { contextOf, measure, probeOf, runOf } from '../support/probing.ts';

const targets: Target[] = [];
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
});
const keep = (target: Target): Target => {
  targets.push(target);
  return target;
};

/** A limit that is there to be reached: everything up to it must come before it. */
const short = { timeout: '1s' };

const probe = (url: string, rest: object = {}, request: object = {}) =>
  probeOf(
    { kind: 'http', samples: 1, timeout: '30s', steps: [{ name: 'get', request: { url, ...request }, ...rest }] },
    { s: { from: ['env:S'], secret: true } },
  );

describe('a target that cannot be reached or breaks off', () => {
  const rows: readonly [what: string, talk: Parameters<typeof startTcpTarget>[0], kind: FailureKind, says: RegExp][] = [
    ['accepts and says nothing', () => {}, 'timeout', /no answer within 1,000 ms, waiting for the first byte/],
    [
      'stops after the head',
      (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
      'timeout',
      /waiting for the rest of the body/,
    ],
    [
      'closes half way',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
      'reset',
      /closed after 3 of 10 bytes/,
    ],
    ['closes at once', (socket) => socket.once('data', () => socket.end()), 'reset', /hang up|closed|reset/],
    ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'reset', /reset/],
    [
      'speaks another protocol',
      (socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9\r\n')),
      'protocol',
      /HPE_/,
    ],
    [
      'breaks its chunks',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')),
      'protocol',
      /HPE_|chunk/i,
    ],
  ];

  it.each(rows)('that %s is a value with its kind and its reason', async (_, talk, kind, says) => {
    const target = keep(await startTcpTarget((socket) => void talk(socket)));
    const [pass] = (await measure(probe(target.url, kind === 'timeout' ? short : {}))).passes;
    expect(pass?.complete).toBe(false);
    expect(pass?.steps[0]?.failure?.kind).toBe(kind);
    expect(pass?.steps[0]?.failure?.message).toMatch(says);
  });

  it('counts a timeout at its limit and a refusal above every limit', async () => {
    const silent = keep(await startTcpTarget(() => {}));
    const timedOut = (await measure(probe(silent.url, short))).passes[0];
    expect(timedOut?.latencyMs).toBeGreaterThanOrEqual(999);
    expect((await measure(probe('http://127.0.0.1:1'))).passes[0]?.latencyMs).toBeNull();
  });

  it('that sends more than is read ends at the limit', async () => {
    const large = keep(await startHttpTarget((_, response) => response.end(Buffer.alloc(300_000))));
    const [pass] = (await measure(probe(large.url, {}, { maxBody: '100kb' }))).passes;
    expect(pass?.steps[0]?.failure).toMatchObject({ kind: 'limit' });
    expect(pass?.steps[0]?.failure?.message).toMatch(/larger than [\d,]+ bytes/);
  });

  it('whose name does not resolve is told as such', async () => {
    const [pass] = (await measure(probe('http://no-such-host.invalid/'))).passes;
    expect(pass?.steps[0]?.failure?.kind).toBe('dns');
  });

  it('that the guard keeps closed is inconclusive: our refusal, not its fault', async () => {
    const run = await runOf(probe('http://169.254.169.254/latest/meta-data/'));
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons.join()).toMatch(/metadata/);
  });

  it('cannot have a header injected through what it answers: the request is not sent, and the config is to blame', async () => {
    const sly = keep(await startHttpTarget((_, response) => json(response, 200, { name: 'x\r\nx-evil: 1' })));
    const plan = probeOf({
      kind: 'http',
      samples: 1,
      steps: [
        { name: 'ask', request: { url: sly.url }, capture: { name: '$.name' } },
        { name: 'use', request: { url: `${sly.url}/use`, headers: { 'x-name': '{{name}}' } } },
      ],
    });
    const run = await runOf(plan);
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons[0]).toMatch(/^use: a header has a character that HTTP does not allow/);
    expect(sly.requests.map(({ path }) => path)).toEqual(['/']);
  });

  it('never gives up a secret in what it says', async () => {
    const echo = keep(
      await startHttpTarget((request, response) =>
        json(response, 500, { you: request.headers.authorization, url: request.url }),
      ),
    );
    const secret = 'canary-7f3a9b';
    const plan = probe(
      `${echo.url}/{{s}}`,
      { expect: { status: 200, json: { '$.you': 'nobody' } } },
      { auth: { bearer: '{{s}}' }, query: { s: '{{s}}' } },
    );
    const run = await runOf(plan, contextOf({ s: secret }, [secret]));
    expect(run.verdict).toBe('fail');
    expect(JSON.stringify(run)).not.toContain(secret);
    expect(JSON.stringify(run)).toContain('[redacted]');
  });
});
