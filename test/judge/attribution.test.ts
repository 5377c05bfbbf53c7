import { describe, expect, it } from 'vitest';
import { attributionOf } from '../../lib/judge/attribution.ts';
import type { FailureKind, FaultPlace, Pass, Phase, PhasesMs, Run, StepOutcome } from '../../lib/result/result.ts';
import type { StoredRun } from '../../lib/result/store.ts';
import { makePass, makeStoredRun } from '../support/runs.ts';

const failedStep = (overrides: Partial<StepOutcome> = {}): StepOutcome => ({
  step: 'list',
  type: 'request',
  status: 'failed',
  startMs: 0,
  latencyMs: null,
  phasesMs: {},
  checks: [],
  attempts: 1,
  ...overrides,
});
const request = (url: string) => ({ request: { method: 'GET', url, headers: {} } });
const answered = (status: number, headers: Record<string, string> = {}) => ({
  ...request('https://api.example/notes'),
  response: { status, headers, bodyBytes: 0 },
});
const passOf = (...steps: readonly StepOutcome[]): Pass => ({ ...makePass(null), steps });
const storedOf = (passes: readonly Pass[], run: Partial<Run> = {}): StoredRun =>
  makeStoredRun({ passes, run: { verdict: 'fail', ...run } });
const suspectOf = (step: Partial<StepOutcome>, run: Partial<Run> = {}) =>
  attributionOf(storedOf([passOf(failedStep(step))], run));

describe('whose fault a failed run looks like', () => {
  it.for<[FailureKind, FaultPlace, Phase | undefined, string]>([
    ['dns', 'dns', 'dns', 'name resolution: no'],
    ['refused', 'tcp', 'connect', "the service's host, or the network to it: no"],
    ['reset', 'tcp', 'connect', "the service's host, or the network to it: no"],
    ['timeout', 'dns', 'dns', 'name resolution: no name server answered in time'],
    ['tls', 'tls', 'tls', "the service's TLS: no"],
    ['protocol', 'http', undefined, 'the service, or a gateway before it: what it sent is not the protocol'],
    ['upgrade', 'http', 'upgrade', 'the service, or a gateway that does not pass websockets on: no'],
    ['closed', 'application', undefined, 'the service: no'],
    ['redirect', 'application', undefined, 'the service: its redirects lead nowhere'],
    ['capture', 'application', undefined, 'the service, or what the probe expects of it: its answer lacks'],
    ['limit', 'application', undefined, 'the service, or the limits of the probe: its answer is larger'],
  ])('is told of a failure of kind %s', ([kind, at, phase, words]) => {
    const suspect = suspectOf({ failure: { kind, message: 'no' }, evidence: request('https://api.example/') });
    expect(suspect).toMatchObject({ at, ...(phase ? { phase } : {}) });
    expect(suspect?.phase).toBe(phase);
    expect(suspect?.words).toContain(words);
  });

  it.for<[FailureKind, string]>([
    ['template', 'our own side: the config of the probe'],
    ['guard', 'our own side: the address is one that probes may not reach'],
    ['prober', 'our own side: this machine: no'],
  ])('is our own for a failure of kind %s', ([kind, words]) => {
    const suspect = suspectOf({ failure: { kind, message: 'no' } }, { verdict: 'inconclusive' });
    expect(suspect).toEqual({ at: 'prober', words });
  });

  const reached: readonly [string, PhasesMs, string, FaultPlace, Phase][] = [
    ['no connection', { dns: 1 }, 'https://api.example/', 'tcp', 'connect'],
    ['no connection to an address', {}, 'https://192.0.2.1/', 'tcp', 'connect'],
    ['no connection to an IPv6 address', {}, 'https://[2001:db8::1]/', 'tcp', 'connect'],
    ['no handshake', { dns: 1, connect: 2 }, 'https://api.example/', 'tls', 'tls'],
    ['no first byte over TLS', { dns: 1, connect: 2, tls: 3 }, 'https://api.example/', 'http', 'firstByte'],
    ['no first byte in the clear', { dns: 1, connect: 2 }, 'http://api.example/', 'http', 'firstByte'],
    ['no end', { dns: 1, connect: 2, firstByte: 3 }, 'http://api.example/', 'http', 'download'],
  ];
  it.for(reached)('is told by the phase that a timeout and a reset reached: %s', ([, phasesMs, url, at, phase]) => {
    for (const kind of ['timeout', 'reset'] as const) {
      const suspect = suspectOf({ failure: { kind, message: 'no' }, phasesMs, evidence: request(url) });
      expect(suspect).toMatchObject({ at, phase });
    }
  });

  it('is no guess at the connection where a kept-alive one fell silent, nor at a phase that nobody saw', () => {
    const timeout = { failure: { kind: 'timeout', message: 'no' } } as const;
    expect(suspectOf({ ...timeout, reusedConnection: true, evidence: request('https://api.example/') })).toMatchObject({
      at: 'http',
      phase: 'firstByte',
    });
    expect(suspectOf(timeout)).toEqual({
      at: 'http',
      words: 'the service, or the network to it: no answer came in time',
    });
  });

  it('is told of a websocket by its upgrade, its close code and what never came', () => {
    const closed = (closeCode: number) =>
      suspectOf({ type: 'expect', failure: { kind: 'closed', message: `closed with ${closeCode}`, closeCode } });
    expect(closed(1011)).toEqual({ at: 'application', words: 'the service: closed with 1011' });
    expect(closed(1006)?.at).toBe('http');
    expect(closed(1014)).toMatchObject({ at: 'http', words: 'a gateway before the service: closed with 1014' });
    const awaited = suspectOf({ type: 'expect', failure: { kind: 'timeout', message: 'no' } });
    expect(awaited).toMatchObject({ at: 'application' });
    const upgrade = { kind: 'upgrade', message: 'refused with 403' } as const;
    const refused = suspectOf({ type: 'connect', failure: upgrade, unexpectedStatus: 403, evidence: answered(403) });
    expect(refused?.words).toBe('the service, or the credentials of the probe: it answered 403');
    const unanswered = suspectOf({
      type: 'connect',
      failure: { kind: 'timeout', message: 'no' },
      phasesMs: { dns: 0, connect: 1 },
      evidence: request('ws://api.example/ws'),
    });
    expect(unanswered).toMatchObject({ at: 'http', phase: 'upgrade' });
  });

  it('is told of a protocol over a websocket by its handshake, and of the end by its close', () => {
    const timeout = { kind: 'timeout', message: 'no' } as const;
    const opened = { dns: 0, connect: 1, upgrade: 2, handshake: 3 };
    const evidence = request('ws://api.example/ws');
    expect(suspectOf({ type: 'connect', failure: timeout, phasesMs: opened, evidence })).toEqual({
      at: 'application',
      phase: 'handshake',
      words:
        'the service, or a gateway before it: it took the websocket, and the handshake of its protocol did not end in time',
    });
    const refused = { kind: 'upgrade', message: 'the server refused the handshake with 4401' } as const;
    expect(suspectOf({ type: 'connect', failure: refused, phasesMs: opened, evidence })).toEqual({
      at: 'application',
      phase: 'handshake',
      words: 'the service: the server refused the handshake with 4401',
    });
    expect(suspectOf({ type: 'disconnect', failure: timeout, phasesMs: { close: 9 } })).toEqual({
      at: 'application',
      phase: 'close',
      words: 'the service, or a gateway before it: the end of the connection did not come in time',
    });
  });

  it('is told of a reconnect by how far it came', () => {
    const timeout = { kind: 'timeout', message: 'no' } as const;
    const again = (phasesMs: PhasesMs) =>
      suspectOf({ type: 'reconnect', failure: timeout, phasesMs, evidence: request('ws://api.example/ws') });
    expect(again({ dns: 1 })).toMatchObject({ at: 'tcp', phase: 'connect' });
    expect(again({ dns: 1, connect: 2 })).toMatchObject({ at: 'http', phase: 'upgrade' });
    expect(again({ dns: 1, connect: 2, upgrade: 3 })?.words).toBe(
      'the service: the websocket is open, and what was awaited did not come in time',
    );
  });

  it.for([
    'send',
    'expect',
    'expectClose',
    'replay',
    'ack',
    'idempotent',
    'barrier',
    'quiet',
    'converge',
    'soak',
  ] as const)('is the service where over an open websocket the %s had no answer', (type) => {
    const suspect = suspectOf({ type, failure: { kind: 'timeout', message: 'no' } });
    expect(suspect).toEqual({
      at: 'application',
      words: 'the service: the websocket is open, and what was awaited did not come in time',
    });
  });

  it('is told of a request made twice as of any request', () => {
    const evidence = request('https://api.example/');
    const suspect = suspectOf({ type: 'idempotent', failure: { kind: 'timeout', message: 'no' }, evidence });
    expect(suspect).toMatchObject({ at: 'dns', phase: 'dns' });
  });

  const gateway = /^a gateway before the service/;
  it.for<[number, Record<string, string>, FaultPlace, RegExp]>([
    [500, {}, 'application', /^the service: it answered 500$/],
    [500, { server: 'nginx' }, 'application', /^the service:/],
    [501, {}, 'application', /^the service:/],
    [502, {}, 'http', gateway],
    [
      502,
      { server: 'nginx/1.27' },
      'http',
      /^a gateway before the service \(nginx\), or the service behind it: it answered 502$/,
    ],
    [504, { server: 'HAProxy' }, 'http', /\(HAProxy\)/],
    [503, {}, 'application', /^the service, or a gateway before it: it answered 503$/],
    [503, { server: 'nginx' }, 'application', /or a gateway/],
    [503, { server: 'awselb/2.0' }, 'http', /\(AWS load balancer\)/],
    [503, { server: 'CloudFront' }, 'http', /\(CloudFront\)/],
    [503, { server: 'envoy' }, 'http', /\(Envoy\)/],
    [503, { server: 'istio-envoy', 'x-envoy-upstream-service-time': '12' }, 'application', /^the service:/],
    [503, { 'x-amz-apigw-id': 'a', 'x-amzn-errortype': 'ServiceUnavailableException' }, 'http', /\(API Gateway\)/],
    [522, { server: 'cloudflare' }, 'http', /\(Cloudflare\)/],
    [503, { 'proxy-status': 'edge.example; error=connection_refused' }, 'http', /\(edge\.example\)/],
    [503, { 'proxy-status': 'edge; received-status=503' }, 'application', /^the service:/],
    [
      504,
      { 'proxy-status': '"inner, one"; received-status=504, edge; details="a, b"' },
      'application',
      /^the service:/,
    ],
    [
      500,
      { 'proxy-status': 'inner; received-status=500, "the edge"; error=proxy_internal_error' },
      'http',
      /\(the edge\)/,
    ],
  ])('tells a gateway from the service by %i and %o', ([status, headers, at, words]) => {
    const suspect = suspectOf({ unexpectedStatus: status, evidence: answered(status, headers) });
    expect(suspect?.at).toBe(at);
    expect(suspect?.words).toMatch(words);
  });

  it.for<[number, RegExp]>([
    [401, /credentials/],
    [403, /credentials/],
    [404, /^the service, or what the probe asked of it/],
    [429, /how often the probe may ask/],
  ])('leaves it open who is wrong at %i', ([status, words]) => {
    expect(suspectOf({ unexpectedStatus: status, evidence: answered(status) })).toMatchObject({ at: 'application' });
    expect(suspectOf({ unexpectedStatus: status })?.words).toMatch(words);
  });

  it('is the application for a wrong answer, and not where only its latency or its certificate was wrong', () => {
    const failing = (...names: string[]) => ({
      checks: names.map((name) => ({ name, result: 'fail', actual: 'x' }) as const),
      evidence: answered(200),
    });
    expect(suspectOf(failing('json $.id exists'))).toEqual({
      at: 'application',
      words: 'the service: it answers, and not as promised: json $.id exists',
    });
    expect(suspectOf(failing('latency ms lt 100'))?.at).toBe('latency');
    expect(suspectOf(failing('tls days left gte 14'))).toMatchObject({ at: 'tls', phase: 'tls' });
    expect(suspectOf(failing('latency ms lt 100', 'body contains x'))?.at).toBe('application');
    expect(suspectOf({ ...failing('status equals 404'), evidence: answered(500) })?.words).toContain('it answered 500');
    // The status was asked for: it is the body that is wrong.
    expect(suspectOf({ ...failing('body contains x'), evidence: answered(404) })?.words).toContain('body contains x');
  });

  it('is the service where the rules over a whole pass are broken', () => {
    const check = { name: 'event_seq is strictly monotonic', result: 'fail', actual: '3 after 5' } as const;
    const suspect = attributionOf(storedOf([{ ...makePass(5), checks: [check] }]));
    expect(suspect?.at).toBe('application');
    expect(suspect?.words).toContain('event_seq is strictly monotonic');
  });

  it('follows most of the samples, and says how many they are', () => {
    const refused = passOf(failedStep({ failure: { kind: 'refused', message: 'refused' } }));
    const wrong = passOf(failedStep({ unexpectedStatus: 500, evidence: answered(500) }));
    expect(attributionOf(storedOf([refused, wrong, wrong]))?.words).toBe(
      'the service: it answered 500 (2 of 3 samples)',
    );
    expect(attributionOf(storedOf([refused, wrong]))?.at).toBe('tcp');
    // Two steps of a sample are one sample.
    const twice = passOf(...wrong.steps, ...wrong.steps);
    expect(attributionOf(storedOf([refused, twice, twice]))?.words).toContain('(2 of 3 samples)');
  });

  it('leaves our own faults out of a run that failed for another reason', () => {
    const own = passOf(failedStep({ failure: { kind: 'prober', message: 'too many open files' } }));
    const wrong = passOf(failedStep({ unexpectedStatus: 500, evidence: answered(500) }));
    expect(attributionOf(storedOf([own, own, wrong]))?.at).toBe('application');
  });

  it('is told by the warm-up, or as a lack of time, where no pass was made', () => {
    const failure = { kind: 'timeout', message: 'no' } as const;
    const connections = [{ origin: 'https://api.example', phasesMs: { dns: 1 }, totalMs: 9, failure }];
    expect(attributionOf(storedOf([], { connections }))).toMatchObject({ at: 'tcp', phase: 'connect' });
    expect(attributionOf(storedOf([], { connections: [] }))?.at).toBe('latency');
  });

  it('is nobody for a good run, and for one without a verdict', () => {
    expect(attributionOf(makeStoredRun())).toBeUndefined();
    expect(attributionOf(makeStoredRun({ run: { verdict: null } }))).toBeUndefined();
  });
});

describe('an inconclusive run', () => {
  it('is our own side when this machine was too slow, and open when there was too little evidence', () => {
    const tainted = makeStoredRun({ passes: [{ ...makePass(5), tainted: true }], run: { verdict: 'inconclusive' } });
    expect(attributionOf(tainted)).toMatchObject({ at: 'prober' });
    expect(attributionOf(makeStoredRun({ run: { verdict: 'inconclusive' } }))).toMatchObject({ at: 'evidence' });
  });
});

describe('a slow run', () => {
  const slowPass = (phasesMs: PhasesMs, latencyMs?: number, more: Partial<StepOutcome> = {}): Pass => {
    const totalMs = latencyMs ?? Object.values(phasesMs).reduce((sum, ms) => sum + ms, 0);
    return { ...makePass(totalMs), steps: [failedStep({ status: 'done', phasesMs, latencyMs: totalMs, ...more })] };
  };
  const past = (phasesMs: PhasesMs, totalMs: number): Run => {
    const { run } = makeStoredRun({ latencies: [totalMs] });
    return { ...run, steps: run.steps.map((step) => ({ ...step, phasesMs })) };
  };
  const slow = (passes: readonly Pass[], usual: readonly Run[] = []) =>
    attributionOf(makeStoredRun({ passes, run: { verdict: 'degraded' } }), usual);
  const habit = Array.from({ length: 3 }, () => past({ connect: 20, firstByte: 90, download: 10 }, 120));

  it('is told by the phase that grew most over what is usual, which need not be the longest', () => {
    expect(slow([slowPass({ connect: 21, firstByte: 95, download: 80 })], habit)).toEqual({
      at: 'latency',
      phase: 'download',
      words: 'the service, or the network to it: the download of "list" took 80.0 ms in the slowest, usually 10.0 ms',
    });
    expect(slow([slowPass({ connect: 1020, firstByte: 95, download: 10 })], habit)).toMatchObject({ phase: 'connect' });
    expect(slow([slowPass({ connect: 20, upgrade: 5, handshake: 900 }, undefined, { type: 'connect' })])).toMatchObject(
      {
        phase: 'handshake',
        words: expect.stringMatching(/^the service: the protocol's handshake of "list" took 900 ms/),
      },
    );
    expect(slow([slowPass({ close: 900 }, undefined, { type: 'disconnect' })])).toMatchObject({
      phase: 'close',
      words: expect.stringMatching(
        /^the service, or the network to it: the end of the connection of "list" took 900 ms/,
      ),
    });
    expect(slow([slowPass({ connect: 20, firstByte: 310, download: 10 })], habit)?.words).toBe(
      'the service: the first byte of "list" took 310 ms in the slowest, usually 90.0 ms',
    );
  });

  it('without a past is told by the phase that took most of the time', () => {
    const [one, two] = habit;
    const suspect = slow([slowPass({ connect: 20, firstByte: 310, download: 10 })], one && two ? [one, two] : []);
    expect(suspect).toEqual({
      at: 'latency',
      phase: 'firstByte',
      words: 'the service: the first byte of "list" took 310 ms of the 340 ms that the slowest took',
    });
  });

  it('looks at its slow tail: one slow sample of ten is what misses a p95', () => {
    const quick = Array.from({ length: 9 }, () => slowPass({ connect: 20, firstByte: 90, download: 10 }));
    const suspect = slow([...quick, slowPass({ connect: 20, firstByte: 92, download: 400 })], habit);
    expect(suspect).toMatchObject({ phase: 'download' });
  });

  it('is told of polling and of frames that came late, which are no phase', () => {
    const polled = slow([slowPass({ firstByte: 10 }, 900)]);
    expect(polled?.words).toBe('the service: the waiting in "list" took 890 ms of the 900 ms that the slowest took');
    const awaited = slow([slowPass({ firstFrame: 850 }, 900, { type: 'expect' })]);
    expect(awaited?.words).toContain('what "list" waits for took 900 ms');
    expect([polled?.phase, awaited?.phase]).toEqual([undefined, undefined]);
  });

  it('has words even where nothing was timed', () => {
    expect(slow([])).toEqual({ at: 'latency', words: 'the service, or the network to it: right answers, too slow' });
  });
});
