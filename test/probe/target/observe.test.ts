import { describe, expect, it, onTestFinished } from 'vitest';
import { entryId, idPrefix } from '../../../lib/drill/entry-id.ts';
import { connectionFindings, eventFinding } from '../../../lib/drill/live-client.ts';
import type { Observer, Watch } from '../../../lib/drill/ports.ts';
import type { Observation } from '../../../lib/drill/record.ts';
import { openTarget } from '../../../lib/probe/target/open.ts';
import { complaintsOf, headOf, never, targetPlanOf, unwatched } from '../../support/drill-target.ts';
import { type LiveFeedFaults, liveFeedCodec, serveLiveFeed } from '../../support/live-feed.ts';
import { contextOf } from '../../support/probing.ts';

const entry = { url: 'https://a.example/{{entry.id}}' };
const ledger = {
  write: { request: { method: 'PUT', ...entry } },
  read: { request: entry, absent: { status: 404 } },
  streams: ['s'],
};

const prefix = idPrefix('run-1');
const [one, two, three, four] = [1, 2, 3, 4].map((n) => entryId('run-1', 'through', n)) as [
  string,
  string,
  string,
  string,
];

const watching = async (follow: object = {}) => {
  const server = await serveLiveFeed();
  const plan = targetPlanOf({
    ledger: { ...ledger, follow: { url: server.url, codec: liveFeedCodec, quiet: '150ms', ...follow } },
  });
  const target = openTarget(plan, contextOf());
  const seen: Observation[] = [];
  const observers: Observer[] = [];
  onTestFinished(async () => {
    for (const observer of observers) await observer.close();
    await server.close();
  });
  const look = (observer: Observer) => {
    seen.push(...observer.drain());
    return seen;
  };
  return {
    server,
    target,
    seen,
    observe: (watch: Partial<Watch> = {}, signal = never) => {
      const streams = [{ stream: 's' }];
      const observer = target.observe(
        { streams, idPrefix: prefix, generations: 0, room: 100, everyMs: 20, ...watch },
        signal,
      );
      if (!observer) throw new Error('the plan says how to follow');
      observers.push(observer);
      return {
        ...observer,
        /** Waits until so many of a kind were seen, and answers all that was. */
        until: async (kind: Observation['kind'], count = 1) => {
          const those = () => look(observer).filter((some) => some.kind === kind);
          await expect.poll(() => those().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
          return seen;
        },
        all: () => look(observer),
      };
    },
  };
};

/** A crash in the middle of writes, watched live, and all that is found of it. */
const throughCrash = async (faults: LiveFeedFaults): Promise<readonly string[]> => {
  const { server, target, observe } = await watching();
  server.publish('before');
  const head = await headOf(target, 's');
  const observer = observe({ streams: [{ stream: 's', cursor: 1 }] });
  await observer.until('opened');
  const askedAt = Date.now();
  server.publish(one, two);
  await observer.until('event', 2);
  server.crash();
  await observer.until('refused');
  server.start(faults);
  // Written before the client is back, so that it has something to resume.
  server.publish(three, four);
  await observer.until('opened', 2);
  await observer.settle([three, four], never);
  await observer.close();
  const watched = { ...unwatched, observations: observer.all(), idPrefix: prefix, owed: [one, two, three, four] };
  server.mend();
  const { findings, named } = await target.checkStream(head, watched, never);
  return complaintsOf([
    ...findings.filter(({ check }) => check.includes('live client')),
    ...eventFinding(watched.observations, watched.owed, named),
    ...connectionFindings(watched.observations, askedAt, { recovered: true, losesAllowed: false }),
  ]);
};

describe('a live client of a target', { timeout: 30_000 }, () => {
  it('sees its connection end, comes back by itself, and goes on from the last cursor that it saw', async () => {
    expect(await throughCrash({})).toEqual([]);
  });

  it('may be told once more of the event at its cursor', async () => {
    expect(await throughCrash({ inclusive: true })).toEqual([]);
  });

  it.each<[string, LiveFeedFaults, readonly string[]]>([
    [
      'was told of events that are gone with the crash',
      { loses: 2 },
      ['streams: every event of s that a live client saw is still there: fail'],
    ],
    [
      'is told of an event twice when it comes back',
      { repeats: 2 },
      ['order: a live client of s saw each event once, in order, none left out: fail'],
    ],
    [
      'is not told of an event when it comes back',
      { skips: 1 },
      ['order: a live client of s saw each event once, in order, none left out: fail'],
    ],
    [
      'is told of nothing when it comes back',
      { skips: 9 },
      ['order: a live client of s saw each event once, in order, none left out: fail'],
    ],
  ])('that %s tells on the target', async (_, faults, complaints) => {
    expect(await throughCrash(faults)).toEqual(complaints);
  });

  it('names cursors and writes of what it saw that is lost', async () => {
    const { server, target, observe } = await watching();
    const observer = observe();
    await observer.until('opened');
    server.publish(one, two);
    await observer.until('event', 2);
    server.crash();
    server.start({ loses: 1 });
    await observer.until('opened', 2);
    const watched = { ...unwatched, observations: observer.all(), idPrefix: prefix };
    const { findings } = await target.checkStream({ stream: 's', events: [] }, watched, never);
    expect(findings.find(({ check }) => check.includes('still there'))).toMatchObject({
      result: 'fail',
      actual: '1 of 2 events gone: cursor 2',
      witnesses: ['cursor 2', two],
    });
  });

  it('remembers of an event what a look at the stream remembers, and which writes it names', async () => {
    const { server, target, observe } = await watching();
    const observer = observe({ generations: 4 });
    server.publish(`${one} and ${two} and ${one}`, 'nothing of ours');
    const seen = await observer.until('event', 2);
    const { events } = await headOf(target, 's');
    const told = seen.filter(({ kind }) => kind === 'event');
    expect(told).toMatchObject(events);
    expect(told).toMatchObject([
      { generation: 5, entries: [one, two] },
      { generation: 5, entries: [] },
    ]);
  });

  it('is settled only once it is back, though everybody waits for that', async () => {
    const { server, observe } = await watching();
    const observer = observe();
    await observer.until('opened');
    server.crash();
    await observer.until('refused');
    const settled = observer.settle([], never);
    server.start();
    await settled;
    const kinds = observer.all().map(({ kind }) => kind);
    expect(kinds.slice(kinds.lastIndexOf('opened'))).toEqual(['opened', 'settled']);
    const impatient = new AbortController();
    server.crash();
    await observer.until('refused', 2);
    const enough = observer.settle([], impatient.signal);
    impatient.abort();
    await enough;
    expect(observer.all().filter(({ kind }) => kind === 'settled')).toHaveLength(1);
  });

  it('says why it was refused, and tries again until it is not', async () => {
    const { server, observe } = await watching();
    server.start({ refuses: 'CURSOR_GONE' });
    const observer = observe();
    const seen = await observer.until('closed', 2);
    const problem = 'the server refused to subscribe to s with CURSOR_GONE';
    expect(seen).toContainEqual(expect.objectContaining({ kind: 'closed', problem }));
    server.start();
    server.publish('hello');
    await observer.until('event');
  });

  it('takes a host that answers no ping any more for gone', async () => {
    const { server, observe } = await watching();
    const observer = observe();
    await observer.until('opened');
    // Only of a server that has answered one is silence a sign.
    await expect.poll(server.pongs, { timeout: 20_000 }).toBeGreaterThan(0);
    server.freeze();
    const seen = await observer.until('closed');
    expect(seen.find(({ kind }) => kind === 'closed')).toMatchObject({ problem: 'it answers no ping any more' });
    await observer.until('opened', 2);
  });

  it('keeps no more events than it is told to, and counts the rest', async () => {
    const { server, observe } = await watching();
    const observer = observe({ room: 2 });
    server.publish('a', 'b', 'c', 'd', 'e');
    const seen = await observer.until('dropped');
    await expect
      .poll(() => observer.all().reduce((n, some) => n + (some.kind === 'dropped' ? some.events : 0), 0))
      .toBe(3);
    expect(seen.filter(({ kind }) => kind === 'event')).toHaveLength(2);
  });

  it('holds on to nothing of what it has seen: more comes than a journal may hold', async () => {
    const { server, observe } = await watching();
    const observer = observe();
    await observer.until('opened');
    for (let n = 1; n <= 40; n += 1) {
      server.publish('x'.repeat(1_000_000));
      await observer.until('event', n);
    }
    expect(observer.all().filter(({ kind }) => kind === 'opened')).toHaveLength(1);
  });

  it('gives up where no later try can work, and says that it is our own fault', async () => {
    const plan = targetPlanOf(
      { ledger: { ...ledger, follow: { url: '{{wsUrl}}', codec: liveFeedCodec } } },
      { wsUrl: {} },
    );
    const watch = { streams: [{ stream: 's' }], idPrefix: prefix, generations: 0, room: 9, everyMs: 1 };
    const observer = openTarget(plan, contextOf()).observe(watch, never);
    await observer?.settle([], never);
    expect(observer?.drain()).toMatchObject([{ kind: 'refused', problem: '{{wsUrl}} has no value', ours: true }]);
    await observer?.close();
  });

  it('is none where the plan does not say how to follow', () => {
    const watch = { streams: [{ stream: 's' }], idPrefix: prefix, generations: 0, room: 9, everyMs: 1 };
    expect(openTarget(targetPlanOf({ ledger }), contextOf()).observe(watch, never)).toBeUndefined();
  });

  it('hangs up by itself when the drill ends, and leaves no connection', async () => {
    const { server, observe } = await watching();
    const stop = new AbortController();
    const observer = observe({}, stop.signal);
    await observer.until('opened');
    stop.abort(new Error('enough'));
    await observer.close();
    expect(observer.all().at(-1)).toMatchObject({ kind: 'closed', own: true });
    await expect.poll(server.connections).toBe(0);
  });
});
