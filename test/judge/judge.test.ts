import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inconclusiveStreak, type JudgeInput } from '../../lib/judge/judge.ts';
import type { ProbeMemory } from '../../lib/judge/memory.ts';
import {
  hourMs,
  isoOf,
  judgedProbe,
  minuteMs,
  originMs,
  type Replayed,
  replay,
  runAt,
  runsOf,
  tickAt,
  weekMs,
} from '../support/judging.ts';

const probe = judgedProbe({ baseline: false });
const hour = (n: number): number => originMs + n * hourMs;
const slotOf = (n: number): string => isoOf(hour(n));
const stateOf = ({ memory }: Replayed) => memory?.state.state;

describe('the runs of a probe', () => {
  it('breach with k bad of n, and recover: told once each, at the severity of the probe', () => {
    const { told, changes, judged } = replay(probe, runsOf('pffpp'));
    expect(judged.map(({ memory }) => memory.state.state)).toEqual(['ok', 'pending', 'breached', 'recovering', 'ok']);
    expect(told).toEqual(['breached runs page', 'recovered runs page']);
    const incident = { since: slotOf(1), breachedAt: slotOf(2) };
    expect(changes).toMatchObject([
      { slot: slotOf(2), incident, counted: '2 of the last 3 runs were bad', reasons: [] },
      { slot: slotOf(4), incident, counted: '2 good runs in a row', reasons: [] },
    ]);
    expect(replay(judgedProbe({ severity: 'none' }), runsOf('ff')).told).toEqual(['breached runs none']);
  });

  it('look past inconclusive ones, of which the third in a row is told once, and the one that is conclusive again', () => {
    const { told, judged } = replay(probe, runsOf('fiifpiiiiipiii'));
    expect(judged.map(({ memory }) => memory.state.state).slice(0, 4)).toEqual([
      'pending',
      'pending',
      'pending',
      'breached',
    ]);
    expect(told).toEqual(['breached runs page', 'inconclusive', 'conclusive', 'recovered runs page', 'inconclusive']);
    expect(inconclusiveStreak).toBe(3);
  });

  it.for(['skipped', 'deferred', 'late', 'missed'] as const)('are not moved by one that is %s', (status) => {
    const before = replay(probe, runsOf('f')).memory;
    const { memory, told } = replay(probe, [runAt(hour(1), 'p', { status, verdict: null })], { from: before });
    expect([memory?.state.state, memory?.state.alarms, told]).toEqual(['pending', before?.state.alarms, []]);
    // Not run because nobody was there is no arrival; skipped on purpose is one.
    const arrives = status === 'skipped' || status === 'deferred';
    expect(memory?.state.lastSlot).toBe(slotOf(arrives ? 1 : 0));
  });

  it('on demand move no alarm, however bad', () => {
    const demands = runsOf('ooo').map((input): JudgeInput => {
      if (input.kind !== 'run') return input;
      return { kind: 'run', observation: { ...input.observation, trigger: 'demand' } };
    });
    const { told, judged } = replay(probe, demands);
    expect([told, judged.map(({ confirmAtMs }) => confirmAtMs)]).toEqual([[], [undefined, undefined, undefined]]);
    expect(judged.at(-1)?.memory.state).toMatchObject({ state: 'ok', since: null, alarms: {} });
  });

  it('recover only where they hold the line that recovery asks for', () => {
    const wavering = [1, 2, 3].map((n) => runAt(hour(n + 1), 'p', { wavering: true }));
    const { told, memory } = replay(probe, [...runsOf('ff'), ...wavering]);
    expect([told, memory?.state.state]).toEqual([['breached runs page'], 'breached']);
    const { told: after } = replay(probe, [runAt(hour(9), 'p'), runAt(hour(10), 'p')], { from: memory });
    expect(after).toEqual(['recovered runs page']);
  });
});

describe('in a maintenance window', () => {
  const window = {
    reason: 'the database moves',
    probes: ['p'],
    when: { kind: 'once', fromMs: hour(2), toMs: hour(6) },
  } as const;
  const options = { maintenance: [window] };

  it('no run breaches, and the first one after it counts from there', () => {
    const { told, judged } = replay(probe, runsOf('ppoooof'), options);
    expect(told).toEqual([]);
    expect(judged.map(({ memory }) => memory.state.state)).toEqual([...Array(6).fill('ok'), 'pending']);
    expect(judged[2]?.notes).toEqual(['in maintenance, no alarm is moved: the database moves']);
    expect(replay(probe, runsOf('pppo'), options).judged[3]?.confirmAtMs).toBeUndefined();
    // Without the window it would have.
    expect(replay(probe, runsOf('ppoooof')).told).toEqual(['breached runs page']);
  });

  it('no run recovers either: what was open before stays open', () => {
    const { told, judged } = replay(probe, runsOf('ffpppppp'), options);
    expect(judged.map(({ memory }) => memory.state.state)).toEqual([
      'pending',
      ...Array(5).fill('breached'),
      'recovering',
      'ok',
    ]);
    expect(told).toEqual(['breached runs page', 'recovered runs page']);
  });

  it('is somebody else’s where it names other probes', () => {
    const elsewhere = { maintenance: [{ ...window, probes: ['other'] }] };
    expect(replay(probe, runsOf('ppoo'), elsewhere).told).toEqual(['breached runs page']);
  });
});

describe('after a deploy', () => {
  const deploy: JudgeInput = { kind: 'deploy', at: isoOf(hour(0) + 30 * minuteMs), version: 'v1.4.2' };

  it('an alarm says how many runs later it began', () => {
    const [first, ...rest] = runsOf('ppff');
    const { changes } = replay(probe, [first as JudgeInput, deploy, ...rest]);
    expect(changes).toMatchObject([{ kind: 'breached', reasons: ['it began 2 runs after deploy v1.4.2'] }]);
    const late = replay(probe, [deploy, ...runsOf('pppppppppppff', hourMs, hour(1))]);
    expect(late.changes).toMatchObject([{ kind: 'breached', reasons: [] }]);
  });

  it('bad runs are pending in its grace, and breach when they go on', () => {
    const graced = judgedProbe({ baseline: false, alarm: { deployGrace: '3h' } });
    const [first, ...rest] = runsOf('pffff');
    const { judged, changes } = replay(graced, [first as JudgeInput, deploy, ...rest]);
    expect(judged.map(({ memory }) => memory.state.state)).toEqual([
      'ok',
      'ok',
      'pending',
      'pending',
      'pending',
      'breached',
    ]);
    expect(changes).toMatchObject([{ slot: slotOf(4), incident: { since: slotOf(2) } }]);
    expect(replay(graced, [first as JudgeInput, deploy, ...runsOf('ffppp', hourMs, hour(1))]).told).toEqual([]);
  });

  it('a run that began before it is not of it, whatever its slot', () => {
    const early = runAt(hour(1), 'p', { startedAt: isoOf(hour(1) + 10 * minuteMs) });
    const marked: JudgeInput = { kind: 'deploy', at: isoOf(hour(1) + 20 * minuteMs) };
    const { memory } = replay(probe, [marked, early]);
    expect(memory?.state.deploy).toEqual({ at: marked.at, runs: 0 });
  });
});

describe('a weekly probe', () => {
  const weekly = judgedProbe({
    schedule: { cron: '0 13 * * 2', timezone: 'UTC' },
    alarm: { recoverAfter: 1 },
    baseline: false,
  });
  const week = (n: number): number => originMs + n * weekMs;

  it('pages on an outage that an extra run confirms, stays as it is through a week of ticks, and clears with the next run', () => {
    const failed = replay(weekly, [runAt(week(0), 'p'), runAt(week(1), 'o')]);
    expect([failed.told, stateOf(failed)]).toEqual([[], 'pending']);
    const { confirm } = failed.memory?.state ?? {};
    expect(confirm).toEqual({ slot: isoOf(week(1) + minuteMs), at: isoOf(week(1) + minuteMs) });
    expect(failed.judged.at(-1)?.confirmAtMs).toBe(week(1) + minuteMs);

    const extra = runAt(week(1) + minuteMs, 'o', { trigger: 'confirm' });
    const breached = replay(weekly, [extra], { from: failed.memory });
    expect([breached.told, breached.judged[0]?.confirmAtMs]).toEqual([['breached runs page'], undefined]);

    const ticks = Array.from({ length: 7 * 24 * 60 - 2 }, (_, n) => tickAt(week(1) + (n + 2) * minuteMs));
    const latched = replay(weekly, ticks, { from: breached.memory });
    expect(latched.told).toEqual([]);
    expect(latched.memory).toBe(breached.memory);
    expect(replay(weekly, [runAt(week(2), 'p')], { from: latched.memory }).told).toEqual(['recovered runs page']);
  });

  it('pages on nothing else: bad runs of two weeks are a ticket', () => {
    expect(replay(weekly, [runAt(week(0), 'd'), runAt(week(1), 'f')]).told).toEqual(['breached runs ticket']);
    const blip = [runAt(week(0), 'o'), runAt(week(0) + minuteMs, 'p', { trigger: 'confirm' }), runAt(week(1), 'f')];
    expect(replay(weekly, blip).told).toEqual(['breached runs ticket']);
  });

  it('looks again in a minute after any first bad run, and breaches as a ticket in the same week when it is still so', () => {
    const first = replay(weekly, [runAt(week(0), 'p'), runAt(week(1), 'd')]);
    expect(first.judged.at(-1)?.confirmAtMs).toBe(week(1) + minuteMs);
    const extra = runAt(week(1) + minuteMs, 'd', { trigger: 'confirm' });
    const { told, judged } = replay(weekly, [extra, runAt(week(2), 'd')], { from: first.memory });
    expect(told).toEqual(['breached runs ticket']);
    // Not after the extra run, and not again while it stays bad.
    expect(judged.map(({ confirmAtMs }) => confirmAtMs)).toEqual([undefined, undefined]);
  });

  it('that one bad run breaches is told as a ticket first, and pages when the outage is confirmed', () => {
    const strict = { ...weekly, alarm: { ...weekly.alarm, breachAfter: { bad: 1, of: 1 } } };
    const extra = runAt(week(0) + minuteMs, 'o', { trigger: 'confirm' });
    const { told, changes } = replay(strict, [runAt(week(0), 'o'), extra, runAt(week(1), 'p')]);
    expect(told).toEqual([
      'breached runs ticket',
      'breached runs page',
      // Both who were told hear of the end.
      'recovered runs ticket',
      'recovered runs page',
    ]);
    expect(new Set(changes.map((change) => ('streak' in change ? '' : change.incident.breachedAt))).size).toBe(1);
  });
});

describe('the extra run after a total failure', () => {
  const wanted = (...inputs: readonly JudgeInput[]) =>
    replay(probe, inputs).judged.map(({ confirmAtMs }) => confirmAtMs !== undefined);

  it('is asked for once, after the first: never twice in a row', () => {
    expect(wanted(...runsOf('poopo'))).toEqual([false, true, false, false, true]);
    const extra = runAt(hour(0) + minuteMs, 'o', { trigger: 'confirm' });
    expect(wanted(runAt(hour(0), 'o'), extra, runAt(hour(1), 'o'))).toEqual([true, false, false]);
  });

  it('is not asked for by a run with anything good in it, by one of our own faults, or where the config wants none', () => {
    expect(wanted(...runsOf('fd'), runAt(hour(3), 'i', { good: 0 }))).toEqual([false, false, false]);
    const none = judgedProbe({ alarm: { confirmAfter: false } });
    expect(replay(none, runsOf('o')).judged[0]?.confirmAtMs).toBeUndefined();
    expect(replay(judgedProbe({ schedule: { every: '1m' } }), runsOf('o')).judged[0]?.confirmAtMs).toBeUndefined();
  });

  it('counts as a run of its own, and is forgotten once anything ran', () => {
    const extra = runAt(hour(0) + minuteMs, 'o', { trigger: 'confirm' });
    expect(replay(probe, [runAt(hour(0), 'o'), extra]).told).toEqual(['breached runs page']);
    expect(replay(probe, [runAt(hour(0), 'o'), runAt(hour(1), 'p')]).memory?.state.confirm).toBeUndefined();
  });

  it('has a slot before the next one of the schedule, and its time after the run that failed began', () => {
    const late = runAt(hour(0), 'o', { startedAt: isoOf(hour(0) + 40_000) });
    expect(replay(probe, [late]).memory?.state.confirm).toEqual({
      slot: isoOf(hour(0) + minuteMs),
      at: isoOf(hour(0) + 100_000),
    });
  });
});

describe('a probe whose runs do not come', () => {
  // Its offset within the minute, its deadline of ten minutes and a minute for the queue.
  const dueMs = hour(2) + minuteMs + 10 * minuteMs + minuteMs;

  it('is overdue once two slots have passed without one, told once to the monitoring, and over with the next run', () => {
    const ticks = Array.from({ length: 400 }, (_, n) => tickAt(hour(0) + n * minuteMs));
    const { told, changes, memory } = replay(probe, [runAt(hour(0), 'p'), ...ticks]);
    expect(told).toEqual(['breached overdue ticket']);
    const [change] = changes;
    expect(Date.parse(change?.slot ?? '')).toBeGreaterThan(hour(2) + 11 * minuteMs);
    expect(Date.parse(change?.slot ?? '')).toBeLessThanOrEqual(dueMs + minuteMs);
    expect(change).toMatchObject({
      incident: { since: slotOf(0) },
      reasons: ['2 slots passed without a run; the last one was of 2026-06-02 13:00:00 UTC'],
    });
    expect(memory?.state).toMatchObject({ state: 'breached', rule: 'overdue' });
    const back = replay(probe, [runAt(hour(7), 'p')], { from: memory });
    expect(back.told).toEqual(['recovered overdue ticket']);
    expect(back.memory?.state).toMatchObject({ state: 'ok' });
    expect(back.memory?.state.rule).toBeUndefined();
  });

  it('that never ran is waited for from the first look on', () => {
    const looked = replay(probe, [tickAt(hour(0))]);
    expect(looked.memory?.state).toMatchObject({ watchedSince: slotOf(0), since: null });
    expect(replay(probe, [tickAt(hour(2))], { from: looked.memory }).told).toEqual([]);
    const late = replay(probe, [tickAt(hour(3))], { from: looked.memory });
    expect(late.told).toEqual(['breached overdue ticket']);
    expect(late.changes[0]).toMatchObject({
      reasons: [
        '3 slots passed without a run; none has come since 2026-06-02 13:00:00 UTC, when it was first waited for',
      ],
    });
  });

  it('is given time when nobody has looked for long: until its next slot, or six hours', () => {
    const { memory: ran } = replay(probe, runsOf('p'));
    const look = (ms: number, awakeMs: number) =>
      replay(probe, [{ kind: 'tick', at: isoOf(ms), awakeSince: isoOf(awakeMs) }], { from: ran }).told.length;
    const [woke] = [hour(100) + 20 * minuteMs];
    expect([look(woke, woke), look(hour(101) + 5 * minuteMs, woke), look(hour(101) + 20 * minuteMs, woke)]).toEqual([
      0, 0, 1,
    ]);
    const weekly = judgedProbe({ schedule: { cron: '0 13 * * 2', timezone: 'UTC' } });
    const { memory: once } = replay(weekly, runsOf('p'));
    const lookWeekly = (ms: number) => {
      const awakeSince = isoOf(originMs + 3 * weekMs);
      return replay(weekly, [{ kind: 'tick', at: isoOf(ms), awakeSince }], { from: once }).told.length;
    };
    expect([5, 7].map((hours) => lookWeekly(originMs + 3 * weekMs + hours * hourMs))).toEqual([0, 1]);
  });

  it('tells nobody in a maintenance window, or without a schedule', () => {
    const window = { reason: 'r', probes: [], when: { kind: 'once', fromMs: hour(1), toMs: hour(20) } } as const;
    const { memory } = replay(probe, runsOf('p'));
    const options = { maintenance: [window], from: memory };
    expect(replay(probe, [tickAt(hour(9))], options).told).toEqual([]);
    expect(replay(probe, [tickAt(hour(20))], options).told).toEqual(['breached overdue ticket']);
    const { schedule: _, ...onDemand } = probe;
    expect(replay(onDemand, [tickAt(hour(90))]).memory?.state.watchedSince).toBeUndefined();
  });
});

describe('whatever the history', () => {
  const letters = fc.string({ unit: fc.constantFrom('p', 'd', 'f', 'o', 'i'), maxLength: 60 });
  const survived = (memory: ProbeMemory | undefined): ProbeMemory | undefined =>
    memory && JSON.parse(JSON.stringify(memory));

  it('replaying it gives the same pages, whatever the batch size, through a store or not', () => {
    fc.assert(
      fc.property(letters, fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 20 }), (text, sizes) => {
        const inputs = runsOf(text);
        const whole = replay(probe, inputs);
        let memory: ProbeMemory | undefined;
        const told: string[] = [];
        let from = 0;
        for (const size of [...sizes, inputs.length]) {
          const part = replay(probe, inputs.slice(from, from + size), { from: survived(memory) });
          told.push(...part.told);
          memory = part.memory;
          from += size;
        }
        expect([told, memory]).toEqual([whole.told, survived(whole.memory)]);
      }),
    );
  });

  it('is changed by no run that comes twice, or after a later one, and by no tick', () => {
    fc.assert(
      fc.property(letters, fc.array(fc.nat(), { maxLength: 60 }), (text, noise) => {
        const clean = runsOf(text);
        const noisy = clean.flatMap((run, n) => {
          const again = noise[n] === undefined ? [] : [clean[noise[n] % (n + 1)] ?? run];
          return [run, ...again, tickAt(hour(n) + 30 * minuteMs)];
        });
        const [left, right] = [replay(probe, clean), replay(probe, noisy)];
        expect([right.memory, right.changes]).toEqual([left.memory, left.changes]);
      }),
    );
  });

  it('the breach of an alarm and its end take turns', () => {
    fc.assert(
      fc.property(letters, (text) => {
        const kinds = replay(probe, runsOf(text)).told.filter((one) => one.includes('runs'));
        kinds.forEach((kind, n) => {
          expect(kind.startsWith(n % 2 === 0 ? 'breached' : 'recovered')).toBe(true);
        });
      }),
    );
  });
});
