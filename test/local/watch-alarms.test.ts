import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbePlan } from '../../lib/config/plan.ts';
import { keysOf } from '../../lib/judge/judge.ts';
import { resumeWatch } from '../../lib/local/watch/catch-up.ts';
import { startWatch, type Watch, type WatchListener } from '../../lib/local/watch.ts';
import { stepRun } from '../../lib/monitor/step.ts';
import type { MonitorDeps } from '../../lib/monitor.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import { probers } from '../../lib/probe/probers.ts';
import type { Run } from '../../lib/result/result.ts';
import { runId } from '../../lib/result/run-id.ts';
import type { Store, StoredRun } from '../../lib/result/store.ts';
import { until } from '../support/cli.ts';
import { type DrivenClock, driveClock } from '../support/driven-clock.ts';
import { startHttpTarget, type Target } from '../support/http-target.ts';
import { latenciesOf } from '../support/judging.ts';
import { contextOf, probeOf } from '../support/probing.ts';
import { makeStoredRun } from '../support/runs.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const isoOf = (ms: number): string => new Date(ms).toISOString();

/** A Tuesday, noon. */
const noon = Date.UTC(2026, 5, 2, 12);

let place: ReturnType<typeof makeStoreFolder>;
let store: Store;
let target: Target;
let clock: DrivenClock;
/** `next`: where its second step goes, if it has one. */
let answer: { status: number; next?: string };
let ended: Run[];
let pages: PageEvent[];
/** Answers what hangs. */
let hanging: (() => void)[];
let watch: Watch | undefined;

const listener: WatchListener = {
  began: () => {},
  ended: (run) => void ended.push(run),
  moved: () => {},
  told: () => {},
  clockStepped: () => {},
  failed: (_, error) => {
    throw error;
  },
};

beforeEach(async () => {
  place = makeStoreFolder();
  store = await place.open();
  clock = driveClock(noon);
  [answer, ended, pages, hanging] = [{ status: 200 }, [], [], []];
  target = await startHttpTarget((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.url === '/hang') return void hanging.push(() => response.end('{}'));
      if (request.url === '/hook') pages.push(JSON.parse(body));
      response.statusCode = request.url === '/hook' ? 204 : answer.status;
      response.end(JSON.stringify({ next: answer.next }));
    });
  });
});

afterEach(async () => {
  const stopped = watch?.stop({ graceMs: 0, sendMs: 0 });
  await clock.pass(minuteMs);
  await stopped;
  watch = undefined;
  await target.close();
  await store.close();
  place.remove();
});

const depsOf = (probes: readonly ProbePlan[]): MonitorDeps => {
  const context = contextOf();
  return {
    store,
    probers,
    service: 'notes',
    maintenance: [],
    keys: keysOf(probes),
    // What is measured takes real time; when it is, the driven clock says.
    context: { ...context, clock: { now: clock.now, monotonic: context.clock.monotonic } },
  };
};

const begin = async (...probes: readonly ProbePlan[]): Promise<void> => {
  const channel = { kind: 'webhook', url: `${target.url}/hook` } as const;
  watch = await startWatch(
    {
      probes,
      monitor: depsOf(probes),
      channels: { page: [channel], ticket: [channel], monitoring: [channel] },
    },
    { clock, environment: 'dev', concurrency: 1, random: () => 0.5, listener, longestSleepMs: minuteMs },
  );
};

/** Lets time pass up to a moment at which a run is due, and that run come to its real end. */
const passToRun = async (untilMs: number): Promise<void> => {
  const before = ended.length;
  await clock.pass(untilMs - clock.now());
  await until(() => ended.length > before);
  // Its events are on their way.
  await clock.pass(0);
};

/** A webhook has answered; that it has is written a moment later. */
const allSettled = (): Promise<void> =>
  vi.waitFor(async () => expect(await store.pendingEvents()).toEqual([]), { timeout: 30_000 });

const probeOn = (probe: object): ProbePlan =>
  probeOf({
    id: 'front',
    kind: 'http',
    samples: 2,
    severity: 'page',
    steps: [{ name: 'get', request: { url: `${target.url}/front` }, expect: { status: 200 } }],
    ...probe,
  });
const toldBy = (events: readonly PageEvent[]) => events.map(({ kind, rule, route }) => `${kind} ${rule} ${route}`);

describe('three weekly slots', () => {
  it('week 2 breaches and pages once, stays latched through seven days of ticks, and clears in week 3', async () => {
    const tuesdays = [0, 1, 2].map((week) => noon + hourMs + week * 7 * dayMs);
    const [first = 0, second = 0, third = 0] = tuesdays;
    await begin(probeOn({ schedule: { cron: '0 13 * * 2', timezone: 'UTC' } }));
    await passToRun(first);
    expect((await store.state('front'))?.state).toBe('ok');

    answer.status = 503;
    await passToRun(second);
    expect([(await store.state('front'))?.state, pages]).toEqual(['pending', []]);
    // Not next week, but in a minute.
    await passToRun(second + minuteMs);
    await until(() => pages.length > 0);
    expect(ended.map(({ slot, trigger, verdict }) => [slot, trigger, verdict])).toEqual([
      [isoOf(first), 'schedule', 'pass'],
      [isoOf(second), 'schedule', 'fail'],
      [isoOf(second + minuteMs), 'confirm', 'fail'],
    ]);
    const breached = await store.state('front');
    expect(breached?.state).toBe('breached');

    answer.status = 200;
    await clock.pass(third - clock.now() - minuteMs);
    expect([await store.state('front'), ended.length, toldBy(pages)]).toEqual([breached, 3, ['breached runs page']]);

    await passToRun(third);
    await until(() => pages.length > 1);
    expect((await store.state('front'))?.state).toBe('ok');
    expect(toldBy(pages)).toEqual(['breached runs page', 'recovered runs page']);
    expect(new Set(pages.map(({ dedupKey }) => dedupKey)).size).toBe(1);
    await allSettled();
  });
});

describe('the extra run', () => {
  const hourly = () => probeOn({ schedule: { cron: '0 * * * *', timezone: 'UTC' } });

  const failAndStop = async (): Promise<void> => {
    answer.status = 503;
    await begin(hourly());
    await passToRun(noon + hourMs);
    const stopped = watch?.stop({ graceMs: 0, sendMs: 0 });
    await clock.pass(10);
    await stopped;
    expect((await store.state('front'))?.confirm?.slot).toBe(isoOf(noon + hourMs + minuteMs));
  };

  it('that comes too late is left out: the next slot is near enough', async () => {
    await failAndStop();
    await clock.stall(12 * minuteMs);
    await begin(hourly());
    await passToRun(noon + 2 * hourMs);
    expect(ended.map(({ trigger }) => trigger)).toEqual(['schedule', 'schedule']);
  });

  it('is taken up by the next watch when a kill prevented it', async () => {
    await failAndStop();
    await begin(hourly());
    await passToRun(noon + hourMs + minuteMs);
    expect(ended.map(({ trigger }) => trigger)).toEqual(['schedule', 'confirm']);
    expect((await store.state('front'))?.state).toBe('breached');
  });
});

describe('a look at the clock', () => {
  const hourly = { schedule: { cron: '0 * * * *', timezone: 'UTC' } };
  const overdue = () =>
    pages.filter(({ rule }) => rule === 'overdue').map(({ probe, kind, route }) => [probe, kind, route]);

  it('tells the monitoring once that runs do not come, and that they are back', async () => {
    const steps = [{ name: 'get', request: { url: `${target.url}/hang` } }];
    // It holds the only place there is.
    const stuck = { ...probeOn({ ...hourly, samples: 1, steps }), id: 'a-stuck' };
    await begin(stuck, probeOn(hourly));
    await clock.pass(2 * hourMs);
    expect(pages).toEqual([]);
    await clock.pass(8 * hourMs);
    await until(() => pages.length === 2);
    expect(overdue().toSorted()).toEqual([
      ['a-stuck', 'breached', 'monitoring'],
      ['front', 'breached', 'monitoring'],
    ]);
    for (const release of hanging) release();
    await until(() => ended.filter(({ status }) => status === 'done').length === 2);
    await until(() => pages.length === 4);
    expect(overdue().slice(2)).toEqual([
      ['a-stuck', 'recovered', 'monitoring'],
      ['front', 'recovered', 'monitoring'],
    ]);
    expect((await store.state('front'))?.state).toBe('ok');
  });

  it('says nothing of a probe whose next slot is still to come when the watch begins or the machine wakes up', async () => {
    const probe = probeOn(hourly);
    const long = { status: 'done', verdict: 'pass' } as const;
    const stored = makeStoredRun({ probe: 'front', slot: isoOf(noon - 9 * dayMs), run: long });
    await store.put(stored);
    await stepRun(probe, stored, depsOf([probe]));
    await begin(probe);
    await clock.pass(50 * minuteMs);
    await clock.stall(2 * dayMs + 20 * minuteMs);
    await clock.pass(40 * minuteMs);
    await passToRun(noon + 2 * dayMs + 2 * hourMs);
    expect(overdue()).toEqual([]);
  });
});

describe('runs that say nothing', () => {
  it('are told to the monitoring with the third in a row, and so is their end: each streak is a trouble of its own', async () => {
    const steps = [
      { name: 'find', request: { url: `${target.url}/front` }, capture: { next: '$.next' } },
      { name: 'get', request: { url: '{{next}}' } },
    ];
    await begin(probeOn({ schedule: { cron: '0 * * * *', timezone: 'UTC' }, steps, samples: 1 }));
    // Our own guard refuses the metadata address: that is no word on the service.
    const [nowhere, somewhere] = ['http://169.254.169.254/', `${target.url}/front`];
    let hours = 0;
    for (const letter of 'iiiipiiip') {
      answer = { status: 200, next: letter === 'i' ? nowhere : somewhere };
      hours += 1;
      await passToRun(noon + hours * hourMs);
    }
    await until(() => pages.length === 4);
    expect(ended.map(({ verdict }) => verdict?.at(0)).join('')).toBe('iiiipiiip');
    const once = ['inconclusive inconclusive monitoring', 'recovered inconclusive monitoring'];
    expect(toldBy(pages)).toEqual([...once, ...once]);
    expect(pages.map(({ slot }) => (Date.parse(slot) - noon) / hourMs)).toEqual([3, 5, 8, 9]);
    const keys = pages.map(({ dedupKey }) => dedupKey);
    expect([keys[0] === keys[1], keys[2] === keys[3], new Set(keys).size]).toEqual([true, true, 2]);
    expect(pages[1]?.title).toBe('RECOVERED notes/front (dev): runs say something again, after 4 h 0 min');
    await allSettled();
  });
});

/** A history of runs of an hourly probe, in letters: pass, fail, slower, inconclusive. */
const historyOf = (letters: string): readonly StoredRun[] =>
  [...letters].map((letter, n) => {
    const slot = isoOf(noon + n * hourMs);
    const level = letter === 's' ? 400 : 200;
    const latencies = letter === 'f' ? [null, null] : latenciesOf(n, 50, level);
    const startedAt = isoOf(noon + n * hourMs + 100);
    const verdict = letter === 'i' ? ({ verdict: 'inconclusive' } as const) : {};
    return makeStoredRun({ probe: 'front', slot, latencies, run: { startedAt, ...verdict } });
  });

describe('a watch that is killed between a run and its step, again and again', () => {
  const probe = probeOf({
    id: 'front',
    kind: 'http',
    schedule: { cron: '0 * * * *', timezone: 'UTC' },
    severity: 'page',
    slo: { objective: '99%' },
    steps: [{ request: { url: 'http://127.0.0.1:1/' } }],
  });

  /** @param killedAt after which runs the step was left undone. */
  const live = async (history: readonly StoredRun[], killedAt: ReadonlySet<number>) => {
    const folder = makeStoreFolder();
    // What is lost in a power cut is another test's matter.
    const own = await folder.open({ durable: false });
    try {
      const deps = { ...depsOf([probe]), store: own };
      for (const [n, stored] of history.entries()) {
        await own.put(stored);
        if (killedAt.has(n)) await resumeWatch([probe], deps);
        else await stepRun(probe, stored, deps);
      }
      const { state, ...memory } = await own.memory('front');
      return { told: await own.pendingEvents(), memory, state };
    } finally {
      await own.close();
      folder.remove();
    }
  };

  it('pages the same, and remembers the same, as one that was not', async () => {
    const learnt = 'p'.repeat(30);
    const letters = fc.string({
      unit: fc.constantFrom('p', 'p', 'p', 's', 's', 'f', 'i'),
      minLength: 5,
      maxLength: 25,
    });
    const kills = fc.uniqueArray(fc.integer({ min: 0, max: 54 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(letters, kills, async (text, at) => {
        const history = historyOf(learnt + text);
        const whole = await live(history, new Set());
        expect(await live(history, new Set(at))).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('would be found out: a step that is never taken changes what is told', async () => {
    const whole = await live(historyOf('pffpp'), new Set());
    const lossy = await live(historyOf('pffpp').toSpliced(2, 1), new Set());
    expect(toldBy(whole.told)).toEqual(['breached runs page', 'recovered runs page']);
    expect(lossy.told).toEqual([]);
  });

  it('takes each step once, however often it resumes', async () => {
    const deps = depsOf([probe]);
    for (const stored of historyOf('pff')) {
      await store.put(stored);
      await resumeWatch([probe], deps);
      await resumeWatch([probe], deps);
      await stepRun(probe, stored, deps);
    }
    expect((await store.state('front'))?.revision).toBe(3);
    expect(toldBy(await store.pendingEvents())).toEqual(['breached runs page']);
  });

  it('steps two processes at once on one probe, and loses neither', async () => {
    const deps = depsOf([probe]);
    const scheduled = historyOf('p'.repeat(10));
    const demanded = scheduled.map(({ run, ...rest }, n): StoredRun => {
      const slot = isoOf(noon + n * hourMs + 1);
      const id = runId({ probe: 'front', slot, region: 'local', token: `${n}` });
      return { ...rest, run: { ...run, slot, startedAt: slot, runId: id, trigger: 'demand' } };
    });
    const other = await place.open();
    const take = async (runs: readonly StoredRun[], own: Store): Promise<void> => {
      for (const stored of runs) await stepRun(probe, stored, { ...deps, store: own });
    };
    await Promise.all([take(scheduled, store), take(demanded, other), take(demanded, other)]);
    await other.close();
    const { state } = await store.memory('front');
    expect([state?.lastSlot, state?.revision]).toEqual([isoOf(noon + 9 * hourMs), 30]);
  });
});
