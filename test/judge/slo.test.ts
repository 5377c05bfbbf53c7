import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advanceSlo,
  needsConfirmation,
  type SloFinding,
  type SloMemory,
  type SloRule,
  tickSlo,
} from '../../lib/judge/slo.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;

const originMs = Date.UTC(2026, 0, 5);

const ruleOf = (cadenceMs: number, samples: number, budget = 0.01, windowMs = 30 * dayMs): SloRule => ({
  objective: 'failed<1%',
  budget,
  windowMs,
  cadenceMs,
  samples,
});

type Played = { readonly memory: SloMemory; readonly findings: readonly SloFinding[] };

/** Runs one after the other at the rule's cadence, after what was played before. */
const play = (rule: SloRule, bads: readonly number[], before?: Played): Played => {
  const cadenceMs = rule.cadenceMs ?? hourMs;
  let memory = before?.memory;
  const findings: SloFinding[] = [];
  for (const bad of bads) {
    const atMs = memory ? memory.lastMs + cadenceMs : originMs;
    const step = advanceSlo(rule, memory, { atMs, bad, total: rule.samples });
    memory = step.memory;
    findings.push(step.finding);
  }
  if (!memory) throw new Error('nothing was played');
  return { memory, findings };
};

const times = (runs: number, bad: number): readonly number[] => Array.from({ length: runs }, () => bad);
const good = (runs: number): readonly number[] => times(runs, 0);
const saidBy = ({ findings }: Played) => findings.map(({ firing }) => firing?.severity ?? null);
const lastOf = ({ findings }: Played): SloFinding => {
  const last = findings.at(-1);
  if (!last) throw new Error('nothing was found');
  return last;
};

describe('an alarm of an objective', () => {
  it('never comes from a service that keeps its promise', () => {
    const oneInFiveHundred = Array.from({ length: 2_000 }, (_, run) => (run % 25 === 7 ? 1 : 0));
    const { findings } = play(ruleOf(hourMs, 20), oneInFiveHundred);
    expect(findings.every(({ firing }) => firing === null)).toBe(true);
    expect(findings.at(-1)?.budgetLeft).toBeGreaterThan(0.5);
  });

  it.each([
    ['of one sample an hour', ruleOf(hourMs, 1), 1],
    ['of twenty an hour', ruleOf(hourMs, 20), 20],
    ['of two hundred an hour', ruleOf(hourMs, 200), 200],
    ['of one every five minutes', ruleOf(5 * minuteMs, 1), 1],
    ['of a hundred a day', ruleOf(dayMs, 100), 100],
  ])('never comes from a single bad run %s', (_, rule, bad) => {
    const { findings } = play(rule, [...good(100), bad, ...good(100)]);
    expect(findings.map(({ firing }) => firing)).toEqual(times(201, 0).map(() => null));
  });

  it('never comes from two bad runs of one sample an hour, though they burn a hundredfold', () => {
    expect(saidBy(play(ruleOf(hourMs, 1), [...good(100), 1, 1, ...good(20)])).includes('page')).toBe(false);
  });

  it('does not come from a whole run and a stray error nearby: without its worst run nothing burns', () => {
    const said = (bads: readonly number[]) => saidBy(play(ruleOf(hourMs, 20), [...good(100), ...bads]));
    expect(said([20, 1, 0, 0])).toEqual(times(104, 0).map(() => null));
    expect(said([20, 2, 2]).slice(-3)).toEqual([null, null, 'page']);
  });

  it('does not come from two accidents with good runs between them', () => {
    const said = (bads: readonly number[]) => saidBy(play(ruleOf(hourMs, 200), [...good(100), ...bads]));
    expect(said([200, 0, 0, 200]).includes('page')).toBe(false);
    expect(said([200, 0, 100, 100]).includes('page')).toBe(true);
  });

  it('does not come from as few errors as chance brings within the budget', () => {
    // Two of four runs are 50 times the budget, and one month in twenty has them: the tail guard knows.
    const rule = ruleOf(hourMs, 1);
    expect(saidBy(play(rule, [...good(50), 1, 1])).at(-1)).toBe(null);
    expect(saidBy(play(rule, [...good(50), 1, 1, 1])).at(-1)).toBe('page');
  });
});

describe('a total outage', () => {
  it.each([
    ['one sample a minute', ruleOf(minuteMs, 1), 4],
    ['ten samples a minute', ruleOf(minuteMs, 10), 3],
    ['one sample every five minutes', ruleOf(5 * minuteMs, 1), 4],
    ['one sample an hour', ruleOf(hourMs, 1), 3],
    ['twenty samples an hour', ruleOf(hourMs, 20), 2],
    ['one sample a day', ruleOf(dayMs, 1), 2],
    ['a hundred samples a day', ruleOf(dayMs, 100), 2],
  ])('of %s pages', (_, rule, runs) => {
    const played = play(rule, [...good(200), ...times(runs, rule.samples)]);
    expect(saidBy(played).slice(-runs)).toEqual([...times(runs - 1, 0).map(() => null), 'page']);
    expect(lastOf(played).firing).toMatchObject({ pair: 'outage' });
    expect(lastOf(played).reason).toMatch(/^failed<1%: runs in a row without one good event; the error budget burns /);
  });

  it('is dated by its first run', () => {
    const { firing } = lastOf(play(ruleOf(hourMs, 20), [...good(100), 20, 20]));
    expect(firing?.sinceMs).toBe(originMs + 100 * hourMs);
  });

  it('of a loose budget takes as many runs as chance would not bring in months', () => {
    // p(95)<400 of one sample an hour: two slow ones in a row come twice a month.
    const rule = ruleOf(hourMs, 1, 0.05);
    expect(saidBy(play(rule, [...good(200), 1, 1]))).not.toContain('page');
    expect(saidBy(play(rule, [...good(200), ...times(5, 1)])).at(-1)).toBe('page');
  });

  it('is paged by an extra run after a minute instead of the next slot', () => {
    const rule = ruleOf(hourMs, 20);
    const failed = play(rule, [...good(50), 20]);
    const { finding } = advanceSlo(rule, failed.memory, { atMs: failed.memory.lastMs + minuteMs, bad: 20, total: 20 });
    expect(lastOf(failed).firing).toBe(null);
    expect(finding.firing?.severity).toBe('page');
  });

  it('of a weekly probe is a ticket after two weeks, and a page when an extra run confirms it', () => {
    const rule = ruleOf(weekMs, 20);
    expect(saidBy(play(rule, [...good(10), 20, 20])).slice(-2)).toEqual([null, 'ticket']);
    const failed = play(rule, [...good(10), 20]);
    const { finding } = advanceSlo(rule, failed.memory, { atMs: failed.memory.lastMs + minuteMs, bad: 20, total: 20 });
    expect(finding.firing).toMatchObject({ severity: 'page', pair: 'outage' });
  });
});

describe('a burn', () => {
  const fifth = (runs: number) => Array.from({ length: runs }, (_, run) => (run % 5 === 4 ? 1 : 0));

  it('that is fast pages by the short windows', () => {
    const played = play(ruleOf(minuteMs, 1), [...good(600), ...fifth(60)]);
    const first = saidBy(played).indexOf('page');
    expect(first - 600).toBeLessThan(50);
    expect(played.findings[first]?.firing).toMatchObject({
      pair: '1h/5m',
      factor: 14.4,
      longMs: hourMs,
      shortMs: 5 * minuteMs,
    });
  });

  it('that is slow is a ticket and never a page', () => {
    // Two percent: twice as fast as the budget allows, spent in half a month.
    const said = saidBy(play(ruleOf(hourMs, 50), [...good(100), ...times(96, 1)]));
    expect(said).toContain('ticket');
    expect(said).not.toContain('page');
  });

  it('that is slow is found in large runs too, of which none is far beyond the budget by itself', () => {
    const said = saidBy(play(ruleOf(hourMs, 1_000), [...good(100), ...times(96, 15)]));
    expect(said).toContain('ticket');
    expect(said).not.toContain('page');
  });

  it('of a weekly probe is a ticket', () => {
    const said = saidBy(play(ruleOf(weekMs, 100), [...good(10), ...times(4, 50)]));
    expect(said.slice(-4)).toEqual([null, 'ticket', 'ticket', 'ticket']);
  });

  it('of a loose budget pages from half of what can burn at all', () => {
    // A twentieth may be slow: no burn is over 20, and 14.4 would be 72 % of all.
    const rule = ruleOf(minuteMs, 20, 0.05);
    const { findings } = play(rule, [...good(600), ...times(60, 11)]);
    const firing = findings.find((finding) => finding.firing?.severity === 'page')?.firing;
    expect(firing?.factor).toBeLessThanOrEqual(10);
  });

  it('grows from a ticket to a page without being two alarms', () => {
    const slow = play(ruleOf(hourMs, 50), [...good(100), ...times(96, 1)]);
    const worse = play(ruleOf(hourMs, 50), times(12, 25), slow);
    expect(lastOf(slow).firing?.severity).toBe('ticket');
    expect(lastOf(worse).firing).toMatchObject({ severity: 'page', sinceMs: lastOf(slow).firing?.sinceMs });
  });

  it('scales its windows to that of the objective', () => {
    const rule = ruleOf(minuteMs, 10, 0.01, 60 * dayMs);
    const { findings } = play(rule, [...good(600), ...times(90, 2)]);
    expect(findings.find(({ firing }) => firing?.severity === 'page')?.firing).toMatchObject({ pair: '2h/10m' });
  });

  it('has windows of four runs and of one where runs are rarer than they', () => {
    const { firing } = lastOf(play(ruleOf(dayMs, 100), [...good(20), 50, 50]));
    expect(firing).toMatchObject({ severity: 'page', longMs: 4 * dayMs, shortMs: dayMs });
  });

  it('is judged at the pace of its runs where no schedule says it', () => {
    const { cadenceMs: _, ...rule } = ruleOf(hourMs, 20);
    const { firing } = lastOf(play(rule, [...good(20), 10, 10]));
    expect(firing).toMatchObject({ severity: 'page', longMs: 4 * hourMs, shortMs: hourMs });
  });
});

describe('the end of an alarm', () => {
  const outage = (rule: SloRule, runs: number) => play(rule, [...good(200), ...times(runs, rule.samples)]);

  it('is one good run of a probe that was wholly down', () => {
    const rule = ruleOf(hourMs, 20);
    const after = play(rule, good(1), outage(rule, 5));
    expect(lastOf(after).firing).toBe(null);
    expect(lastOf(after).reason).toMatch(/^failed<1%: no longer burns, 0 of 20 events bad in 1h; /);
  });

  it('waits for the short window at minute cadence, though the long one burns on', () => {
    const rule = ruleOf(minuteMs, 1);
    const said = saidBy(play(rule, good(20), outage(rule, 30)));
    expect(said.indexOf(null)).toBe(4);
    expect(said.slice(4)).toEqual(times(16, 0).map(() => null));
  });

  it('waits, when one event in five failed, for a stretch that is too good for that', () => {
    const rule = ruleOf(minuteMs, 1);
    const partial = play(rule, [...good(600), ...Array.from({ length: 100 }, (_, run) => (run % 5 === 4 ? 1 : 0))]);
    const said = saidBy(play(rule, good(60), partial));
    expect(lastOf(partial).firing?.severity).toBe('page');
    expect(said.indexOf(null)).toBeGreaterThan(15);
    expect(said.indexOf(null)).toBeLessThan(30);
  });

  it('is foretold', () => {
    const rule = ruleOf(minuteMs, 1);
    const down = outage(rule, 30);
    const { moreRuns } = lastOf(down);
    const said = saidBy(play(rule, good(60), down));
    expect(said.indexOf(null) + 1).toBe(moreRuns);
  });

  it('is not silence', () => {
    const rule = ruleOf(weekMs, 20);
    const down = play(rule, [...good(5), 20, 20]);
    for (let day = 1; day <= 7; day++) {
      const { finding } = tickSlo(rule, down.memory, down.memory.lastMs + day * dayMs);
      expect(finding.firing?.severity).toBe('ticket');
    }
    expect(lastOf(play(rule, good(1), down)).firing).toBe(null);
  });

  it('comes when nothing is left to go by', () => {
    const rule = ruleOf(hourMs, 20);
    const { memory } = outage(rule, 5);
    const month = tickSlo(rule, memory, memory.lastMs + 31 * dayMs);
    expect(month.finding).toMatchObject({ firing: null, bad: 0, total: 0, budgetLeft: 1 });
    expect(tickSlo(rule, memory, memory.lastMs + 2 * dayMs).finding.firing?.severity).toBe('page');
  });

  it('makes the next alarm take evidence of its own', () => {
    const rule = ruleOf(hourMs, 20);
    const recovered = play(rule, good(2), outage(rule, 10));
    // The old outage alone burns the long windows for days.
    expect(saidBy(play(rule, [20, 0, 0], recovered))).toEqual([null, null, null]);
    expect(saidBy(play(rule, [0, 20, 20], recovered))).toEqual([null, null, 'page']);
  });
});

describe('the error budget', () => {
  it('is a share of the events of the window, and can be overspent', () => {
    const rule = ruleOf(hourMs, 20);
    const month = play(rule, good(720));
    expect(lastOf(month)).toMatchObject({ budgetLeft: 1, bad: 0, moreRuns: null });
    const spent = lastOf(play(rule, times(36, 20), month));
    expect(spent.bad).toBe(720);
    expect(spent.budgetLeft).toBeLessThan(-3);
    expect(spent.reason).toMatch(/the error budget of 30d is overspent by \d+/);
  });

  it('of a young window counts the events to come', () => {
    const { budgetLeft } = lastOf(play(ruleOf(hourMs, 20), [1]));
    expect(budgetLeft).toBeCloseTo(1 - 1 / (0.01 * 20 * 720), 6);
  });

  it('comes back when bad runs are older than the window', () => {
    const rule = ruleOf(hourMs, 20);
    const later = lastOf(play(rule, [20, ...good(30 * 24)]));
    expect(later).toMatchObject({ bad: 0, budgetLeft: 1 });
  });

  it('of nothing is none to be left, and still is an alarm', () => {
    const rule = ruleOf(hourMs, 20, 0);
    const played = play(rule, [...good(100), 1, 1]);
    expect(lastOf(played)).toMatchObject({ budgetLeft: null, firing: { severity: 'page' } });
    expect(lastOf(played).reason).toMatch(/; none may be bad in 30d$/);
    expect(JSON.parse(JSON.stringify(lastOf(played)))).toEqual(lastOf(played));
  });

  it('of everything never burns', () => {
    expect(saidBy(play(ruleOf(hourMs, 20, 1), times(50, 20)))).toEqual(times(50, 0).map(() => null));
  });

  it('of a half burns when nearly all is bad', () => {
    const rule = ruleOf(hourMs, 20, 0.5);
    expect(saidBy(play(rule, [...times(100, 9), ...times(6, 20)])).at(-1)).toBe('page');
    expect(saidBy(play(rule, times(100, 9)))).toEqual(times(100, 0).map(() => null));
    const somewhat = saidBy(play(rule, times(200, 12)));
    expect(somewhat.at(-1)).toBe('ticket');
    expect(somewhat).not.toContain('page');
  });
});

describe('what an alarm needs yet', () => {
  it('is told in such runs, and they then do it', () => {
    const rule = ruleOf(minuteMs, 1);
    const once = play(rule, [...good(600), 1]);
    const { moreRuns, reason } = lastOf(once);
    expect(moreRuns).toBe(3);
    expect(reason).toMatch(/^failed<1%: 1 of 1 event bad in this run; about 3 more such runs would be an alarm; /);
    expect(saidBy(play(rule, times(3, 1), once))).toEqual([null, null, 'page']);
  });

  it('is nothing after a good run, and unknown where no number of such runs would do', () => {
    const rule = ruleOf(hourMs, 200);
    expect(lastOf(play(rule, good(5))).moreRuns).toBe(null);
    // Within the budget: bad in no way.
    expect(lastOf(play(rule, [...good(5), 2])).moreRuns).toBe(null);
  });
});

describe('runs and ticks', () => {
  it('that are not newer than the last, or counted nothing, change nothing', () => {
    const rule = ruleOf(hourMs, 20);
    const { memory } = play(rule, [...good(10), 20]);
    for (const run of [
      { atMs: memory.lastMs, bad: 20, total: 20 },
      { atMs: memory.lastMs - hourMs, bad: 20, total: 20 },
      { atMs: memory.lastMs + hourMs, bad: 0, total: 0 },
    ]) {
      const { memory: after, finding } = advanceSlo(rule, memory, run);
      expect(after).toBe(memory);
      expect(finding.firing).toBe(null);
    }
    expect(advanceSlo(rule, undefined, { atMs: originMs, bad: 0, total: 0 }).finding).toMatchObject({ total: 0 });
  });

  it('give a memory of plain JSON that stays small, however much happens', () => {
    for (const [rule, bad] of [
      [ruleOf(minuteMs, 20), 0],
      [ruleOf(minuteMs, 1_000), 1_000],
    ] as const) {
      const { memory } = play(rule, times(44_000, bad));
      const stored = JSON.stringify(memory);
      expect(stored.length).toBeLessThan(4_000);
      expect(JSON.parse(stored)).toEqual(memory);
    }
  });

  const histories = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 30 }), bad: fc.constantFrom(0, 0, 0, 1, 5, 10) }),
    {
      minLength: 1,
      maxLength: 120,
    },
  );

  it('say the same whether or not somebody looked in between, and after a way through JSON', () => {
    const rule = ruleOf(10 * minuteMs, 10);
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 20 }), { maxLength: 10 }), (runs, looks) => {
        let [plain, looked]: (SloMemory | undefined)[] = [];
        let atMs = originMs;
        for (const [index, { gap, bad }] of runs.entries()) {
          if (looked && looks.includes(index % 21)) {
            looked = tickSlo(rule, looked, atMs + Math.floor((gap * hourMs) / 2)).memory;
            looked = JSON.parse(JSON.stringify(looked)) as SloMemory;
          }
          atMs += gap * hourMs;
          const one = advanceSlo(rule, plain, { atMs, bad, total: 10 });
          const other = advanceSlo(rule, looked, { atMs, bad, total: 10 });
          expect(other).toEqual(one);
          plain = one.memory;
          looked = other.memory;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never begin an alarm later for being worse', () => {
    const rule = ruleOf(10 * minuteMs, 10);
    const firstOf = (bads: readonly number[], wanted: readonly (string | null)[]) =>
      saidBy(play(rule, bads)).findIndex((said) => wanted.includes(said));
    const pairs = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 5), fc.constantFrom(0, 0, 0, 1, 3, 5)), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(pairs, (runs) => {
        const first = firstOf(
          runs.map(([bad]) => bad),
          ['page', 'ticket'],
        );
        const worse = firstOf(
          runs.map(([bad, more]) => bad + more),
          ['page', 'ticket'],
        );
        return first === -1 || (worse !== -1 && worse <= first);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the extra run', () => {
  const first = { confirmAfterMs: minuteMs, samples: 5, good: 0, isConfirmation: false, failedBefore: false };

  it('follows the first total failure', () => {
    expect(needsConfirmation(first)).toBe(true);
  });

  it.each([
    ['after a good pass', { good: 1 }],
    ['after a run that measured nothing', { samples: 0 }],
    ['where the schedule is fast enough', { confirmAfterMs: null }],
    ['after an extra run', { isConfirmation: true }],
    ['while the outage goes on', { failedBefore: true }],
  ])('does not come %s', (_, change) => {
    expect(needsConfirmation({ ...first, ...change })).toBe(false);
  });
});
