import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlarmAdvance,
  type AlarmCounting,
  type AlarmMemory,
  type AlarmState,
  advanceAlarm,
  type Reading,
  transitions,
} from '../../lib/judge/state.ts';

const countingOf = (bad: number, of: number, recoverAfter: number): AlarmCounting => ({
  breachAfter: { bad, of },
  recoverAfter,
});
const usual = countingOf(2, 3, 2);
const slotOf = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

/** `p` good, `f` bad, `g` bad in the grace of a deploy, `w` good but wavering. */
const letters: Readonly<Record<string, Partial<Reading>>> = {
  p: { bad: false },
  f: { bad: true },
  g: { bad: true, graced: true },
  w: { bad: false, wavering: true },
};
const readingsOf = (text: string): readonly Reading[] =>
  [...text].map((letter, n) => ({ slot: slotOf(n), bad: false, ...letters[letter] }));

type Replayed = { readonly steps: readonly AlarmAdvance[]; readonly last: AlarmMemory | undefined };

const replay = (counting: AlarmCounting, readings: readonly Reading[]): Replayed => {
  let last: AlarmMemory | undefined;
  const steps = readings.map((reading) => {
    const step = advanceAlarm(counting, last, reading);
    last = step.memory;
    return step;
  });
  return { steps, last };
};

const statesOf = ({ steps }: Replayed) => steps.map(({ memory }) => memory.state);
const toldOf = ({ steps }: Replayed) =>
  steps.map(({ opened, closed }) => (opened ? 'breached' : closed ? 'recovered' : undefined));

describe('one alarm', () => {
  it.for<[string, AlarmCounting, string, readonly AlarmState[], Readonly<Record<number, string>>]>([
    ['stays ok while all is well', usual, 'ppp', ['ok', 'ok', 'ok'], {}],
    [
      'walks through all its states',
      usual,
      'pffpp',
      ['ok', 'pending', 'breached', 'recovering', 'ok'],
      { 2: 'breached', 4: 'recovered' },
    ],
    ['counts bad readings that are not in a row', usual, 'fpf', ['pending', 'pending', 'breached'], { 2: 'breached' }],
    ['forgets a bad one that left the window', usual, 'fpppf', ['pending', 'pending', 'pending', 'ok', 'pending'], {}],
    [
      'goes back to breached without telling it twice',
      usual,
      'ffpfpp',
      ['pending', 'breached', 'recovering', 'breached', 'recovering', 'ok'],
      { 1: 'breached', 5: 'recovered' },
    ],
    [
      'needs new bad readings for a new breach',
      countingOf(2, 3, 1),
      'ffpf',
      ['pending', 'breached', 'ok', 'pending'],
      { 1: 'breached', 2: 'recovered' },
    ],
    [
      'breaches at once where one is enough',
      countingOf(1, 1, 1),
      'fpf',
      ['breached', 'ok', 'breached'],
      { 0: 'breached', 1: 'recovered', 2: 'breached' },
    ],
    [
      'is pending in the grace of a deploy, however bad, and breaches when it goes on after',
      usual,
      'gggf',
      ['pending', 'pending', 'pending', 'breached'],
      { 3: 'breached' },
    ],
    ['forgives what was over with the grace', usual, 'ggppp', ['pending', 'pending', 'pending', 'pending', 'ok'], {}],
    [
      'recovers on readings in a row that hold the line of recovery: one that is merely good begins the row anew',
      usual,
      'ffwpwwpp',
      ['pending', 'breached', 'breached', 'recovering', 'recovering', 'recovering', 'recovering', 'ok'],
      { 1: 'breached', 7: 'recovered' },
    ],
    ['takes a wavering reading for good while nothing is open', countingOf(1, 2, 1), 'wwp', ['ok', 'ok', 'ok'], {}],
  ])('%s', ([, counting, text, states, told]) => {
    const replayed = replay(counting, readingsOf(text));
    expect(statesOf(replayed)).toEqual(states);
    expect(toldOf(replayed)).toEqual(states.map((_, n) => told[n]));
  });

  it('dates a breach to its first bad reading, or to what that knows of, and tells breach and recovery as one', () => {
    const { steps } = replay(usual, readingsOf('pfpfpp'));
    const incident = { since: slotOf(1), breachedAt: slotOf(3) };
    expect([steps[3]?.opened, steps[5]?.closed]).toEqual([incident, incident]);
    const [known] = replay(countingOf(1, 1, 1), [{ slot: slotOf(9), bad: true, since: slotOf(2) }]).steps;
    expect(known?.opened).toEqual({ since: slotOf(2), breachedAt: slotOf(9) });
  });

  it('says since when it is what it is', () => {
    const since = (text: string) => replay(usual, readingsOf(text)).last?.since;
    expect([since('p'), since('ppp'), since('pff'), since('pfffff')]).toEqual([0, 0, 2, 2].map(slotOf));
  });

  it('names each state that a reading led through', () => {
    const { steps } = replay(countingOf(1, 1, 1), readingsOf('pfpf'));
    expect(steps.map(({ trail }) => trail)).toEqual([
      [],
      ['pending', 'breached'],
      ['recovering', 'ok'],
      ['pending', 'breached'],
    ]);
  });

  it('takes no breach from good news when the rule was made stricter', () => {
    const { last } = replay(countingOf(3, 3, 1), readingsOf('ff'));
    const good = advanceAlarm(usual, last, { slot: slotOf(5), bad: false });
    expect([good.memory.state, good.opened]).toEqual(['pending', undefined]);
    expect(advanceAlarm(usual, good.memory, { slot: slotOf(6), bad: true }).memory.state).toBe('breached');
  });
});

const countings = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .map(([bad, more, recoverAfter]) => countingOf(bad, bad + more, recoverAfter));
const histories = fc.string({ unit: fc.constantFrom('p', 'f', 'f', 'p', 'g', 'w'), maxLength: 60 });

describe('whatever the rule and the history', () => {
  it('skips no state: each step of each trail is one of those that are allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(countings, histories), { minLength: 1, maxLength: 3 }), (chapters) => {
        // The rule changes in between, as by a reload of the config.
        let memory: AlarmMemory | undefined;
        let state: AlarmState = 'ok';
        for (const [counting, text] of chapters) {
          for (const reading of readingsOf(text)) {
            const step = advanceAlarm(counting, memory, reading);
            for (const next of step.trail) {
              expect(transitions[state]).toContain(next);
              state = next;
            }
            expect(step.memory.state).toBe(state);
            memory = step.memory;
          }
        }
      }),
    );
  });

  it('breaches only on a bad reading after any grace, with k bad among the last n', () => {
    fc.assert(
      fc.property(countings, histories, (counting, text) => {
        toldOf(replay(counting, readingsOf(text))).forEach((told, n) => {
          if (told !== 'breached') return;
          const bad = [...text.slice(0, n + 1)].slice(-counting.breachAfter.of).filter((one) => 'fg'.includes(one));
          expect(bad.length).toBeGreaterThanOrEqual(counting.breachAfter.bad);
          expect(text[n]).toBe('f');
        });
      }),
    );
  });

  it('has recovered after recoverAfter good readings, and is ok after a whole good window', () => {
    fc.assert(
      fc.property(countings, histories, (counting, text) => {
        const after = (count: number) => replay(counting, readingsOf(text + 'p'.repeat(count))).last;
        expect(after(counting.recoverAfter)?.incident).toBeUndefined();
        expect(after(Math.max(counting.recoverAfter, counting.breachAfter.of))?.state).toBe('ok');
      }),
    );
  });

  it('breach and recovery take turns, and each is told exactly when the incident opens and closes', () => {
    fc.assert(
      fc.property(countings, histories, (counting, text) => {
        const replayed = replay(counting, readingsOf(text));
        let open = false;
        toldOf(replayed).forEach((told, n) => {
          if (told) {
            expect(told === 'breached').toBe(!open);
            open = !open;
          }
          expect(['breached', 'recovering'].includes(String(statesOf(replayed)[n]))).toBe(open);
        });
      }),
    );
  });

  it('keeps a bounded past, and survives a store', () => {
    fc.assert(
      fc.property(countings, histories, (counting, text) => {
        const { last } = replay(counting, readingsOf(text));
        expect(last?.recent.length ?? 0).toBeLessThanOrEqual(Math.max(counting.breachAfter.of, counting.recoverAfter));
        expect(last === undefined ? last : JSON.parse(JSON.stringify(last))).toEqual(last);
      }),
    );
  });
});
