import type { ConnectionTiming, Evidence, Pass, PhasesMs, Run } from '../../lib/result/result.ts';
import { check, document, type Everything, emptyRun, pass, run, SELF, stepOutcome, threshold } from './documents.ts';

const FRESH: PhasesMs = { dns: 0.4, connect: 1.2, tls: 6.3 };

const connection = (overrides: Partial<ConnectionTiming> = {}): ConnectionTiming => ({
  origin: 'https://notes.example',
  phasesMs: FRESH,
  totalMs: 7.9,
  ...overrides,
});

/** Even, repeatable spread: no random numbers in a fixture. */
const wave = (index: number, low: number, high: number): number =>
  low + (high - low) * (0.5 + 0.5 * Math.sin(index * 2.4)) ** 3;

function readPass(index: number): Pass {
  const list = wave(index, 7, 16);
  const one = wave(index + 3, 3, 9);
  return pass(
    index,
    [
      stepOutcome('list', {
        startMs: 0.1,
        latencyMs: list,
        phasesMs: { firstByte: list * 0.8, download: list * 0.2 },
        checks: [check('status equals 200'), check('header content-type contains "json"', 'pass', 'application/json')],
      }),
      stepOutcome('one', {
        startMs: 0.3 + list,
        latencyMs: one,
        phasesMs: { firstByte: one * 0.9, download: one * 0.1 },
        evidence: {
          request: {
            method: 'GET',
            url: 'https://notes.example/api/v1/notes/n-1',
            headers: { accept: '*/*', authorization: '[redacted]' },
          },
          response: {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: '{"id":"n-1","title":"first"}',
            bodyBytes: 28,
            remoteAddress: '127.0.0.1:8443',
          },
        },
      }),
    ],
    { tainted: index === 7 },
  );
}

export function passingRun(): { readonly run: Run; readonly passes: readonly Pass[] } {
  const passes = Array.from({ length: 20 }, (_, index) => readPass(index));
  const made = run('api-read', passes, {
    connections: [connection()],
    slo: [
      threshold('p(95)<400', {
        actual: 22.5,
        bad: 0,
        total: 20,
        budget: 0.05,
        interval: [0, 0.168],
        confident: 'inconclusive',
      }),
      threshold('failed<1%', {
        actual: 0,
        unit: 'fraction',
        bad: 0,
        total: 20,
        budget: 0.01,
        interval: [0, 0.168],
        confident: 'inconclusive',
      }),
    ],
    baseline: { state: 'active', ratio: 1.04, interval: [0.97, 1.12], runs: 24 },
    self: { ...SELF, taintedSamples: 1, loopDelayMaxMs: 34 },
    runbook: 'https://runbooks.example/api-read',
  });
  const steps = made.steps.map((step) =>
    step.name === 'one' ? { ...step, thresholds: [threshold('p(95)<200', { step: 'one', actual: 9 })] } : step,
  );
  return { run: { ...made, steps }, passes };
}

export function failingRun(): { readonly run: Run; readonly passes: readonly Pass[] } {
  const evidence: Evidence = {
    request: {
      method: 'POST',
      url: 'https://notes.example/api/v1/notes',
      headers: { authorization: '[redacted]', 'content-type': 'application/json' },
      body: '{"title":"probe"}',
    },
    response: {
      status: 503,
      headers: { 'content-type': 'application/json', 'retry-after': '5' },
      body: '{\n  "error": "projection_unavailable",\n  "detail": "the write log is not reachable"\n}',
      bodyBytes: 84,
      remoteAddress: '127.0.0.1:8443',
    },
  };
  const failed = (index: number): Pass =>
    pass(index, [
      stepOutcome('create', {
        status: 'failed',
        latencyMs: index === 0 ? 9.8 : 2.1 + index * 0.3,
        phasesMs: { ...(index === 0 ? FRESH : {}), firstByte: 1.6, download: 0.2 },
        checks: [check('status equals 201', 'fail', '503'), check('header location exists', 'fail', 'absent')],
        unexpectedStatus: 503,
        reusedConnection: index > 0,
        evidence,
      }),
      stepOutcome('read', {
        status: 'skipped',
        startMs: 3,
        latencyMs: null,
        phasesMs: {},
        checks: [],
        attempts: 0,
        reason: 'needs noteId, which create did not capture',
      }),
    ]);
  const passes = [0, 1, 2, 3, 4].map(failed).map((one) => ({ ...one, latencyMs: one.steps[0]?.latencyMs ?? null }));
  return {
    passes,
    run: run('api-write', passes, {
      verdict: 'fail',
      reasons: [
        'create answered 503 where 201 was expected, in 5 of 5 passes',
        'failed<1% does not hold: 100 % of 5 passes failed',
      ],
      attribution: { at: 'application', words: 'the service, or a gateway before it: it answered 503' },
      slo: [
        threshold('failed<1%', {
          actual: 1,
          unit: 'fraction',
          passed: false,
          bad: 5,
          total: 5,
          budget: 0.01,
          interval: [0.478, 1],
          confident: 'fail',
        }),
      ],
      cleanup: [{ name: 'remove', status: 'failed', problem: 'needs noteId, which create did not capture' }],
      severity: 'page',
      runbook: 'https://runbooks.example/api-write',
    }),
  };
}

export function degradedRun(): { readonly run: Run; readonly passes: readonly Pass[] } {
  const passes = Array.from({ length: 120 }, (_, index) => {
    const ms = index % 17 === 0 ? wave(index, 380, 720) : wave(index, 150, 390);
    return pass(index, [
      stepOutcome('search', {
        latencyMs: ms,
        phasesMs: { ...(index === 0 ? FRESH : {}), firstByte: ms * 0.9, download: ms * 0.1 },
      }),
    ]);
  });
  const made = run('api-search', passes, {
    verdict: 'degraded',
    reasons: ['p(95)<400 does not hold: p95 is 405 ms, 8 of 120 samples at or over 400 ms'],
    slo: [
      threshold('p(95)<400', {
        actual: 405,
        passed: false,
        bad: 8,
        total: 120,
        budget: 0.05,
        interval: [0.029, 0.127],
        confident: 'inconclusive',
      }),
      threshold('p(99)<900', {
        actual: 454,
        bad: 0,
        total: 120,
        budget: 0.01,
        interval: [0, 0.03],
        confident: 'inconclusive',
      }),
    ],
    baseline: { state: 'provisional', ratio: 1.46, interval: [1.31, 1.62], runs: 4 },
  });
  return { run: made, passes };
}

export function websocketRun(): { readonly run: Run; readonly passes: readonly Pass[] } {
  const frames = [
    { n: 1, connection: 'a', direction: 'life' as const, atMs: 4.1, text: 'open, subprotocol notes.v1' },
    {
      n: 2,
      connection: 'a',
      direction: 'out' as const,
      atMs: 4.6,
      text: '{"type":"subscribe","stream":"workspace:1","cursor":0}',
    },
    {
      n: 3,
      connection: 'a',
      direction: 'in' as const,
      atMs: 6.2,
      text: '{"event_code":"note_patched","stream":"workspace:1","event_seq":1,"note_id":"n-1"}',
    },
    {
      n: 4,
      connection: 'a',
      direction: 'in' as const,
      atMs: 6.4,
      text: '{"event_code":"automation_run_running","stream":"workspace:1","event_seq":3,"run_id":"r-9"}',
      broken: true,
    },
    {
      n: 5,
      connection: 'a',
      direction: 'in' as const,
      atMs: 8.9,
      text: '{"event_code":"automation_run_succeeded","stream":"workspace:1","event_seq":4,"run_id":"r-9"}',
    },
  ];
  const passes = [
    pass(
      0,
      [
        stepOutcome('1 connect a', {
          type: 'connect',
          latencyMs: 4.1,
          phasesMs: { dns: 0.2, connect: 0.4, upgrade: 2.3, firstFrame: 1.2 },
          checks: [],
        }),
        stepOutcome('2 send a', { type: 'send', startMs: 4.2, latencyMs: 0.3, phasesMs: {}, checks: [] }),
        stepOutcome('3 expect a', {
          type: 'expect',
          status: 'failed',
          startMs: 4.6,
          latencyMs: 5000,
          phasesMs: {},
          checks: [
            check(
              '2 frames in order',
              'fail',
              'frame 3 matched 1; nothing matched 2 {"event_code":"automation_run_queued"} within 5,000 ms',
            ),
          ],
          failure: {
            kind: 'timeout',
            message: 'no frame matched {"event_code":"automation_run_queued"} within 5,000 ms; 3 frames came',
          },
          evidence: { frames },
        }),
      ],
      { checks: [check('gapless event_seq on workspace:1', 'fail', 'frame 4 has event_seq 3 after 1')] },
    ),
  ];
  return {
    passes,
    run: run('ws-replay', passes, {
      kind: 'websocket',
      verdict: 'fail',
      reasons: [
        '3 expect a: no frame matched {"event_code":"automation_run_queued"} within 5,000 ms; 3 frames came',
        'gapless event_seq on workspace:1: frame 4 has event_seq 3 after 1',
      ],
      severity: 'page',
    }),
  };
}

export function inconclusiveRun(): { readonly run: Run; readonly passes: readonly Pass[] } {
  const passes = [
    pass(0, [
      stepOutcome('feed', {
        latencyMs: 31,
        checks: [check('noDuplicates on event_id', 'inconclusive', 'no frame carried event_id')],
      }),
    ]),
  ];
  return {
    passes,
    run: run('ws-feed', passes, {
      verdict: 'inconclusive',
      reasons: ['noDuplicates on event_id says nothing: none of 12 frames carried event_id'],
      planned: 3,
    }),
  };
}

/** Seven runs, one of each kind of outcome. */
export function everything(): Everything {
  const measured = [passingRun(), failingRun(), degradedRun(), websocketRun(), inconclusiveRun()];
  const runs = [
    ...measured.map((one) => one.run),
    emptyRun('rule-poll', 'skipped', 'ruleId is not set: run needs it, and no other step is left'),
    emptyRun('login-flow', 'deferred', 'the captcha of staging is not switched off yet (until 2026-05-01)'),
  ];
  return {
    document: document(runs, {
      verdict: 'fail',
      variables: [
        { name: 'baseUrl', set: true, source: 'flag', required: true, secret: false, value: 'https://notes.example' },
        { name: 'token', set: true, source: 'env:PLIMSOLL_TOKEN', required: true, secret: true },
        { name: 'ruleId', set: false, source: null, required: false, secret: false },
      ],
    }),
    passes: new Map(measured.map((one) => [one.run.runId, one.passes])),
  };
}
