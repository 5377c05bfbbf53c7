import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from '../lib/judge/judge.ts';
import { observationOf } from '../lib/judge/observation.ts';
import { simulatedProber } from '../lib/local/rehearsal/target.ts';
import { type MonitorDeps, type Monitored, monitorOnce } from '../lib/monitor.ts';
import { renderText } from '../lib/report/text.ts';
import type { Run, RunDocument } from '../lib/result/result.ts';
import type { Store } from '../lib/result/store.ts';
import { contextOf, probeOf } from './support/probing.ts';
import { makeStoreFolder } from './support/store-folder.ts';

const hourMs = 3_600_000;
const originMs = Date.UTC(2026, 5, 1);
const learntHours = 48;

const shape = {
  id: 'api-read',
  kind: 'http',
  schedule: { cron: '0 * * * *', timezone: 'UTC' },
  samples: 50,
  severity: 'page',
  steps: [{ name: 'list', request: { url: 'http://127.0.0.1:1/' } }],
};
const probe = probeOf(shape);

const outage = {
  probes: ['api-read'],
  startMs: learntHours * hourMs,
  expect: 'ticket',
  withinMs: hourMs,
} as const;

const documentOf = (run: Run): RunDocument => ({
  schema: 1,
  tool: 'plimsoll',
  service: 'notes',
  environment: 'dev',
  startedAt: run.startedAt,
  verdict: run.verdict,
  variables: [],
  runs: [run],
});

let place: ReturnType<typeof makeStoreFolder>;
let store: Store;
let nowMs: number;
beforeEach(async () => {
  place = makeStoreFolder();
  store = await place.open({ durable: false });
});
afterEach(async () => {
  await store.close();
  place.remove();
});

/** A target that is well for two days, and then half as slow again. */
const depsOf = (): MonitorDeps => {
  const slower = { ...outage, forMs: 1000 * hourMs, effect: { kind: 'slower', by: 0.5 } } as const;
  const prober = simulatedProber({ seed: 7, originMs, incidents: [slower] });
  const context = contextOf();
  return {
    store,
    probers: { http: prober, websocket: prober },
    context: { ...context, clock: { now: () => nowMs, monotonic: context.clock.monotonic } },
    service: 'notes',
    maintenance: [],
    keys: keysOf([probe]),
  };
};

const runHours = async (from: number, n: number, more: object = {}): Promise<readonly Monitored[]> => {
  const deps = depsOf();
  const done: Monitored[] = [];
  for (let hour = from; hour < from + n; hour++) {
    nowMs = originMs + hour * hourMs;
    const slot = new Date(nowMs).toISOString();
    const occasion = { slot, trigger: 'schedule', region: 'local', environment: 'dev', ...more } as const;
    done.push(await monitorOnce(probe, occasion, deps, new AbortController().signal));
  }
  return done;
};

describe('one run after another', () => {
  it('that gets slower for good is degraded, and one ticket: neither a page nor a breach of its runs', async () => {
    const [healthy, slow] = [await runHours(0, learntHours), await runHours(learntHours, 20)];
    expect(new Set(healthy.map(({ run }) => run.verdict))).toEqual(new Set(['pass']));
    expect(healthy.flatMap(({ alarm }) => alarm.events)).toEqual([]);
    expect(healthy.at(-1)?.run.baseline).toMatchObject({ state: 'active', trend: { confirmed: false } });

    const confirmed = slow.findIndex(({ run }) => run.baseline.trend?.confirmed);
    expect(confirmed).toBeGreaterThanOrEqual(0);
    expect(slow.map(({ run }) => run.verdict)).toEqual([
      ...Array(confirmed).fill('pass'),
      ...Array(20 - confirmed).fill('degraded'),
    ]);
    const events = slow.flatMap(({ alarm }) => alarm.events);
    expect(events.map(({ kind, rule, route }) => [kind, rule, route])).toEqual([
      ['breached', 'regression:total', 'ticket'],
    ]);
    expect(events[0]).toMatchObject({ runId: slow[confirmed]?.run.runId, verdict: 'degraded' });
    // Said once, though the run and the alarm both know it.
    expect(events[0]?.reasons).toEqual(slow[confirmed]?.run.reasons);
    const state = await store.state('api-read');
    expect([state?.state, state?.rule, state?.alarms.runs?.state]).toEqual(['breached', 'regression:total', 'ok']);
    for (const { run, sketches } of slow) expect(observationOf({ run, sketches }).verdict).toBe('pass');
  });

  it('is compared by what the store remembers, and not by reading its runs', async () => {
    await runHours(0, learntHours);
    await store.prune(originMs + 10_000 * 24 * hourMs);
    expect(await store.list()).toEqual([]);
    const [next] = await runHours(learntHours - 1, 1, { trigger: 'demand', token: 'x' });
    expect(next?.run.baseline).toMatchObject({ state: 'active' });
    expect(next?.run.baseline.ratio).toBeGreaterThan(0.7);
  });

  it('names the deploy that was marked before it, and what the judge did on its account', async () => {
    await runHours(0, learntHours);
    const at = new Date(originMs + learntHours * hourMs - 1000).toISOString();
    await store.mark({ kind: 'deploy', at, version: 'v2', probes: ['api-read'], who: 'ci' });
    const events = (await runHours(learntHours, 20)).flatMap(({ alarm }) => alarm.events);
    expect(events.flatMap(({ reasons }) => reasons)).toContain('it began 1 run after deploy v2');
  });

  it('says what is left of the error budget of its whole window, and a run on demand spends none', async () => {
    const strict = probeOf({ ...shape, slo: { objective: '99%' } });
    const broken = { ...outage, forMs: hourMs, effect: { kind: 'down' } } as const;
    const prober = simulatedProber({ seed: 7, originMs, incidents: [broken] });
    const deps = { ...depsOf(), probers: { http: prober, websocket: prober } };
    const leftAt = async (hour: number, trigger: 'schedule' | 'demand') => {
      nowMs = originMs + hour * hourMs;
      const occasion = { slot: new Date(nowMs).toISOString(), trigger, region: 'local', environment: 'dev' } as const;
      const { run } = await monitorOnce(strict, occasion, deps, new AbortController().signal);
      return {
        left: run.slo[0]?.budgetLeft,
        told: renderText(documentOf(run), { colour: false, width: 120, verbose: false }),
      };
    };
    expect((await leftAt(learntHours - 1, 'schedule')).left).toBe(1);
    const bad = await leftAt(learntHours, 'schedule');
    expect(bad.left).toBeLessThan(1);
    expect(bad.told).toMatch(/objective 99% 0 % \(.* of its budget left|its budget overspent by/);
    expect((await leftAt(learntHours + 0.5, 'demand')).left).toBeUndefined();
    expect((await leftAt(learntHours + 2, 'schedule')).left).toBeLessThan(1);
  });
});
