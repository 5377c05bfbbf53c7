import { describe, expect, it } from 'vitest';
import { lacksConfirmation, wantsLook } from '../../lib/judge/attention.ts';
import { gaugesOf, isBreached } from '../../lib/judge/gauges.ts';
import type { AlarmRule, ProbeAlarm, ProbeState, Told } from '../../lib/judge/memory.ts';
import { hourMs, isoOf, judgedProbe, originMs, replay, runsOf, tickAt } from '../support/judging.ts';

const slot = isoOf(originMs);

const open = (told: Partial<Told> = {}): ProbeAlarm => ({
  state: 'breached',
  since: slot,
  recent: [],
  incident: { since: slot, breachedAt: slot },
  told: { as: [], prompt: true, graceMs: 0, ...told },
});

const pending: ProbeAlarm = { state: 'pending', since: slot, recent: [] };

const stateOf = (probe: string, alarms: Partial<Record<AlarmRule, ProbeAlarm>>): ProbeState => ({
  probe,
  revision: 1,
  state: 'ok',
  since: null,
  alarms,
  inconclusive: 0,
});

const probes = ['a', 'b', 'c'].map((id) => ({ id }));
const gauges = (...states: readonly ProbeState[]) => gaugesOf(states, probes);
const none = { breachedPage: 0, breachedTicket: 0, regressed: 0, overdue: 0 };

describe('the gauges', () => {
  it('are all zero while nothing is told', () => {
    expect(gauges()).toEqual(none);
    expect(gauges(stateOf('a', { runs: pending }))).toEqual(none);
  });

  it('count probes, each once in each trouble', () => {
    const page = open({ as: ['page'] });
    expect(gauges(stateOf('a', { runs: page, 'slo:objective': page }), stateOf('b', { runs: page }))).toEqual({
      ...none,
      breachedPage: 2,
    });
  });

  it('count a trouble by its loudest telling', () => {
    const louder = stateOf('a', { runs: open({ as: ['ticket', 'page'] }) });
    const ticket = stateOf('b', { 'slo:objective': open({ as: ['ticket'] }) });
    expect(gauges(louder, ticket)).toEqual({ ...none, breachedPage: 1, breachedTicket: 1 });
  });

  it('keep regressions apart from tickets, but not from pages', () => {
    const ticket = stateOf('a', { 'regression:total': open({ as: ['ticket'] }) });
    const page = stateOf('b', { 'regression:total': open({ as: ['page'] }) });
    expect(gauges(ticket, page)).toEqual({ ...none, breachedPage: 1, regressed: 2 });
  });

  it('leave what joined another trouble to that one, and a regression is one all the same', () => {
    const state = stateOf('a', {
      runs: open({ as: ['page'] }),
      'slo:objective': open({ joined: 'runs' }),
      'regression:total': open({ joined: 'runs' }),
    });
    expect(gauges(state)).toEqual({ ...none, breachedPage: 1, regressed: 1 });
  });

  it('know overdue runs by themselves: they say nothing of the service', () => {
    const state = stateOf('a', { overdue: open({ as: ['ticket'] }) });
    expect(gauges(state)).toEqual({ ...none, overdue: 1 });
    expect(isBreached(state)).toBe(false);
  });

  it('count nothing that has severity none', () => {
    const state = stateOf('a', { runs: open({ as: ['none'] }), 'regression:total': open({ as: ['none'] }) });
    expect(gauges(state)).toEqual(none);
  });

  it('forget probes that the plan has no more: nobody would ever end their alarm', () => {
    expect(gauges(stateOf('gone', { runs: open({ as: ['page'] }) }))).toEqual(none);
  });

  it('say what the judge says, from the first bad run to the recovery', () => {
    const after = (letters: string) => {
      const { memory } = replay(judgedProbe(), runsOf(letters));
      return gaugesOf(memory ? [memory.state] : [], [{ id: 'p' }]).breachedPage;
    };
    expect(['f', 'ff', 'ffp', 'ffpp'].map(after)).toEqual([0, 1, 1, 0]);
  });
});

describe('a look at the clock', () => {
  const probe = judgedProbe();
  const plan = { keys: 1, maintenance: [] };
  const stateAfter = (letters: string, ...ticks: number[]) =>
    replay(probe, [...runsOf(letters), ...ticks.map(tickAt)]).memory?.state;

  it('is wanted for a probe that nobody has waited for yet, and not once it is waited for', () => {
    expect(wantsLook(probe, undefined, plan, originMs)).toBe(true);
    expect(wantsLook(probe, stateAfter('', originMs), plan, originMs + 1)).toBe(false);
  });

  it('is wanted when a run is overdue, and no more when that was told', () => {
    const state = stateAfter('p');
    expect(wantsLook(probe, state, plan, originMs + hourMs)).toBe(false);
    expect(wantsLook(probe, state, plan, originMs + 3 * hourMs)).toBe(true);
    expect(wantsLook(probe, stateAfter('p', originMs + 3 * hourMs), plan, originMs + 4 * hourMs)).toBe(false);
  });

  it('is not wanted for a probe on demand alone', () => {
    const { schedule: _, ...onDemand } = probe;
    expect(wantsLook(onDemand, undefined, plan, originMs)).toBe(false);
  });

  it('misses an extra run some time after it was due', () => {
    const confirm = { slot, at: slot };
    expect(lacksConfirmation({ confirm }, originMs)).toBe(false);
    expect(lacksConfirmation({ confirm }, originMs + 5 * 60_000)).toBe(true);
    expect(lacksConfirmation({}, originMs + hourMs)).toBe(false);
  });
});
