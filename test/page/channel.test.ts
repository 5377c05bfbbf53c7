import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alarmChangeOfSns } from '../../lib/page/alarm-change.ts';
import { alarmNotice } from '../../lib/page/alarm-notice.ts';
import { type Channel, channelKey, requestOf } from '../../lib/page/channel.ts';
import { pageEvent } from '../../lib/page/event.ts';
import type { Page } from '../../lib/page/page.ts';
import { resolveChannels, sendPage } from '../../lib/probe/channels.ts';
import { type SendPolicy, usualSendPolicy } from '../../lib/probe/send.ts';
import { makeEvent } from '../support/alarms.ts';
import { judgedProbe, replay, runsOf } from '../support/judging.ts';
import { type PagerDuty, startPagerDuty } from '../support/pagerduty.ts';
import { contextOf } from '../support/probing.ts';

const routingKey = 'r0uting-key-of-32-characters-abc';

const startReceiver = async (): Promise<PagerDuty> => {
  const pagerduty = await startPagerDuty();
  onTestFinished(() => pagerduty.close());
  return pagerduty;
};

const hasty: SendPolicy = { ...usualSendPolicy, timeoutMs: 2000, firstBackoffMs: 1, longestBackoffMs: 5 };

const sendTo = ({ url }: PagerDuty, page: Page, policy = hasty) =>
  sendPage(
    { kind: 'pagerduty', url, routingKey },
    page,
    { context: contextOf({}, [routingKey]), policy, random: () => 0 },
    new AbortController().signal,
  );

const breach = makeEvent('breach', { runbook: 'https://runbooks.example/api-read' });
const recovery = makeEvent('recovery', { kind: 'recovered' });

/** Whatever a target, a config or a clock could have brought into an event. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('<', '&', '>', '`', '```', '|', 'é', '😀', '\ud800', '\n', '\u202e', 'x'),
    maxLength: 6000,
  }),
);
const anyEvent: fc.Arbitrary<Page> = fc
  .record({
    kind: fc.constantFrom('breached' as const, 'recovered' as const, 'inconclusive' as const),
    route: fc.constantFrom('page' as const, 'ticket' as const, 'monitoring' as const),
    severity: fc.constantFrom('page' as const, 'ticket' as const, 'none' as const),
    service: fc.string({ minLength: 1, maxLength: 400 }),
    probe: fc.string({ minLength: 1, maxLength: 400 }),
    dedupKey: fc.string({ minLength: 1, maxLength: 300 }),
    reasons: fc.array(anyText, { maxLength: 40 }),
    suspect: anyText,
    title: anyText.map((title) => `BREACHED ${title}`),
    text: anyText,
    runbook: fc.oneof(fc.webUrl(), anyText),
  })
  .map((fields) => makeEvent('any', fields));

describe('PagerDuty', () => {
  it('takes a breach as an incident with what broke, the evidence, since when, the suspect and the runbook', async () => {
    const pagerduty = await startReceiver();
    expect(await sendTo(pagerduty, breach)).toMatchObject({ result: 'sent', detail: 'answered 202', tries: 1 });
    expect(pagerduty.incidents).toEqual([
      {
        dedupKey: breach.dedupKey,
        routingKey,
        status: 'open',
        triggers: [
          {
            summary: breach.title,
            source: 'notes/api-read (dev)',
            severity: 'critical',
            timestamp: breach.slot,
            component: 'api-read',
            group: 'notes',
            class: 'runs',
            custom_details: {
              text: breach.text,
              evidence: ['list: answered 503'],
              since: breach.since,
              suspect: 'the service: it answered 503',
              counted: '2 of the last 3 runs were bad',
              figures: 'p50 12.0 ms, p95 12.0 ms, max 12.0 ms over 1 sample',
              run: 'run',
            },
          },
        ],
      },
    ]);
    expect(JSON.parse(pagerduty.bodies[0] ?? '').links).toEqual([
      { href: 'https://runbooks.example/api-read', text: 'runbook' },
    ]);
  });

  it('merges what has the same key, resolves it with the recovery, and opens another after that', async () => {
    const pagerduty = await startReceiver();
    for (const page of [recovery, breach, breach, recovery, recovery, breach]) await sendTo(pagerduty, page);
    expect(pagerduty.answers).toEqual([202, 202, 202, 202, 202, 202]);
    expect(pagerduty.incidents.map(({ status, triggers }) => [status, triggers.length])).toEqual([
      ['resolved', 2],
      ['open', 1],
    ]);
  });

  it('has an incident for each streak of inconclusive runs, resolved when a run says something again', async () => {
    const pagerduty = await startReceiver();
    const probe = judgedProbe();
    const { changes } = replay(probe, runsOf('iiiipiiipiii'));
    for (const change of changes) {
      await sendTo(pagerduty, pageEvent(probe, undefined, change, { service: 'notes', environment: 'dev' }));
    }
    expect(pagerduty.incidents.map(({ status, triggers }) => [status, triggers.length])).toEqual([
      ['resolved', 1],
      ['resolved', 1],
      ['open', 1],
    ]);
    expect(new Set(pagerduty.incidents.map(({ dedupKey }) => dedupKey)).size).toBe(3);
  });

  it('is told by severity how bad it is, and of what only the monitor’s owners are told, an error', async () => {
    const pagerduty = await startReceiver();
    const told = [
      makeEvent('a', { dedupKey: 'a' }),
      makeEvent('b', { dedupKey: 'b', route: 'ticket', severity: 'ticket' }),
      makeEvent('c', { dedupKey: 'c', route: 'monitoring', kind: 'inconclusive', rule: 'inconclusive', runId: null }),
    ];
    for (const page of told) await sendTo(pagerduty, page);
    expect(pagerduty.incidents.map(({ triggers }) => triggers[0]?.severity)).toEqual(['critical', 'warning', 'error']);
  });

  it('takes whatever an event may hold, within its limits', async () => {
    const pagerduty = await startReceiver();
    await fc.assert(
      fc.asyncProperty(anyEvent, async (page) => {
        expect(await sendTo(pagerduty, page), pagerduty.problems.join()).toMatchObject({ result: 'sent' });
      }),
      { numRuns: 100 },
    );
    expect(pagerduty.problems).toEqual([]);
  });

  it('takes the notice of an alarm too', async () => {
    const pagerduty = await startReceiver();
    const change = alarmChangeOfSns({
      AlarmName: 'notes-DeadLetters',
      AWSAccountId: '111122223333',
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      NewStateReason: 'Threshold Crossed',
      StateChangeTime: '2026-01-31T13:00:00.000+0000',
    });
    const notice = alarmNotice(change, { service: 'notes', environment: 'prod' }, []);
    if (!notice) throw new Error('no notice');
    await sendTo(pagerduty, notice);
    expect(pagerduty.incidents[0]?.triggers[0]).toMatchObject({ component: 'notes-DeadLetters', severity: 'error' });
  });

  it('is asked again after 429, 500 and 503, and has one incident', async () => {
    const pagerduty = await startReceiver();
    pagerduty.fail(500, 429, 503);
    expect(await sendTo(pagerduty, breach)).toMatchObject({ result: 'sent', tries: 4 });
    expect(pagerduty.answers).toEqual([500, 429, 503, 202]);
    expect(pagerduty.incidents).toHaveLength(1);
  });

  it('is asked again when the connection was cut after it had taken the event, and has one incident', async () => {
    const pagerduty = await startReceiver();
    pagerduty.fail('cut after accepting');
    expect(await sendTo(pagerduty, breach)).toMatchObject({ result: 'sent', tries: 2 });
    expect(pagerduty.incidents.map(({ triggers }) => triggers.length)).toEqual([2]);
  });

  it('refuses for good with 400, and is not asked again', async () => {
    const pagerduty = await startReceiver();
    const channel = { kind: 'pagerduty', url: pagerduty.url, routingKey: 'too-short' } as const;
    const deps = { context: contextOf(), policy: hasty, random: () => 0 };
    const sent = await sendPage(channel, breach, deps, new AbortController().signal);
    expect(sent).toEqual({ result: 'refused', detail: 'answered 400', tries: 1 });
    expect(pagerduty.problems).toEqual(["Length of 'routing_key' is incorrect (should be 32 characters)"]);
  });
});

describe('the stand-in of PagerDuty says no to', () => {
  const post = async (change: (event: Record<string, unknown>) => unknown, type = 'application/json') => {
    const pagerduty = await startReceiver();
    const { body } = requestOf({ kind: 'pagerduty', url: pagerduty.url, routingKey }, breach, 0);
    const changed = change(JSON.parse(body));
    const response = await fetch(pagerduty.url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof changed === 'string' ? changed : JSON.stringify(changed),
    });
    const { status, errors } = (await response.json()) as { status?: string; errors?: string[] };
    return { code: response.status, status, errors, incidents: pagerduty.incidents };
  };
  const payloadWith = (more: object) => (event: Record<string, unknown>) => ({
    ...event,
    payload: { ...(event.payload as object), ...more },
  });

  it('nothing that is right', async () => {
    expect(await post((event) => event)).toMatchObject({ code: 202, status: 'success' });
  });

  it.each<[string, (event: Record<string, unknown>) => unknown, RegExp]>([
    ['a key of another length', (event) => ({ ...event, routing_key: 'short' }), /routing_key/],
    ['an action that is none', (event) => ({ ...event, event_action: 'open' }), /event_action/],
    ['a key for merging that is too long', (event) => ({ ...event, dedup_key: 'k'.repeat(256) }), /dedup_key/],
    ['a resolve of nothing', ({ dedup_key: _, ...event }) => ({ ...event, event_action: 'resolve' }), /dedup_key/],
    ['a trigger without a payload', ({ payload: _, ...event }) => event, /payload/],
    ['a severity that is none', payloadWith({ severity: 'page' }), /severity/],
    ['an empty summary', payloadWith({ summary: ' ' }), /summary/],
    ['a summary that is too long', payloadWith({ summary: 's'.repeat(1025) }), /summary/],
    ['no source', payloadWith({ source: undefined }), /source/],
    ['a time that is none', payloadWith({ timestamp: 'yesterday' }), /timestamp/],
    ['details that are no object', payloadWith({ custom_details: ['x'] }), /custom_details/],
    ['a link that is none', (event) => ({ ...event, links: [{ href: 'runbook' }] }), /links/],
    ['a key that nobody knows', (event) => ({ ...event, severity: 'critical' }), /unknown/],
    ['a body that is too large', payloadWith({ custom_details: { x: 'x'.repeat(600_000) } }), /512 KB/],
    ['what is not JSON', () => '{', /JSON/],
  ])('%s', async (_, change, says) => {
    const { code, status, errors, incidents } = await post(change);
    expect([code, status, incidents]).toEqual([400, 'invalid event', []]);
    expect(errors?.join()).toMatch(says);
  });

  it('JSON that is not called so', async () => {
    expect((await post((event) => event, 'text/plain')).errors?.join()).toMatch(/content type/);
  });
});

describe('channels of a plan', () => {
  const resolve = (channel: object, values: Record<string, string> = {}): readonly Channel[] => {
    const [kind = '', options = {}] = Object.entries(channel)[0] ?? [];
    return resolveChannels(
      { page: [{ kind, options }], ticket: [], monitoring: [] },
      'page',
      new Map(Object.entries(values)),
    );
  };

  it('get their variables, PagerDuty the endpoint of the United States unless another is given', () => {
    const key = { pagerduty: { routingKey: '{{key}}' } };
    expect(resolve(key, { key: routingKey })).toEqual([
      { kind: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue', routingKey },
    ]);
    const european = { pagerduty: { ...key.pagerduty, url: 'https://events.eu.pagerduty.com/v2/enqueue' } };
    expect(resolve(european, { key: routingKey })).toMatchObject([{ url: european.pagerduty.url }]);
    expect(resolve({ slack: { url: '{{hook}}' } }, { hook: 'https://hooks.example/T/B/x' })).toEqual([
      { kind: 'slack', url: 'https://hooks.example/T/B/x' },
    ]);
    const topicArn = 'arn:aws:sns:eu-west-1:123456789012:pages';
    expect(resolve({ sns: { topicArn } })).toEqual([{ kind: 'sns', topicArn }]);
    expect(resolve({ email: { to: 'on@call.example' } })).toEqual([]);
  });

  it.each<[object, string]>([
    [{ pagerduty: { routingKey: '{{key}}' } }, '{{key}} has no value'],
    [{ pagerduty: { routingKey: '{{short}}' } }, 'its routingKey has 6 characters and not 32'],
    [{ slack: { url: '{{short}}' } }, 'its url, {{short}}, did not become one of http or https'],
    [{ webhook: { url: '{{a}}/{{b}}' } }, '{{a}}, {{b}} have no value'],
    [{ sns: { topicArn: '{{short}}' } }, 'its topicArn, {{short}}, did not become the ARN of an SNS topic'],
  ])('that cannot be used say why, and never a secret: %j', (channel, reason) => {
    expect(resolve(channel, { short: 'secret' })).toMatchObject([{ kind: 'unusable', reason }]);
  });

  it('have keys that tell them apart and give nothing away', () => {
    const channels: readonly Channel[] = [
      { kind: 'webhook', url: 'https://a.example/s3cret' },
      { kind: 'webhook', url: 'https://a.example/s3cret', secret: 's3cret' },
      { kind: 'slack', url: 'https://a.example/s3cret' },
    ];
    const keys = channels.map(channelKey);
    expect(new Set(keys).size).toBe(3);
    expect(keys.join()).not.toContain('s3cret');
    expect(channelKey({ kind: 'slack', url: 'https://a.example/s3cret' })).toBe(keys[2]);
  });
});
