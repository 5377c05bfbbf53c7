import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProbePlan } from '../../lib/config/plan.ts';
import { keysOf } from '../../lib/judge/judge.ts';
import { type MonitorDeps, type Monitored, monitorOnce } from '../../lib/monitor.ts';
import { createControl } from '../../lib/probe/control.ts';
import { probers } from '../../lib/probe/probers.ts';
import type { Store } from '../../lib/result/store.ts';
import { startHttpTarget, type Target } from '../support/http-target.ts';
import { contextOf, handClock, probeOf } from '../support/probing.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const keep = async (starting: Promise<Target>): Promise<Target> => {
  const target = await starting;
  onTestFinished(() => target.close());
  return target;
};

const openStore = async (): Promise<Store> => {
  const folder = makeStoreFolder();
  const store = await folder.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  return store;
};

/** Nobody listens on these, and no test is given them. */
const [closed, alsoClosed] = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/'];

const probe = (url: string, more: object = {}): ProbePlan =>
  probeOf({
    kind: 'http',
    schedule: { every: '1m' },
    samples: 1,
    severity: 'page',
    alarm: { breachAfter: 1 },
    steps: [{ name: 'get', request: { url } }],
    ...more,
  });

const startMs = Date.UTC(2026, 0, 31, 13);

/** Runs a probe slot after slot, as `watch` does. */
const watching = async (plan: ProbePlan, controlUrl?: string, context = contextOf()) => {
  const control =
    controlUrl === undefined ? {} : { control: createControl({ url: controlUrl, timeoutMs: 30_000 }, context) };
  const deps: MonitorDeps = {
    probers,
    store: await openStore(),
    service: 'shop',
    maintenance: [],
    keys: keysOf([plan]),
    context,
    ...control,
  };
  let slots = 0;
  const next = (): Promise<Monitored> => {
    const slot = new Date(startMs + slots * 60_000).toISOString();
    slots += 1;
    const occasion = { slot, trigger: 'schedule', region: 'local', environment: 'dev' } as const;
    return monitorOnce(plan, occasion, deps, new AbortController().signal);
  };
  return { store: deps.store, next };
};

describe('a service that cannot be reached', () => {
  it('pages its owner when the control target answers, and says so', async () => {
    const control = await keep(startHttpTarget((_, response) => void response.end()));
    const { next } = await watching(probe(closed), control.url);
    const { run, alarm } = await next();
    expect(run).toMatchObject({ verdict: 'fail', attribution: { at: 'tcp', control: 'answered' } });
    expect(alarm.events.map(({ kind, route }) => [kind, route])).toEqual([['breached', 'page']]);
    expect(alarm.events[0]?.text).toMatch(
      /^suspect {3}tcp – the service's host, .* our own network works: the control/m,
    );
  });

  it('moves no alarm of the service when the control target is silent too: those who own the monitor are told', async () => {
    const { next, store } = await watching(probe(closed), alsoClosed);
    const told = [await next(), await next(), await next(), await next()].map(({ alarm }) =>
      alarm.events.map(({ kind, route }) => [kind, route]),
    );
    expect(told).toEqual([[], [], [['inconclusive', 'monitoring']], []]);
    expect(await store.state('under-test')).toMatchObject({ state: 'ok', alarms: {}, inconclusive: 4 });
    const [page] = await store.pendingEvents();
    expect(page?.text).toMatch(/^evidence {2}could not reach http:\/\/127\.0\.0\.1:1, nor the control target/m);
    expect(page?.text).toMatch(/^suspect {3}prober – our own network: /m);
    const [kept] = await store.list({ limit: 1 });
    expect(kept).toMatchObject({ verdict: 'inconclusive', attribution: { at: 'prober', control: 'silent' } });
  });

  it('pages as ever where no control target is named', async () => {
    const { next } = await watching(probe(closed));
    const { run, alarm } = await next();
    expect([run.verdict, alarm.events[0]?.route]).toEqual(['fail', 'page']);
  });
});

describe('a service that has become slow', () => {
  it('is told by the phase that took longer than it used to', async () => {
    const { clock, pass } = handClock();
    const slowness = { ms: 0 };
    const target = await keep(
      startHttpTarget(async (_, response) => {
        await pass(slowness.ms);
        response.end('done');
      }),
    );
    const plan = probe(target.url, { slo: { thresholds: ['p(95)<700'] } });
    const { next } = await watching(plan, undefined, { ...contextOf(), clock });
    const before = [await next(), await next(), await next()];
    expect(before.map(({ run }) => run.verdict)).toEqual(['pass', 'pass', 'pass']);
    slowness.ms = 800;
    const { run, alarm } = await next();
    expect(run).toMatchObject({ verdict: 'degraded', attribution: { at: 'latency', phase: 'firstByte' } });
    expect(run.attribution?.words).toMatch(
      /^the service: the first byte of "get" took [\d.]+ m?s in the slowest, usually [\d.]+ ms$/,
    );
    expect(alarm.events[0]?.text).toMatch(/^suspect {3}latency – the service: the first byte/m);
  });
});
