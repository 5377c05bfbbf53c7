import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startOffsetMs } from '../../lib/config/spread.ts';
import { cron, every, openBench, type Probe, slotsDue } from '../support/scheduling.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const noon = Date.UTC(2026, 5, 1, 12, 0, 30);
const iso = (ms: number): string => new Date(ms).toISOString();

/** Lets time pass, second by second, until something has happened. */
const until = async (holds: () => boolean, clock: { pass(ms: number): Promise<void> }): Promise<void> => {
  while (!holds()) await clock.pass(second);
};

describe('a schedule that is kept', () => {
  it('runs every slot once, at the same distance from it, without drift over two days', async () => {
    const probe = every('api-read', minute);
    const { clock, finish, begun, unrun, faults } = openBench([probe], {
      startMs: noon,
      durationMs: (_, slotMs) => ((slotMs / minute) % 7) * 5 * second,
    });
    await clock.pass(48 * hour);
    await finish();
    expect(begun.map(({ slotMs }) => slotMs)).toEqual(slotsDue(probe, noon, noon + 48 * hour));
    expect(new Set(begun.map(({ slotMs, atMs }) => atMs - slotMs))).toEqual(
      new Set([startOffsetMs('api-read', probe.schedule)]),
    );
    expect([unrun, faults]).toEqual([[], []]);
  });

  it.for<[string, number, string, string]>([
    ['a spring night', Date.UTC(2026, 2, 28, 12), '30 2 * * *', 'Europe/Berlin'],
    ['an autumn night', Date.UTC(2026, 9, 24, 12), '30 2 * * *', 'Europe/Berlin'],
    ['every hour through spring', Date.UTC(2026, 2, 28, 12), '0 * * * *', 'America/New_York'],
    ['every hour through autumn', Date.UTC(2026, 9, 31, 12), '0 * * * *', 'America/New_York'],
  ])('of a cron holds through the change of the clocks: %s', async ([, startMs, expression, zone]) => {
    const probe = cron('nightly', expression, zone);
    const { clock, finish, begun, unrun } = openBench([probe], { startMs });
    await clock.pass(36 * hour);
    await finish();
    const expected = slotsDue(probe, startMs, startMs + 36 * hour);
    expect(expected.length).toBeGreaterThanOrEqual(1);
    expect(begun.map(({ slotMs, atMs }) => [iso(slotMs), atMs - slotMs])).toEqual(
      expected.map((slotMs) => [iso(slotMs), 0]),
    );
    expect(unrun).toEqual([]);
  });

  it('spreads a thousand probes evenly, so that four places are enough', async () => {
    const probes = Array.from({ length: 1000 }, (_, n) => every(`probe-${n}`, minute));
    const { clock, finish, begun, faults } = openBench(probes, { startMs: noon, durationMs: () => 100 });
    await clock.pass(2 * minute);
    await finish();
    expect(begun).toHaveLength(2000);
    const perSecond = Map.groupBy(begun, ({ atMs }) => Math.floor(atMs / second));
    expect(Math.max(...[...perSecond.values()].map((one) => one.length))).toBeLessThan(40);
    expect(Math.max(...begun.map(({ lateMs }) => lateMs))).toBeLessThan(2 * second);
    expect(faults).toEqual([]);
  });

  it('tells the next slot and its start', () => {
    const { scheduler } = openBench([every('a', minute), cron('b', '0 13 * * 2')], { startMs: noon });
    const offset = startOffsetMs('a', { kind: 'every', everyMs: minute });
    const startMs = (offset > 30 * second ? noon - 30 * second : noon + 30 * second) + offset;
    expect(scheduler.next('a')).toEqual({ slotMs: startMs - offset, startMs });
    const tuesday = Date.UTC(2026, 5, 2, 13);
    expect(scheduler.next('b')).toEqual({ slotMs: tuesday, startMs: tuesday });
    expect(scheduler.next('c')).toBeUndefined();
  });
});

describe('a probe that is not done when its next slot comes', () => {
  it('skips that slot with its reason, and overlaps nothing', async () => {
    const probe = every('slow', 10 * second);
    const { clock, finish, begun, unrun, faults } = openBench([probe], {
      startMs: noon,
      durationMs: (_, slotMs) => (slotMs === noon + 10 * second ? 25 * second : 1),
    });
    await clock.pass(minute);
    await finish();
    const slots = begun.map(({ slotMs }) => (slotMs - noon) / second).filter((n) => n > 0);
    expect(slots).toEqual([10, 40, 50].slice(0, slots.length));
    expect(slots.length).toBeGreaterThanOrEqual(2);
    expect(unrun.map(({ status, slotMs, reason }) => [status, (slotMs - noon) / second, reason])).toEqual(
      [20, 30].map((n) => ['skipped', n, `the run of ${iso(noon + 10 * second)} was still going`]),
    );
    expect(faults).toEqual([]);
  });

  it('that waits for its turn past its next slot is told as late, keeps its place, and the queue is fair', async () => {
    const probes = ['a', 'b', 'c'].map((id) => every(id, 10 * second));
    const { clock, finish, begun, unrun, faults } = openBench(probes, {
      startMs: noon,
      concurrency: 1,
      durationMs: () => 8 * second,
    });
    await clock.pass(10 * minute);
    await finish();
    const runs = probes.map(({ id }) => begun.filter(({ probe }) => probe === id).length);
    expect(Math.max(...runs) - Math.min(...runs)).toBeLessThanOrEqual(2);
    expect(unrun.length).toBeGreaterThan(60);
    for (const { status, reason } of unrun) {
      expect(status).toBeOneOf(['late', 'skipped']);
      if (status === 'late') expect(reason).toMatch(/^its turn had not come when the next slot was due: 1 probes? /);
    }
    expect(faults).toEqual([]);
  });
});

describe('slots that nobody could start', () => {
  it('are one missed record a probe after a long stall, and the newest is run if it is fresh', async () => {
    const probes = [every('often', minute), every('hourly', hour), cron('nightly', '0 3 * * *')];
    const bench = openBench(probes, { startMs: noon });
    await bench.clock.stall(24 * hour);
    await bench.clock.pass(30 * minute);
    await bench.finish();
    const told = bench.unrun.map(({ probe, status, missed }) => [probe, status, missed?.slots]);
    expect(told).toEqual([
      ['often', 'missed', 24 * 60 - 1],
      ['hourly', 'missed', 24],
      ['nightly', 'missed', 1],
    ]);
    expect(bench.unrun[1]?.reason).toBe(
      '24 slots were missed: this machine slept or stood still, or its clock was set forward',
    );
    for (const probe of probes) expect(bench.covered(probe)).toEqual(slotsDue(probe, noon, noon + 24.5 * hour));
    expect(bench.faults).toEqual([]);
  });

  it('while the watch was down are one missed record, from the newest slot on record', async () => {
    const probe = every('often', minute);
    const takenMs = new Map([['often', Date.UTC(2026, 5, 1, 9)]]);
    const bench = openBench([probe], { startMs: noon, takenMs });
    await bench.clock.pass(3 * minute);
    await bench.finish();
    expect(bench.unrun.map(({ status, reason }) => [status, reason.replace(/^\d+/, 'N')])).toEqual([
      ['missed', 'N slots were missed: the watch was not running'],
    ]);
    const due = slotsDue(probe, Date.UTC(2026, 5, 1, 9), noon + 3 * minute);
    expect(bench.covered(probe)).toEqual(due.filter((slot) => slot > Date.UTC(2026, 5, 1, 9)));
  });

  it('for years are counted in no time, and the last one is exact', async () => {
    const probes = [every('often', second), cron('minutely', '* * * * *')];
    const long = Date.UTC(2016, 0, 1);
    const bench = openBench(probes, { startMs: noon, takenMs: new Map(probes.map(({ id }) => [id, long])) });
    await bench.clock.pass(1);
    await bench.finish();
    expect(bench.unrun.map(({ missed }) => missed?.slots)).toEqual([expect.any(Number), 100_000]);
    expect(bench.unrun[0]?.missed?.slots).toBeGreaterThan(300_000_000);
    expect(bench.unrun[1]?.slotMs).toBe(noon - 90 * second);
  });

  it('are none for a probe that is new', async () => {
    const bench = openBench([every('often', minute)], { startMs: noon });
    await bench.clock.pass(second);
    await bench.finish();
    expect([bench.begun.length <= 1, bench.unrun]).toEqual([true, []]);
  });
});

describe('a wall clock that is set', () => {
  it('forward brings one missed record and no burst', async () => {
    const probe = every('often', minute);
    const bench = openBench([probe], { startMs: noon });
    await bench.clock.pass(5 * minute);
    bench.clock.step(2 * hour);
    await bench.clock.pass(5 * minute);
    await bench.finish();
    expect(bench.steps).toEqual([2 * hour]);
    expect(bench.unrun.map(({ status }) => status)).toEqual(['missed']);
    expect(bench.covered(probe)).toEqual(slotsDue(probe, noon, noon + 2 * hour + 10 * minute));
    expect([bench.begun.length <= 11, bench.faults]).toEqual([true, []]);
  });

  it('back runs no slot twice, goes on at the first that is not known, and misses none', async () => {
    const probe = every('often', minute);
    const bench = openBench([probe], { startMs: noon });
    await bench.clock.pass(30 * minute);
    bench.clock.step(-20 * minute);
    await bench.clock.pass(40 * minute);
    await bench.finish();
    expect(bench.steps).toEqual([-20 * minute]);
    expect([bench.unrun, bench.faults]).toEqual([[], []]);
    expect(bench.covered(probe)).toEqual(slotsDue(probe, noon, noon + 50 * minute));
  });

  it('back, and then a stall over what was run and what was not, counts only the latter as missed', async () => {
    const probe = every('often', minute);
    const bench = openBench([probe], { startMs: noon });
    await bench.clock.pass(30 * minute);
    bench.clock.step(-20 * minute);
    await bench.clock.pass(5 * minute);
    await bench.clock.stall(40 * minute);
    await bench.clock.pass(minute);
    await bench.finish();
    expect(bench.unrun.map(({ status }) => status)).toEqual(['missed']);
    expect(bench.covered(probe)).toEqual(slotsDue(probe, noon, noon + 56 * minute));
    expect(bench.faults).toEqual([]);
  });

  it('back by years runs on at once', async () => {
    const probe = every('often', minute);
    const bench = openBench([probe], { startMs: noon });
    await bench.clock.pass(10 * minute);
    bench.clock.step(-5 * 365 * 24 * hour);
    const from = bench.begun.length;
    await bench.clock.pass(10 * minute);
    await bench.finish();
    expect(bench.begun.length - from).toBeGreaterThanOrEqual(9);
  });

  it('by what NTP slews is not noticed', async () => {
    const bench = openBench([every('often', minute)], { startMs: noon });
    for (let n = 0; n < 100; n += 1) {
      bench.clock.step(n % 2 === 0 ? 400 : -400);
      await bench.clock.pass(7 * second);
    }
    await bench.finish();
    expect([bench.steps, bench.unrun, bench.faults]).toEqual([[], [], []]);
  });
});

describe('another config', () => {
  it('leaves the schedule of an unchanged probe alone, starts the added and stops the removed', async () => {
    const [stays, goes, comes] = [every('stays', minute), every('goes', minute), every('comes', minute)];
    const bench = openBench([stays, goes], { startMs: noon });
    await bench.clock.pass(5 * minute);
    bench.scheduler.replace([{ ...stays, samples: 9 }, comes]);
    const changedMs = bench.clock.now();
    await bench.clock.pass(5 * minute);
    await bench.finish();
    expect(bench.covered(stays)).toEqual(slotsDue(stays, noon, noon + 10 * minute));
    expect(bench.covered(goes)).toEqual(slotsDue(goes, noon, changedMs));
    expect(bench.covered(comes)).toEqual(slotsDue(comes, changedMs, noon + 10 * minute));
    expect([bench.unrun, bench.faults]).toEqual([[], []]);
  });

  it('with another schedule counts from the change, and runs no slot again', async () => {
    const bench = openBench([every('a', minute)], { startMs: noon });
    await bench.clock.pass(5 * minute);
    const changedMs = bench.clock.now();
    const faster = every('a', 10 * second);
    bench.scheduler.replace([faster]);
    await bench.clock.pass(minute);
    await bench.finish();
    const later = bench.begun.filter(({ atMs }) => atMs > changedMs).map(({ slotMs }) => slotMs);
    expect(later).toEqual(slotsDue(faster, changedMs, changedMs + minute));
    expect([bench.unrun, bench.faults]).toEqual([[], []]);
  });
});

describe('a run on demand', () => {
  it('comes once for each probe, beside the schedule, and a slot that meets it is skipped', async () => {
    const probes = [every('a', 10 * second), cron('b', '0 13 * * 2')];
    const bench = openBench(probes, { startMs: noon, durationMs: (_, slotMs) => (slotMs === 0 ? 15 * second : 1) });
    bench.scheduler.demand();
    bench.scheduler.demand();
    await bench.clock.pass(30 * second);
    await bench.finish();
    expect(bench.demanded).toEqual(['a', 'b']);
    expect(bench.unrun[0]?.reason).toBe('a run on demand was still going');
    expect(bench.faults).toEqual([]);
  });
});

describe('an extra run', () => {
  it('comes once at its time, under its own slot, and the schedule goes on', async () => {
    const bench = openBench([every('a', minute)], { startMs: noon });
    await bench.clock.pass(minute);
    const [slotMs, atMs] = [noon + 30 * second, bench.clock.now() + 20 * second];
    bench.scheduler.confirm('a', { slotMs, atMs });
    bench.scheduler.confirm('nobody', { slotMs, atMs });
    await bench.clock.pass(3 * minute);
    await bench.finish();
    expect(bench.confirmed).toEqual([{ probe: 'a', slotMs, atMs }]);
    expect(bench.covered(every('a', minute))).toEqual(slotsDue(every('a', minute), noon, noon + 4 * minute));
    expect([bench.unrun, bench.faults]).toEqual([[], []]);
  });

  it('is left out where the probe runs anyway, and gives way to a slot of the schedule', async () => {
    const probes = [every('a', minute), every('b', minute)];
    const bench = openBench(probes, { startMs: noon, concurrency: 1, durationMs: () => 50 * second });
    await until(() => bench.begun.length > 0, bench.clock);
    const running = bench.begun[0]?.probe ?? '';
    const waits = running === 'a' ? 'b' : 'a';
    // One is running; the other waits in the queue, and its own slot comes due there.
    for (const id of [running, waits]) {
      bench.scheduler.confirm(id, { slotMs: bench.clock.now(), atMs: bench.clock.now() });
    }
    await bench.clock.pass(10 * minute);
    await bench.finish();
    expect(bench.confirmed.filter(({ probe }) => probe === running)).toEqual([]);
    expect(bench.unrun.every(({ reason }) => !reason.includes('extra'))).toBe(true);
    expect(bench.faults).toEqual([]);
  });
});

describe('stopping', () => {
  it('starts nothing more and waits for what runs', async () => {
    const bench = openBench([every('a', second), every('b', second)], {
      startMs: noon,
      concurrency: 1,
      durationMs: () => 30 * second,
    });
    await bench.clock.pass(3 * second);
    let stopped = false;
    const stopping = bench.scheduler.stop().then(() => {
      stopped = true;
    });
    await bench.clock.pass(20 * second);
    expect(stopped).toBe(false);
    await bench.clock.pass(10 * second);
    await stopping;
    expect(bench.begun).toHaveLength(1);
  });
});

const probeKinds = fc.oneof(
  fc.integer({ min: 1, max: 7200 }).map((seconds) => (id: string) => every(id, seconds * second)),
  fc
    .constantFrom('* * * * *', '*/7 * * * *', '0 * * * *', '15,45 3-20 * * *', '0 13 * * 2')
    .map((expression) => (id: string) => cron(id, expression, 'Europe/Berlin')),
);
const plans = fc
  .array(probeKinds, { minLength: 1, maxLength: 5 })
  .map((kinds) => kinds.map((make, n): Probe => make(`probe-${n}`)));
const forward = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 10 * minute }) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 5 * hour }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('step' as const), ms: fc.integer({ min: 1, max: 5 * hour }) }) },
);
const back = fc.record({ op: fc.constant('step' as const), ms: fc.integer({ min: -2 * hour, max: -1 }) });
const loads = fc.record({
  concurrency: fc.integer({ min: 1, max: 4 }),
  durationMs: fc.func(fc.integer({ min: 0, max: 20 * second })),
  // The night in which Berlin's clocks change, too.
  startMs: fc.integer({ min: Date.UTC(2026, 9, 24, 22), max: Date.UTC(2026, 9, 25, 6) }),
});

type Op = { readonly op: 'pass' | 'stall' | 'step'; readonly ms: number };

const play = async (probes: readonly Probe[], ops: readonly Op[], load: Parameters<typeof openBench>[1]) => {
  const bench = openBench(probes, load);
  for (const { op, ms } of ops) {
    if (op === 'step') {
      bench.clock.step(ms);
      await bench.clock.pass(0);
    } else await bench.clock[op](ms);
  }
  // Long enough for every queue to empty and the last tick to come.
  await bench.clock.pass(6 * second);
  return bench;
};

const clockBackWhileWaiting = {
  probes: [every('holder', minute), every('waiter', minute)],
  ops: [
    { op: 'pass', ms: 63 * second },
    { op: 'step', ms: -30 * second },
    { op: 'pass', ms: minute },
  ] satisfies Op[],
  load: { startMs: Date.UTC(2026, 5, 1, 12), concurrency: 1, durationMs: () => 45 * second },
};

describe('whatever the schedules, the load and the stalls', () => {
  it('no slot is lost, doubled or early, no probe overlaps itself, and a stall tells each probe once at most', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.array(forward, { maxLength: 8 }), loads, async (probes, ops, load) => {
        const bench = await play(probes, ops, load);
        const endMs = bench.clock.now();
        const upsets = ops.filter(({ op }) => op !== 'pass').length;
        for (const probe of probes) {
          const waiting = slotsDue(probe, load.startMs, endMs);
          const covered = bench.covered(probe);
          // What waits for its turn, one slot at most, is neither run nor lost.
          const missing = waiting.filter((slot) => !covered.includes(slot));
          expect(missing.length).toBeLessThanOrEqual(1);
          if (missing[0] !== undefined) expect(missing[0]).toBe(waiting.at(-1));
          expect(covered).toEqual(waiting.filter((slot) => !missing.includes(slot)));
          const told = bench.unrun.filter((one) => one.probe === probe.id && one.status === 'missed');
          expect(told.length).toBeLessThanOrEqual(upsets);
        }
        expect(bench.faults).toEqual([]);
        await bench.finish();
      }),
      { numRuns: 60 },
    );
  });

  it('a clock that jumps both ways runs no slot twice and none early', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.array(fc.oneof(forward, back), { maxLength: 8 }), loads, async (probes, ops, load) => {
        const bench = await play(probes, ops, load);
        for (const { id } of probes) {
          const slots = bench.begun.filter(({ probe }) => probe === id).map(({ slotMs }) => slotMs);
          expect(new Set(slots).size).toBe(slots.length);
        }
        expect(bench.faults).toEqual([]);
        await bench.finish();
      }),
      // The example: a slot waits in the queue when the clock goes back, and is then in the future.
      {
        numRuns: 60,
        examples: [[clockBackWhileWaiting.probes, clockBackWhileWaiting.ops, clockBackWhileWaiting.load]],
      },
    );
  });
});
