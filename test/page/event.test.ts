import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AlarmState, ProbeState, StateChange } from '../../lib/judge/state.ts';
import { pageEvent } from '../../lib/page/event.ts';
import { suspectOf } from '../../lib/page/suspect.ts';
import { signWebhook, webhookRequest } from '../../lib/page/webhook.ts';
import type { FailureKind, Run, StepOutcome } from '../../lib/result/result.ts';
import { makeEvent } from '../support/alarms.ts';
import { probeOf } from '../support/probing.ts';
import { makePass, makeStoredRun } from '../support/runs.ts';

const probe = probeOf({
  id: 'api-read',
  kind: 'http',
  severity: 'page',
  runbook: 'https://runbooks.example/api-read',
  steps: [{ request: { url: 'http://127.0.0.1:1/' } }],
});
const origin = { service: 'notes', environment: 'dev' } as const;
const [first, second, third, fourth] = [0, 1, 2, 3].map((n) => `2026-01-31T13:0${n}:00.000Z`) as [
  string,
  string,
  string,
  string,
];
const incident = { since: first, breachedAt: second };

const stateOf = (state: AlarmState): ProbeState => ({
  probe: 'api-read',
  state,
  since: second,
  recent: [
    { slot: first, verdict: 'fail' },
    { slot: second, verdict: 'degraded' },
  ],
  inconclusive: 0,
  lastSlot: second,
});
const breach: StateChange = { kind: 'breached', slot: second, incident };
const recovery: StateChange = { kind: 'recovered', slot: fourth, incident };
const streak: StateChange = { kind: 'inconclusive', slot: third, runs: 3 };

const brokenStep = (overrides: Partial<StepOutcome>): StepOutcome => ({
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
const brokenRun = (overrides: Partial<StepOutcome>, run: Partial<Run> = {}): Run =>
  makeStoredRun({
    slot: second,
    latencies: [null],
    run: {
      reasons: ['list: answered 503'],
      exemplar: { ...makePass(null), steps: [brokenStep(overrides)] },
      ...run,
    },
  }).run;
const run = brokenRun({ unexpectedStatus: 503 });
const eventOf = (change: StateChange, of = probe) => pageEvent(of, run, stateOf('breached'), change, origin);

describe('an event', () => {
  it('tells in one text what broke, the evidence, since when, the figures, whose fault it looks like and the runbook', () => {
    expect(eventOf(breach).text.split('\n')).toEqual([
      'BREACHED notes/api-read (dev): list: answered 503',
      '',
      'what      2 of the last 2 runs were bad; this run: fail',
      'evidence  list: answered 503',
      'since     2026-01-31 13:00:00 UTC',
      'figures   p50 never, p95 never, max never over 1 sample',
      'suspect   the service: it answered 503',
      'runbook   https://runbooks.example/api-read',
      `run       plimsoll report --run ${run.runId}`,
    ]);
  });

  it('tells of a recovery how long it lasted', () => {
    const good = makeStoredRun({ slot: fourth, latencies: [12] }).run;
    const event = pageEvent(probe, good, stateOf('ok'), recovery, origin);
    expect(event.text.split('\n')).toEqual([
      'RECOVERED notes/api-read (dev): after 3 min 0 s',
      '',
      'what      2 good runs in a row; this run: pass',
      'lasted    2026-01-31 13:00:00 UTC to 2026-01-31 13:03:00 UTC, 3 min 0 s',
      'figures   p50 12.0 ms, p95 12.0 ms, max 12.0 ms over 1 sample',
      'runbook   https://runbooks.example/api-read',
      `run       plimsoll report --run ${good.runId}`,
    ]);
    expect(event.suspect).toBeUndefined();
  });

  it('has an id of its own that is always the same, and one key from breach to recovery', () => {
    const [breached, recovered, unsure] = [breach, recovery, streak].map((change) => eventOf(change));
    expect(eventOf(breach)).toEqual(breached);
    expect(breached?.id).toMatch(/^[a-z2-7]{26}$/);
    expect(new Set([breached?.id, recovered?.id, unsure?.id]).size).toBe(3);
    expect(recovered?.dedupKey).toBe(breached?.dedupKey);
    expect(unsure?.dedupKey).not.toBe(breached?.dedupKey);
    const next = eventOf({ ...breach, slot: third, incident: { since: third, breachedAt: third } });
    expect([next.id === breached?.id, next.dedupKey === breached?.dedupKey]).toEqual([false, false]);
    const elsewhere = pageEvent(probe, run, stateOf('breached'), breach, { ...origin, service: 'shop' });
    expect([elsewhere.id === breached?.id, elsewhere.dedupKey === breached?.dedupKey]).toEqual([false, false]);
  });

  it('goes to the route of its severity, and a streak of inconclusive runs to those who own the monitor', () => {
    const routes = (['page', 'ticket', 'none'] as const).map((severity) =>
      [breach, recovery, streak].map((change) => eventOf(change, { ...probe, severity }).route),
    );
    expect(routes).toEqual([
      ['page', 'page', 'monitoring'],
      ['ticket', 'ticket', 'monitoring'],
      [null, null, 'monitoring'],
    ]);
  });

  it('keeps each question on its line whatever a target answered, and stays short', () => {
    const reasons = [
      `list: got \u001b[2J\nrunbook   https://evil.example\u202e`,
      ...Array.from({ length: 9 }, (_, n) => `${n} ${'x'.repeat(1000)}`),
    ];
    const { text, title } = pageEvent(probe, brokenRun({}, { reasons }), stateOf('breached'), breach, origin);
    expect(text.match(/^runbook/gm)).toHaveLength(1);
    expect(text).toContain('\\x1b[2J ⏎ runbook');
    for (const acting of ['\u001b', '\u202e']) expect(text).not.toContain(acting);
    expect(text).toContain('          and 5 more\n');
    expect([text.length < 3000, title.length <= 300, title.includes('\n')]).toEqual([true, true, false]);
  });

  it('survives a store as it is', () => {
    expect(JSON.parse(JSON.stringify(eventOf(breach)))).toEqual(eventOf(breach));
  });
});

describe('whose fault a run looks like', () => {
  const failed = (kind: FailureKind) => suspectOf(brokenRun({ failure: { kind, message: 'no' } }));

  it.for<[FailureKind, RegExp]>([
    ['dns', /^name resolution/],
    ['refused', /^the target's host or the network/],
    ['reset', /^the target's host or the network/],
    ['timeout', /^the service or the network/],
    ['tls', /^TLS/],
    ['protocol', /^the service/],
    ['guard', /^our own side/],
    ['template', /^our own side/],
    ['prober', /^our own side/],
  ])('is told of a failure of kind %s', ([kind, says]) => {
    expect(failed(kind)).toMatch(says);
  });

  it('is told of a status, a wrong answer, a slow one, and of too little evidence', () => {
    expect(suspectOf(brokenRun({ unexpectedStatus: 502 }))).toBe('the service: it answered 502');
    expect(suspectOf(brokenRun({ unexpectedStatus: 404 }))).toMatch(/^the service, or what the probe asked/);
    expect(suspectOf(brokenRun({}))).toBe('the service: it answers, and wrongly');
    const good = (verdict: Run['verdict']) => suspectOf(makeStoredRun({ run: { verdict } }).run);
    expect(good('degraded')).toMatch(/too slow$/);
    expect(good('inconclusive')).toMatch(/^our own side/);
    expect([good('pass'), good(null)]).toEqual([undefined, undefined]);
  });
});

describe('a webhook', () => {
  it('carries the event, its id as idempotency key, and a signature that binds body and time', () => {
    const event = makeEvent('event-1');
    const { headers, body } = webhookRequest(event, 'secret', 1_700_000_000_999);
    expect(JSON.parse(body)).toEqual(event);
    const v1 = createHmac('sha256', 'secret').update(`1700000000.${body}`).digest('hex');
    expect(headers).toEqual({
      'content-type': 'application/json',
      'idempotency-key': 'event-1',
      'x-plimsoll-signature': `t=1700000000,v1=${v1}`,
    });
    const signatures = [
      signWebhook(body, 'secret', 1),
      signWebhook(body, 'secret', 2),
      signWebhook(`${body} `, 'secret', 1),
      signWebhook(body, 'other', 1),
    ];
    expect(new Set(signatures).size).toBe(4);
  });

  it('matches a signature that was computed elsewhere', () => {
    // printf '1.{}' | openssl dgst -sha256 -hmac secret
    expect(signWebhook('{}', 'secret', 1)).toBe(
      't=1,v1=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908',
    );
  });

  it('without a secret is not signed', () => {
    expect(webhookRequest(makeEvent('event-1'), undefined, 0).headers).not.toHaveProperty('x-plimsoll-signature');
  });
});
