import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmPlan } from '../../lib/config/plan.ts';
import {
  type AlarmRun,
  advanceState,
  inconclusiveStreak,
  type ProbeState,
  type StateChange,
} from '../../lib/judge/state.ts';
import type { Verdict } from '../../lib/result/result.ts';

const ruleOf = (bad: number, of: number, recoverAfter: number): AlarmPlan => ({
  breachAfter: { bad, of },
  recoverAfter,
  recoverWhen: [],
  confirmAfterMs: null,
  overdueAfter: 2,
  deployGraceMs: 0,
  dedicated: false,
});
const usual = ruleOf(2, 3, 2);
const slotOf = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
const runOf = (n: number, verdict: Verdict | null, status: AlarmRun['status'] = 'done'): AlarmRun => ({
  probe: 'p',
  slot: slotOf(n),
  verdict,
  status,
});

type Told = { readonly states: readonly (string | undefined)[]; readonly events: readonly (StateChange | undefined)[] };

const replay = (rule: AlarmPlan, runs: readonly AlarmRun[]): Told & { readonly last: ProbeState | undefined } => {
  let state: ProbeState | undefined;
  const states: (string | undefined)[] = [];
  const events: (StateChange | undefined)[] = [];
  for (const run of runs) {
    const stepped = advanceState<ProbeState | undefined>(rule, state, run);
    state = stepped.state;
    states.push(state?.state);
    events.push(stepped.event);
  }
  return { states, events, last: state };
};

/** `p` pass, `d` degraded, `f` fail, `i` inconclusive. */
const verdicts: Readonly<Record<string, Verdict>> = { p: 'pass', d: 'degraded', f: 'fail', i: 'inconclusive' };
const runsOf = (letters: string): readonly AlarmRun[] =>
  [...letters].map((letter, n) => runOf(n, verdicts[letter] ?? null));
const kinds = ({ events }: Told) => events.map((event) => event?.kind);

describe('the state of a probe', () => {
  it.for<[string, AlarmPlan, string, readonly string[], Readonly<Record<number, string>>]>([
    ['stays ok while all is well', usual, 'ppp', ['ok', 'ok', 'ok'], {}],
    [
      'walks through all its states',
      usual,
      'pffpp',
      ['ok', 'pending', 'breached', 'recovering', 'ok'],
      { 2: 'breached', 4: 'recovered' },
    ],
    ['takes degraded for bad', usual, 'dd', ['pending', 'breached'], { 1: 'breached' }],
    ['counts bad runs that are not in a row', usual, 'fpf', ['pending', 'pending', 'breached'], { 2: 'breached' }],
    ['forgets a bad run that left the window', usual, 'fpppf', ['pending', 'pending', 'pending', 'ok', 'pending'], {}],
    [
      'goes back to breached without telling it twice',
      usual,
      'ffpfpp',
      ['pending', 'breached', 'recovering', 'breached', 'recovering', 'ok'],
      { 1: 'breached', 5: 'recovered' },
    ],
    [
      'needs new bad runs for a new breach',
      ruleOf(2, 3, 1),
      'ffpf',
      ['pending', 'breached', 'ok', 'pending'],
      { 1: 'breached', 2: 'recovered' },
    ],
    [
      'breaches at once where one is enough',
      ruleOf(1, 1, 1),
      'fpf',
      ['breached', 'ok', 'breached'],
      { 0: 'breached', 1: 'recovered', 2: 'breached' },
    ],
    [
      'looks past inconclusive runs',
      usual,
      'fifipip',
      ['pending', 'pending', 'breached', 'breached', 'recovering', 'recovering', 'ok'],
      { 2: 'breached', 6: 'recovered' },
    ],
    [
      'tells a streak of inconclusive runs once',
      usual,
      'iiiiipiii',
      Array(9).fill('ok'),
      { 2: 'inconclusive', 8: 'inconclusive' },
    ],
  ])('%s', ([, rule, letters, states, told]) => {
    const replayed = replay(rule, runsOf(letters));
    expect(replayed.states).toEqual(states);
    expect(kinds(replayed)).toEqual(states.map((_, n) => told[n]));
  });

  it('dates a breach to its first bad run, and tells breach and recovery as one incident', () => {
    const { events } = replay(usual, runsOf('pfpfpp'));
    const incident = { since: slotOf(1), breachedAt: slotOf(3) };
    expect(events.filter(Boolean)).toEqual([
      { kind: 'breached', slot: slotOf(3), incident },
      { kind: 'recovered', slot: slotOf(5), incident },
    ]);
  });

  it('says since when it is what it is', () => {
    const since = (letters: string) => replay(usual, runsOf(letters)).last?.since;
    expect([since('p'), since('ppp'), since('pff'), since('pfffff')]).toEqual([0, 0, 2, 2].map(slotOf));
  });

  it.for<AlarmRun['status']>(['skipped', 'late', 'missed', 'deferred'])(
    'is not moved by a run that is %s',
    (status) => {
      const { last } = replay(usual, runsOf('f'));
      const unrun = runOf(9, null, status);
      expect(advanceState(usual, last, unrun)).toEqual({ state: last });
      expect(advanceState(usual, last, unrun).state).toBe(last);
      expect(advanceState(usual, undefined, unrun)).toEqual({ state: undefined });
    },
  );

  it('takes no breach from good news when the rule was made stricter', () => {
    const { last } = replay(ruleOf(3, 3, 1), runsOf('ff'));
    const good = advanceState(usual, last, runOf(5, 'pass'));
    expect([good.state?.state, good.event]).toEqual(['pending', undefined]);
    expect(advanceState(usual, good.state, runOf(6, 'fail')).state?.state).toBe('breached');
  });
});

const rules = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .map(([bad, more, recoverAfter]) => ruleOf(bad, bad + more, recoverAfter));
const histories = fc.array(fc.constantFrom<Verdict>('pass', 'degraded', 'fail', 'inconclusive'), { maxLength: 60 });
const toRuns = (history: readonly Verdict[]) => history.map((verdict, n) => runOf(n, verdict));

describe('whatever the rule and the history', () => {
  it('breaches only with k bad among the last n runs that said something', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        kinds(replay(rule, toRuns(history))).forEach((kind, n) => {
          if (kind !== 'breached') return;
          const said = history.slice(0, n + 1).filter((verdict) => verdict !== 'inconclusive');
          const bad = said.slice(-rule.breachAfter.of).filter((verdict) => verdict !== 'pass').length;
          expect(bad).toBeGreaterThanOrEqual(rule.breachAfter.bad);
          expect(history[n]).toBeOneOf(['fail', 'degraded']);
        });
      }),
    );
  });

  it('has recovered after recoverAfter good runs, and is ok after a whole good window', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        const good = (count: number) => replay(rule, toRuns([...history, ...Array<Verdict>(count).fill('pass')])).last;
        expect(good(rule.recoverAfter)?.incident).toBeUndefined();
        expect(good(Math.max(rule.recoverAfter, rule.breachAfter.of))?.state).toBe('ok');
      }),
    );
  });

  it('breach and recovery take turns, and each is told exactly when the incident opens and closes', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        const { events, states } = replay(rule, toRuns(history));
        let open = false;
        events.forEach((event, n) => {
          if (event?.kind === 'breached' || event?.kind === 'recovered') {
            expect(event.kind === 'breached').toBe(!open);
            open = !open;
          }
          expect(['breached', 'recovering'].includes(String(states[n]))).toBe(open);
        });
      }),
    );
  });

  it('tells each streak of inconclusive runs once, at its third', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        let streak = 0;
        const expected = history.map((verdict) => {
          streak = verdict === 'inconclusive' ? streak + 1 : 0;
          return streak === inconclusiveStreak;
        });
        expect(kinds(replay(rule, toRuns(history))).map((kind) => kind === 'inconclusive')).toEqual(expected);
      }),
    );
  });

  it('is changed by no run that comes twice, or after a later one', () => {
    const orders = fc.record({ rule: rules, history: histories, noise: fc.array(fc.nat(), { maxLength: 60 }) });
    fc.assert(
      fc.property(orders, ({ rule, history, noise }) => {
        const clean = toRuns(history);
        const noisy = clean.flatMap((run, n) => [
          run,
          ...(noise[n] === undefined ? [] : [clean[noise[n] % (n + 1)] ?? run]),
        ]);
        const [left, right] = [replay(rule, clean), replay(rule, noisy)];
        expect(right.last).toEqual(left.last);
        expect(right.events.filter(Boolean)).toEqual(left.events.filter(Boolean));
      }),
    );
  });

  it('keeps a bounded past, and survives a store', () => {
    fc.assert(
      fc.property(rules, histories, (rule, history) => {
        const { last } = replay(rule, toRuns(history));
        expect(last?.recent.length ?? 0).toBeLessThanOrEqual(Math.max(rule.breachAfter.of, rule.recoverAfter));
        expect(last === undefined ? last : JSON.parse(JSON.stringify(last))).toEqual(last);
      }),
    );
  });
});
