import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withAttribution } from '../../lib/judge/attribution.ts';
import type { StateChange } from '../../lib/judge/memory.ts';
import { pageEvent } from '../../lib/page/event.ts';
import { signWebhook, webhookRequest } from '../../lib/page/webhook.ts';
import type { Run, StepOutcome } from '../../lib/result/result.ts';
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

const shared = { rule: 'runs', incident, severity: 'page', reasons: [] } as const;
const breach: StateChange = { ...shared, kind: 'breached', slot: second, counted: '2 of the last 2 runs were bad' };
const recovery: StateChange = { ...shared, kind: 'recovered', slot: fourth, counted: '2 good runs in a row' };
const shortly = { slot: third, runs: 3, streak: { since: first, toldAt: third } } as const;
const streak: StateChange = { ...shortly, kind: 'inconclusive' };
const seesAgain: StateChange = { ...shortly, kind: 'conclusive', slot: fourth };

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
  withAttribution(
    makeStoredRun({
      slot: second,
      latencies: [null],
      passes: [{ ...makePass(null), steps: [brokenStep(overrides)] }],
      run: { reasons: ['list: answered 503'], ...run },
    }),
  ).run;
const run = brokenRun({ unexpectedStatus: 503 });
const eventOf = (change: StateChange, of = probe) => pageEvent(of, run, change, origin);

describe('an event', () => {
  it('tells in one text what broke, the evidence, since when, the figures, whose fault it looks like and the runbook', () => {
    expect(eventOf(breach).text.split('\n')).toEqual([
      'BREACHED notes/api-read (dev): list: answered 503',
      '',
      'what      2 of the last 2 runs were bad; this run: fail',
      'evidence  list: answered 503',
      'since     2026-01-31 13:00:00 UTC',
      'figures   p50 never, p95 never, max never over 1 sample',
      'suspect   application – the service, or a gateway before it: it answered 503',
      'runbook   https://runbooks.example/api-read',
      `run       plimsoll report --run ${run.runId}`,
    ]);
  });

  it('says how the run of a deployed stack is shown', () => {
    const deployed = pageEvent(probe, { ...run, region: 'eu-central-1' }, breach, origin);
    expect(deployed.region).toBe('eu-central-1');
    expect(deployed.text).toContain(`run       plimsoll report --aws --run ${run.runId}`);
  });

  it('tells of a recovery how long it lasted', () => {
    const good = makeStoredRun({ slot: fourth, latencies: [12] }).run;
    const event = pageEvent(probe, good, recovery, origin);
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
    const elsewhere = pageEvent(probe, run, breach, { ...origin, service: 'shop' });
    expect([elsewhere.id === breached?.id, elsewhere.dedupKey === breached?.dedupKey]).toEqual([false, false]);
  });

  it('goes to the route of its severity, and a streak of inconclusive runs to those who own the monitor', () => {
    const routes = (['page', 'ticket', 'none'] as const).map((severity) =>
      [{ ...breach, severity }, { ...recovery, severity }, streak].map((change) => eventOf(change).route),
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
    const { text, title } = pageEvent(probe, brokenRun({}, { reasons }), breach, origin);
    expect(text.match(/^runbook/gm)).toHaveLength(1);
    expect(text).toContain('\\x1b[2J ⏎ runbook');
    for (const acting of ['\u001b', '\u202e']) expect(text).not.toContain(acting);
    expect(text).toContain('          and 5 more\n');
    expect([text.length < 3000, title.length <= 300, title.includes('\n')]).toEqual([true, true, false]);
  });

  it('of another alarm says which, puts its evidence first, and has a key of its own', () => {
    const reasons = ['p95 312 ms is 1.31 × its baseline 238 ms', 'it began 2 runs after deploy v1.4.2'];
    const counted = 'the latency of total has grown';
    const slower = eventOf({ ...breach, rule: 'regression:total', severity: 'ticket', reasons, counted });
    expect(slower).toMatchObject({ rule: 'regression:total', route: 'ticket', severity: 'ticket' });
    expect(slower.reasons).toEqual([...reasons, 'list: answered 503']);
    expect(slower.title).toBe(`BREACHED notes/api-read (dev): ${reasons[0]}`);
    expect(slower.text).toContain(
      `\nwhat      ${counted}; this run: fail\nevidence  ${reasons[0]}\n          ${reasons[1]}\n`,
    );
    const keys = [eventOf(breach), slower, eventOf({ ...breach, rule: 'slo:p(95)<400' })];
    expect(new Set(keys.map(({ dedupKey }) => dedupKey)).size).toBe(3);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(3);
    const over = eventOf({ ...recovery, rule: 'regression:total' });
    expect(over.dedupKey).toBe(slower.dedupKey);
  });

  it('that is told louder than before is another event of the same trouble', () => {
    const [quiet, loud] = (['ticket', 'page'] as const).map((severity) => eventOf({ ...breach, severity }));
    expect([quiet?.dedupKey === loud?.dedupKey, quiet?.id === loud?.id]).toEqual([true, false]);
  });

  it('of a streak of inconclusive runs says since when nothing is known, and why', () => {
    const unsure = pageEvent(probe, { ...run, verdict: 'inconclusive', reasons: ['our own network'] }, streak, origin);
    expect(unsure).toMatchObject({ kind: 'inconclusive', rule: 'inconclusive', severity: 'page', since: first });
    expect(unsure.text.split('\n').slice(0, 5)).toEqual([
      'INCONCLUSIVE notes/api-read (dev): our own network',
      '',
      'what      3 runs in a row were inconclusive; this run: inconclusive',
      'evidence  our own network',
      'since     2026-01-31 13:00:00 UTC',
    ]);
  });

  it('of its end says that the monitor sees again, and not that what it sees is good', () => {
    const over = eventOf(seesAgain);
    expect(over).toMatchObject({ kind: 'recovered', rule: 'inconclusive', route: 'monitoring', reasons: [] });
    expect(over.text.split('\n').slice(0, 4)).toEqual([
      'RECOVERED notes/api-read (dev): runs say something again, after 3 min 0 s',
      '',
      'what      runs say something again, after 3 inconclusive ones; this run: fail',
      'lasted    2026-01-31 13:00:00 UTC to 2026-01-31 13:03:00 UTC, 3 min 0 s',
    ]);
  });

  it('has one key from a streak to its end, and another for the next streak', () => {
    const [began, over] = [eventOf(streak), eventOf(seesAgain)];
    expect([over.dedupKey === began.dedupKey, over.id === began.id]).toEqual([true, false]);
    const next = eventOf({ ...streak, slot: fourth, streak: { since: second, toldAt: fourth } });
    expect(next.dedupKey).not.toBe(began.dedupKey);
    // Told when no slot of a streak was kept: the key of all of them then, as it was.
    const old = eventOf({ ...seesAgain, streak: { since: first } });
    expect(old.dedupKey).toBe('plimsoll-kvartc3g75afp3xamdgsvfeaje');
  });

  it('of a recovery names what is not over yet', () => {
    const { text } = eventOf({ ...recovery, reasons: ['still: error budget of p(95)<400'] });
    expect(text).toContain('\nbeside    still: error budget of p(95)<400\n');
  });

  it('of a run that did not come has no run, and goes to those who own the monitor', () => {
    const counted = 'slots without a run';
    const reasons = ['2 slots passed without a run; the last one was 2026-01-31 13:00:00 UTC'];
    const event = pageEvent(probe, undefined, { ...breach, rule: 'overdue', counted, reasons }, origin);
    expect(event).toMatchObject({ rule: 'overdue', route: 'monitoring', runId: null, verdict: null, samples: 0 });
    expect(event.text.split('\n')).toEqual([
      `OVERDUE notes/api-read (dev): ${reasons[0]}`,
      '',
      `what      ${counted}`,
      `evidence  ${reasons[0]}`,
      'since     2026-01-31 13:00:00 UTC',
      'runbook   https://runbooks.example/api-read',
    ]);
  });

  it('survives a store as it is', () => {
    expect(JSON.parse(JSON.stringify(eventOf(breach)))).toEqual(eventOf(breach));
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
