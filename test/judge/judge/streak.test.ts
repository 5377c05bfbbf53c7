import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inconclusiveStreak, type JudgeInput } from '../../../lib/judge/judge.ts';
import type { ProbeMemory, StateChange, StreakChange } from '../../../lib/judge/memory.ts';
import { pageEvent } from '../../../lib/page/event.ts';
import {
  hourMs,
  isoOf,
  judgedProbe,
  minuteMs,
  originMs,
  replay,
  runAt,
  runsOf,
  tickAt,
} from '../../support/judging.ts';

const probe = judgedProbe({ baseline: false });
const hour = (n: number): number => originMs + n * hourMs;
const slotOf = (n: number): string => isoOf(hour(n));
const streaksOf = (changes: readonly StateChange[]): readonly StreakChange[] =>
  changes.filter((change) => 'streak' in change);
const keyOf = (change: StateChange): string =>
  pageEvent(probe, undefined, change, { service: 'notes', environment: 'dev' }).dedupKey;

describe('the end of a streak of inconclusive runs', () => {
  it('is told once, with the next run that says something, however long it went on after it was told', () => {
    const { changes, memory } = replay(probe, runsOf('piiiiipp'));
    const streak = { since: slotOf(1), toldAt: slotOf(3) };
    expect(changes).toEqual([
      { kind: 'inconclusive', slot: slotOf(3), runs: 3, streak },
      { kind: 'conclusive', slot: slotOf(6), runs: 5, streak },
    ]);
    expect(memory?.state).toMatchObject({ state: 'ok', inconclusive: 0 });
    expect(memory?.state).not.toHaveProperty('streak');
  });

  it('is told whatever that run says, and before what it says of the service', () => {
    expect(replay(probe, runsOf('fiiif')).told).toEqual(['inconclusive', 'conclusive', 'breached runs page']);
    expect(replay(probe, runsOf('iiid')).told).toEqual(['inconclusive', 'conclusive']);
  });

  it('is not told of what was no streak', () => {
    const { told, memory } = replay(probe, runsOf('iipip'));
    expect([told, memory?.state.streak]).toEqual([[], undefined]);
  });

  it.for(['skipped', 'deferred', 'late', 'missed'] as const)('does not come with a slot that is %s', (status) => {
    const unrun = runAt(hour(3), 'p', { status, verdict: null });
    const { told, memory } = replay(probe, [...runsOf('iii'), unrun]);
    expect([told, memory?.state.inconclusive]).toEqual([['inconclusive'], 3]);
  });

  it('does not come with a run on demand, nor with one that is older than the last', () => {
    const demand = runAt(hour(3), 'p', { trigger: 'demand' });
    const inputs = [...runsOf('iii'), demand, runAt(hour(1), 'p'), runAt(hour(2), 'p')];
    expect(replay(probe, inputs).told).toEqual(['inconclusive']);
  });

  it('is not moved by a deploy, nor by runs that do not come for a while', () => {
    const deploy: JudgeInput = { kind: 'deploy', at: isoOf(hour(2) + minuteMs), version: 'v1.4.2' };
    const { told, changes } = replay(probe, [
      ...runsOf('iii'),
      deploy,
      tickAt(hour(9)),
      ...runsOf('ip', hourMs, hour(10)),
    ]);
    expect(told).toEqual(['inconclusive', 'breached overdue ticket', 'recovered overdue ticket', 'conclusive']);
    expect(changes.at(-1)).toMatchObject({
      slot: slotOf(11),
      runs: 4,
      streak: { since: slotOf(0), toldAt: slotOf(2) },
    });
  });
});

describe('a maintenance window', () => {
  const window = { reason: 'r', probes: ['p'], when: { kind: 'once', fromMs: hour(2), toMs: hour(6) } } as const;
  const told = (letters: string) => {
    const { changes } = replay(probe, runsOf(letters), { maintenance: [window] });
    return changes.map(({ kind, slot }) => [kind, (Date.parse(slot) - originMs) / hourMs]);
  };

  it('lets no streak begin or grow in it', () => {
    expect(told('iiiiii')).toEqual([]);
    expect(told('iiiiiii')).toEqual([['inconclusive', 6]]);
  });

  it('lets one end in it: that the monitor sees again is no word on the service', () => {
    const early = { maintenance: [{ ...window, when: { ...window.when, fromMs: hour(3) } }] };
    expect(replay(probe, runsOf('iiioo'), early).told).toEqual(['inconclusive', 'conclusive']);
    // What was no streak yet is none over the window either.
    expect(told('iipiiii')).toEqual([]);
  });
});

describe('a state that was kept before streaks were', () => {
  const keptBefore = (letters: string): ProbeMemory => {
    const { memory } = replay(probe, runsOf(letters));
    if (!memory) throw new Error('nothing was remembered');
    const { streak: _, ...state } = memory.state;
    return { ...memory, state };
  };

  it('goes on to count, from the last run that it knows of', () => {
    const { changes } = replay(probe, runsOf('ip', hourMs, hour(2)), { from: keptBefore('ii') });
    const streak = { since: slotOf(1), toldAt: slotOf(2) };
    expect(changes).toMatchObject([
      { kind: 'inconclusive', runs: 3, streak },
      { kind: 'conclusive', runs: 3, streak },
    ]);
  });

  it('whose streak was told ends it once, under the key under which it was told', () => {
    const from = keptBefore('iii');
    const [directly, later] = ['p', 'ip'].map((more) => replay(probe, runsOf(more, hourMs, hour(3)), { from }).changes);
    // No `toldAt`: which key that makes is for the event to say.
    const streak = { since: slotOf(2) };
    expect(directly).toEqual([{ kind: 'conclusive', slot: slotOf(3), runs: 3, streak }]);
    expect(later).toEqual([{ kind: 'conclusive', slot: slotOf(4), runs: 4, streak }]);
  });

  it('begins anew when what did not know of streaks has ended one and left it there', () => {
    const { memory } = replay(probe, runsOf('iii'));
    const ended = memory && { ...memory, state: { ...memory.state, inconclusive: 0 } };
    const { changes } = replay(probe, runsOf('iii', hourMs, hour(4)), { from: ended });
    expect(changes).toMatchObject([{ slot: slotOf(6), streak: { since: slotOf(4), toldAt: slotOf(6) } }]);
  });
});

describe('whatever the history', () => {
  const letters = fc.string({ unit: fc.constantFrom('p', 'd', 'f', 'o', 'i', 'i', 'i'), maxLength: 60 });

  it('a streak is told once it is long enough, and its end with the run after it: a plain search finds the same', () => {
    fc.assert(
      fc.property(letters, (text) => {
        const streaks = [...text.matchAll(/i+/g)].filter(([streak]) => streak.length >= inconclusiveStreak);
        const expected = streaks.flatMap(({ 0: { length }, index }) => {
          const streak = { since: slotOf(index), toldAt: slotOf(index + inconclusiveStreak - 1) };
          const began = { kind: 'inconclusive', slot: streak.toldAt, runs: inconclusiveStreak, streak };
          const ended = { kind: 'conclusive', slot: slotOf(index + length), runs: length, streak };
          return index + length < text.length ? [began, ended] : [began];
        });
        expect(streaksOf(replay(probe, runsOf(text)).changes)).toEqual(expected);
      }),
    );
  });

  it('each streak has a key of its own, the same from its telling to its end', () => {
    fc.assert(
      fc.property(letters, (text) => {
        const changes = streaksOf(replay(probe, runsOf(text)).changes);
        const keys = Map.groupBy(changes, keyOf);
        expect(keys.size).toBe(changes.filter(({ kind }) => kind === 'inconclusive').length);
        for (const [began, ended, ...more] of keys.values()) {
          expect([began?.kind, ended?.kind ?? 'conclusive', more]).toEqual(['inconclusive', 'conclusive', []]);
        }
      }),
    );
  });
});
