import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import type { ControlPlan } from '../../lib/config/plan.ts';
import { mayBeOurNetwork } from '../../lib/judge/attribution/control.ts';
import { observationOf } from '../../lib/judge/observation.ts';
import { judgeRun } from '../../lib/judge/run.ts';
import { createControl, withControl } from '../../lib/probe/control.ts';
import { createGuard } from '../../lib/probe/guard.ts';
import type { ProbeContext } from '../../lib/probe/prober.ts';
import type { Run } from '../../lib/result/result.ts';
import { startHttpsTarget, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { contextOf, measure, occasion, probeOf } from '../support/probing.ts';
import { makeStoredRun } from '../support/runs.ts';
import { serveWebsocket } from '../support/websocket-target.ts';

const keep = async (starting: Promise<Target>): Promise<Target> => {
  const target = await starting;
  onTestFinished(() => target.close());
  return target;
};
const answering = (status = 200, headers: Record<string, string> = {}): Promise<Target> =>
  keep(startHttpTarget((_, response) => void response.writeHead(status, headers).end()));
const silent = (): Promise<Target> => keep(startTcpTarget(() => {}));
/** Nobody listens on these, and no test is given them. */
const [closed, alsoClosed] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];

const never = new AbortController().signal;
/** A limit that is there to be reached: a connection must stand before it. */
const short = { timeout: '1s' };
const probe = (url: string, request: object = {}, more: object = {}) =>
  probeOf({
    kind: 'http',
    samples: 1,
    timeout: '30s',
    steps: [{ name: 'get', request: { url, ...request }, expect: { status: 200 } }],
    ...more,
  });
const controlPlan = (url: string, timeoutMs = 30_000): ControlPlan => ({ url, timeoutMs });

/** Measures, judges, and asks the control target as `watch` does. */
const runWith = async (
  plan: ReturnType<typeof probe>,
  control?: ControlPlan,
  context: ProbeContext = contextOf(),
): Promise<Run> => {
  const judged = judgeRun(plan, occasion, await measure(plan, context));
  return (await withControl(judged, control && createControl(control, context), never)).run;
};

describe('a service that refuses its connections', () => {
  it('is at fault, or its host, when the control target answers', async () => {
    const control = await answering(404);
    const run = await runWith(probe(closed), controlPlan(`${control.url}/ping`));
    expect(run.verdict).toBe('fail');
    expect(run.attribution).toMatchObject({ at: 'tcp', phase: 'connect', control: 'answered' });
    expect(run.attribution?.words).toMatch(
      /^the service's host, or the network to it: the connection was refused .*; our own network works: the control target http:\/\/127\.0\.0\.1:\d+ answered 404$/,
    );
    expect(control.requests.map(({ method, path }) => [method, path])).toEqual([['HEAD', '/ping']]);
  });

  it('is left in peace when the control target cannot be reached either: the run is inconclusive', async () => {
    const run = await runWith(probe(closed), controlPlan(alsoClosed));
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons[0]).toBe(`could not reach ${closed}, nor the control target ${alsoClosed}: our own network`);
    expect(run.reasons[1]).toMatch(/^get: the connection was refused/);
    expect(run.attribution).toMatchObject({ at: 'prober', phase: 'connect', control: 'silent' });
    expect(run.attribution?.words).toMatch(/^our own network: neither the service nor the control target/);
  });

  it('without a control target is as unclear as one place can tell', async () => {
    const run = await runWith(probe(closed));
    expect(run.verdict).toBe('fail');
    expect(run.attribution).toMatchObject({ at: 'tcp', phase: 'connect' });
    expect(run.attribution?.control).toBeUndefined();
  });
});

describe('a websocket that is closed under way', () => {
  it.for<[(socket: WebSocket) => void, string, RegExp]>([
    [
      (socket) => socket.close(1011, 'overload'),
      'application',
      /^the service: connection "main" was closed with 1011 "overload"/,
    ],
    [(socket) => socket.close(1014), 'http', /^a gateway before the service: connection "main" was closed with 1014/],
    [
      (socket) => socket.terminate(),
      'http',
      /^the service, or something on the way to it: .* broke off without a close frame/,
    ],
  ])('is told by its close code', async ([end, at, words]) => {
    const target = await serveWebsocket(end);
    onTestFinished(target.close);
    const steps = [{ connect: { url: target.url } }, { expect: { one: { type: 'ack' }, within: '2s' } }];
    const run = await runWith(probeOf({ kind: 'websocket', steps }), controlPlan(closed));
    expect([run.verdict, run.attribution?.at]).toEqual(['fail', at]);
    expect(run.attribution?.words).toMatch(words);
  });
});

describe('what our own network kept from answering', () => {
  it('spends no budget and moves no baseline', async () => {
    const plan = probe(closed, {}, { slo: { objective: '99%', thresholds: ['p(95)<400', 'failed<1%'] } });
    const context = contextOf();
    const judged = judgeRun(plan, occasion, await measure(plan, context));
    const seen = observationOf(judged);
    expect(seen.counts.some(({ bad }) => bad > 0)).toBe(true);
    expect(seen.series.total?.unanswered).toBe(1);
    const blind = await withControl(judged, createControl(controlPlan(alsoClosed), context), never);
    expect(observationOf(blind)).toMatchObject({
      verdict: 'inconclusive',
      samples: 0,
      good: 0,
      counts: [],
      series: {},
    });
  });
});

describe('the control target', () => {
  const asked = async (plan: ReturnType<typeof probe>) => {
    const control = await answering();
    const run = await runWith(plan, controlPlan(control.url));
    return { run, requests: control.requests.length };
  };

  it('is asked when the name does not resolve', async () => {
    const { run, requests } = await asked(probe('http://no-such-host.invalid/'));
    expect(requests).toBe(1);
    expect(run.attribution).toMatchObject({ at: 'dns', phase: 'dns', control: 'answered' });
    expect(run.attribution?.words).toMatch(/^name resolution: /);
  });

  it('is asked when the TLS handshake fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...names, ...files], {
      cwd: folder,
      stdio: 'ignore',
    });
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
    const target = await keep(startHttpsTarget({ key, cert }, (_, response) => void response.end()));
    const { run, requests } = await asked(probe(target.url));
    expect(requests).toBe(1);
    expect(run.attribution).toMatchObject({ at: 'tls', phase: 'tls', control: 'answered' });
    expect(run.attribution?.words).toContain('the certificate is self-signed');
  });

  it('is asked when nothing but silence came', async () => {
    const { run, requests } = await asked(probe((await silent()).url, {}, short));
    expect(requests).toBe(1);
    expect(run.attribution).toMatchObject({ at: 'http', phase: 'firstByte', control: 'answered' });
  });

  it('is asked when a websocket cannot be opened', async () => {
    const url = closed.replace('http:', 'ws:');
    const plan = probeOf({ kind: 'websocket', timeout: '30s', steps: [{ connect: { url } }] });
    const { run, requests } = await asked(plan);
    expect(requests).toBe(1);
    expect(run.attribution).toMatchObject({ at: 'tcp', phase: 'connect', control: 'answered' });
  });

  it.for<[string, number, Record<string, string>, string]>([
    ['an error of the service', 500, {}, 'application'],
    ['an error of a gateway', 502, {}, 'http'],
    ['an answer nobody expected', 404, {}, 'application'],
  ])('is left alone after %s', async ([, status, headers, at]) => {
    const { run, requests } = await asked(probe((await answering(status, headers)).url));
    expect([run.verdict, run.attribution?.at, requests]).toEqual(['fail', at, 0]);
  });

  it('is left alone after a good run, a slow one, and one that our own guard or config stopped', async () => {
    const good = await asked(probe((await answering()).url));
    const slow = await asked(probe((await answering()).url, {}, { slo: { thresholds: ['p(95)<0.001'] } }));
    expect([good.run.verdict, slow.run.verdict]).toEqual(['pass', 'degraded']);
    expect([good.run.attribution, slow.run.attribution?.at]).toEqual([undefined, 'latency']);
    const guarded = await asked(probe('http://169.254.169.254/latest/meta-data/'));
    expect(guarded.run).toMatchObject({ verdict: 'inconclusive', attribution: { at: 'prober' } });
    expect([good.requests, slow.requests, guarded.requests]).toEqual([0, 0, 0]);
  });

  it('is left alone while the service answers at least in part: that has shown that our network works', async () => {
    const target = await keep(
      startHttpTarget((request, response) => {
        if (request.url === '/fast') response.end();
      }),
    );
    const step = (name: string) => ({ name, request: { url: `${target.url}/${name}` } });
    const steps = [step('fast'), { ...step('hang'), ...short }];
    const { run, requests } = await asked(probe(target.url, {}, { steps }));
    expect([run.verdict, run.attribution?.at, requests]).toEqual(['fail', 'http', 0]);
  });

  it('is asked when the last pass of several heard nothing, and not when an earlier one did', async () => {
    const plan = probe('http://127.0.0.1:1');
    const [broken] = (await measure(plan)).passes;
    const good = makeStoredRun({ latencies: [5] }).passes;
    if (!broken) throw new Error('no pass was made');
    const stored = makeStoredRun({ run: { verdict: 'fail' } });
    expect(mayBeOurNetwork({ ...stored, passes: [...good, broken] })).toBe(true);
    expect(mayBeOurNetwork({ ...stored, passes: [broken, ...good] })).toBe(false);
  });

  it('that keeps silent is silent after its own limit', async () => {
    const control = await silent();
    const run = await runWith(probe(closed), controlPlan(control.url, 1_000));
    expect(run.attribution?.words).toMatch(/no answer within 1,000 ms, waiting for the first byte/);
    expect(run.verdict).toBe('inconclusive');
  });

  it('that the guard keeps us from, or whose URL has no value, has kept silent about nothing', async () => {
    const context = contextOf();
    const guarded = { ...context, guard: createGuard({ allow: [`${new URL(closed).hostname}/32`], loopback: false }) };
    for (const [control, why] of [
      ['http://10.1.2.3/', /10\.1\.2\.3 is private/],
      ['{{unset}}/ping', /\{\{unset\}\} has no value/],
    ] as const) {
      const run = await runWith(probe(closed), controlPlan(control), guarded);
      expect([run.verdict, run.attribution?.at, run.attribution?.control]).toEqual(['fail', 'tcp', undefined]);
      expect(run.attribution?.words).toMatch(/; the control target could not be asked: /);
      expect(run.attribution?.words).toMatch(why);
    }
  });

  it('gives up no secret that its URL became', async () => {
    const secret = 'canary-7f3a9b';
    const run = await runWith(
      probe(closed),
      controlPlan('{{base}}'),
      contextOf({ base: `nonsense ${secret}` }, [secret]),
    );
    expect(run.attribution?.words).toContain('could not be asked');
    expect(JSON.stringify(run)).not.toContain(secret);
  });
});

describe('probes that fail side by side', () => {
  const dependable = async () => {
    const waiting: (() => void)[] = [];
    const target = await keep(startHttpTarget((_, response) => void waiting.push(() => response.end())));
    const release = () => {
      for (const answer of waiting.splice(0)) answer();
    };
    const arrived = async (count: number) => {
      while (target.requests.length < count) await new Promise((done) => setImmediate(done));
    };
    return { target, arrived, release };
  };

  it('share one request, and those that fail later ask anew', async () => {
    const { target, arrived, release } = await dependable();
    const control = createControl(controlPlan(target.url, 10_000), contextOf());
    const asked = [control(never), control(never), control(never)];
    await arrived(1);
    asked.push(control(never));
    release();
    expect(new Set((await Promise.all(asked)).map(({ said }) => said))).toEqual(new Set(['answered']));
    expect(target.requests).toHaveLength(1);
    const again = control(never);
    await arrived(2);
    release();
    expect(await again).toMatchObject({ said: 'answered', detail: 'answered 200' });
  });

  it('do not lose it when one of them is stopped, and end it when all are', async () => {
    const { target, arrived, release } = await dependable();
    const control = createControl(controlPlan(target.url, 10_000), contextOf());
    const [one, two] = [new AbortController(), new AbortController()];
    const stopped = control(one.signal);
    const going = control(never);
    await arrived(1);
    one.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    release();
    expect(await going).toMatchObject({ said: 'answered' });
    const alone = control(two.signal);
    await arrived(2);
    two.abort(new Error('stopped too'));
    await expect(alone).rejects.toThrow('stopped too');
    await expect(control(two.signal)).rejects.toThrow('stopped too');
    expect(target.requests).toHaveLength(2);
  });
});
