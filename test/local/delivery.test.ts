import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type DeliveryDeps, startDelivery } from '../../lib/local/delivery.ts';
import type { Channel } from '../../lib/page/channel.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import type { EventOutcome, Store } from '../../lib/result/store.ts';
import { makeEvent, makeState, makeStep } from '../support/alarms.ts';
import { until } from '../support/cli.ts';
import { type DrivenClock, driveClock } from '../support/driven-clock.ts';
import { startHttpTarget, type Target } from '../support/http-target.ts';
import { startPagerDuty } from '../support/pagerduty.ts';
import { contextOf } from '../support/probing.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const noon = Date.parse('2026-01-31T13:00:30Z');
const minuteMs = 60_000;

describe('the delivery of events', () => {
  const place = makeStoreFolder();
  let store: Store;
  let outcomes: [string, EventOutcome['result'], string][];
  let said: string[];
  let clock: DrivenClock;
  beforeEach(async () => {
    store = await place.open();
    [outcomes, said, clock] = [[], [], driveClock(noon)];
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  /** A receiver whose answer is by the id of the event and the number of the try. */
  const receiver = async (answer: (id: string, tries: number) => number | null) => {
    const seen: string[] = [];
    const listener: RequestListener = (request, response) => {
      const id = String(request.headers['idempotency-key']);
      seen.push(id);
      request.resume();
      const status = answer(id, seen.filter((one) => one === id).length);
      if (status !== null) response.writeHead(status).end();
    };
    const target = await startHttpTarget(listener);
    onTestFinished(() => target.close());
    return { target, seen };
  };

  const deliver = (receivers: readonly { readonly target: Target }[], policy: Partial<DeliveryDeps['policy']> = {}) =>
    deliverTo(
      receivers.map(({ target }) => ({ kind: 'webhook', url: target.url })),
      policy,
    );

  const deliverTo = (page: readonly Channel[], policy: Partial<DeliveryDeps['policy']> = {}) =>
    startDelivery({
      store: {
        settleEvent: async (id, outcome) => {
          outcomes.push([id, outcome.result, outcome.detail]);
          return store.settleEvent(id, outcome);
        },
      },
      clock,
      recipients: () => ({
        context: { ...contextOf(), clock },
        channels: { page, ticket: [], monitoring: [] },
      }),
      policy: { timeoutMs: 2000, tries: 1, firstBackoffMs: 1, longestBackoffMs: 1, ...policy },
      random: () => 0,
      say: (_, line) => said.push(line),
    });

  const keep = async (...events: readonly PageEvent[]): Promise<readonly PageEvent[]> => {
    for (const [n, event] of events.entries())
      await store.advance(makeStep(makeState(event.id, new Date(noon + n).toISOString()), event));
    return events;
  };

  it('sends the events of a probe one after another, and settles each', async () => {
    const one = await receiver(() => 204);
    const delivery = deliver([one]);
    delivery.add(await keep(makeEvent('a'), makeEvent('b'), makeEvent('c')));
    await until(() => outcomes.length === 3);
    expect(one.seen).toEqual(['a', 'b', 'c']);
    expect(outcomes).toEqual(['a', 'b', 'c'].map((id) => [id, 'sent', 'answered 204']));
    expect(await store.pendingEvents()).toEqual([]);
    await delivery.close(0);
  });

  it('keeps the order of a probe while its first event cannot be sent, and lets other probes pass', async () => {
    const one = await receiver((id, tries) => (id === 'a' && tries < 3 ? 503 : 200));
    const delivery = deliver([one]);
    delivery.add(await keep(makeEvent('a'), makeEvent('b'), makeEvent('other', { probe: 'other' })));
    await until(() => outcomes.length === 1 && said.length === 2);
    expect([outcomes[0]?.[0], one.seen.toSorted()]).toEqual(['other', ['a', 'other']]);
    expect(said[0]).toBe('notify.page could not be reached (answered 503); trying again');
    await clock.pass(minuteMs);
    await until(() => one.seen.length === 3);
    await until(() => said.length === 3);
    await clock.pass(minuteMs);
    await until(() => outcomes.length === 3);
    expect(one.seen.filter((id) => id !== 'other')).toEqual(['a', 'a', 'a', 'b']);
    await delivery.close(0);
  });

  it('does not send again to who has taken it because another has not', async () => {
    const [takes, hesitates] = [await receiver(() => 200), await receiver((_, tries) => (tries < 2 ? 500 : 201))];
    const delivery = deliver([takes, hesitates]);
    delivery.add(await keep(makeEvent('a')));
    await until(() => said.length === 1);
    await clock.pass(minuteMs);
    await until(() => outcomes.length === 1);
    expect([takes.seen, hesitates.seen]).toEqual([['a'], ['a', 'a']]);
    expect(outcomes).toEqual([['a', 'sent', 'answered 200, answered 201']]);
    await delivery.close(0);
  });

  it('lets no receiver that is down hold up another', async () => {
    const [takes, hesitates] = [await receiver(() => 200), await receiver((_, tries) => (tries < 2 ? 500 : 201))];
    const delivery = deliver([takes, hesitates]);
    delivery.add(await keep(makeEvent('a'), makeEvent('b')));
    await until(() => takes.seen.length === 2 && said.length === 1);
    expect([takes.seen, hesitates.seen]).toEqual([['a', 'b'], ['a']]);
    await clock.pass(minuteMs);
    await until(() => said.length === 3);
    await clock.pass(minuteMs);
    await until(() => outcomes.length === 2);
    expect([takes.seen, hesitates.seen]).toEqual([
      ['a', 'b'],
      ['a', 'a', 'b', 'b'],
    ]);
    await delivery.close(0);
  });

  it('tells PagerDuty and Slack from a laptop as the cloud does', async () => {
    const pagerduty = await startPagerDuty();
    const slack = await startHttpTarget((request, response) => {
      request.resume();
      response.end('ok');
    });
    onTestFinished(async () => {
      await pagerduty.close();
      await slack.close();
    });
    const routingKey = 'r'.repeat(32);
    const delivery = deliverTo([
      { kind: 'pagerduty', url: pagerduty.url, routingKey },
      { kind: 'slack', url: slack.url },
    ]);
    delivery.add(await keep(makeEvent('a'), makeEvent('b', { kind: 'recovered' })));
    await until(() => outcomes.length === 2);
    expect(outcomes).toEqual(['a', 'b'].map((id) => [id, 'sent', 'answered 202, answered 200']));
    expect(pagerduty.incidents.map(({ status }) => status)).toEqual(['resolved']);
    expect(slack.requests).toHaveLength(2);
    await delivery.close(0);
  });

  it('lets go of what is refused for good, and says so', async () => {
    const one = await receiver(() => 404);
    const delivery = deliver([one]);
    delivery.add(await keep(makeEvent('a'), makeEvent('b')));
    await until(() => outcomes.length === 2);
    expect(outcomes[0]).toEqual(['a', 'refused', 'answered 404']);
    expect(said[0]).toBe('notify.page refused it for good: answered 404');
    await delivery.close(0);
  });

  it('settles what has nobody to go to, without a word to anybody', async () => {
    const delivery = deliver([await receiver(() => 200)]);
    delivery.add(await keep(makeEvent('a', { route: 'ticket' }), makeEvent('b', { route: null })));
    await until(() => outcomes.length === 2);
    expect(outcomes).toEqual([
      ['a', 'unrouted', 'notify.ticket names nobody who can be reached'],
      ['b', 'unrouted', 'severity none'],
    ]);
    expect(said).toEqual([]);
    await delivery.close(0);
  });

  it('gives up news that is a day old', async () => {
    const one = await receiver(() => 500);
    const delivery = deliver([one]);
    delivery.add(await keep(makeEvent('a', { slot: '2026-01-30T13:00:00.000Z' })));
    await until(() => outcomes.length === 1);
    expect(outcomes).toEqual([['a', 'expired', 'answered 500']]);
    await delivery.close(0);
  });

  it('tries all that is left once at its end, even what was resting, and leaves the rest in the outbox', async () => {
    let open = false;
    const one = await receiver((id) => (open && id !== 'stuck' ? 200 : 500));
    const delivery = deliver([one]);
    const events = [
      makeEvent('stuck'),
      ...Array.from({ length: 20 }, (_, n) => makeEvent(`e${n}`, { probe: `p${n}` })),
    ];
    delivery.add(await keep(...events));
    await until(() => said.length === 21);
    open = true;
    await delivery.close(60_000);
    expect(outcomes.map(([id]) => id).toSorted()).toEqual(
      events
        .slice(1)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect((await store.pendingEvents()).map(({ id }) => id)).toEqual(['stuck']);
    expect(one.seen.filter((id) => id === 'stuck')).toHaveLength(2);
  });

  it('ends in time when a receiver hangs', async () => {
    const one = await receiver(() => null);
    const delivery = deliver([one], { timeoutMs: 60_000 });
    delivery.add(await keep(makeEvent('a')));
    await until(() => one.seen.length === 1);
    const closing = delivery.close(5000);
    await clock.pass(5000);
    await closing;
    expect([outcomes, (await store.pendingEvents()).length]).toEqual([[], 1]);
  });
});
