import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tick } from '../../lib/drill/record.ts';
import { commandToRecovered, findOutage, isAlive, recoveryPoint, type Since } from '../../lib/drill/recovery.ts';

const tick = (startedAt: number, good: boolean, boot = 'old'): Tick => ({
  startedAt,
  endedAt: startedAt + 10,
  good,
  boot,
});
const since: Since = { askedAt: 200, before: new Set(['old']), streak: 2 };

const ticks = [
  tick(0, true),
  tick(100, true),
  tick(200, false),
  tick(300, false),
  tick(400, true, 'new'),
  tick(500, true, 'new'),
];

describe('an outage', () => {
  test('lies between the last good turn and the first of those that count', () => {
    expect(findOutage(ticks, since)).toEqual({
      kind: 'seen',
      interruptedAt: { earliest: 100, latest: 210 },
      recoveredAt: 410,
      durationMs: { lowerMs: 90, upperMs: 310 },
    });
  });

  test('is not over with the old identity', () => {
    const back = [...ticks.slice(0, 4), tick(400, true), tick(500, true)];
    expect(findOutage(back, since)).toMatchObject({ durationMs: { lowerMs: 90, upperMs: null } });
  });

  test('is not over with one good turn between bad ones', () => {
    const blip = [...ticks.slice(0, 5), tick(500, false, 'new'), tick(600, true, 'new'), tick(700, true, 'new')];
    expect(findOutage(blip, since)).toMatchObject({ recoveredAt: 610, durationMs: { lowerMs: 290, upperMs: 510 } });
  });

  test('is not what went wrong before the restart was asked for', () => {
    const shaky = [tick(0, true), tick(50, false), tick(100, true), ...ticks.slice(2)];
    expect(findOutage(shaky, since)).toMatchObject({ interruptedAt: { earliest: 100, latest: 210 } });
  });

  test('that no turn saw has a resolution, and not zero length', () => {
    const all = [tick(0, true), tick(250, true), tick(400, true, 'new'), tick(500, true, 'new')];
    expect(findOutage(all, since)).toEqual({ kind: 'unseen', resolutionMs: 260 });
  });

  test('without turns is unsampled', () => {
    expect(findOutage(ticks.slice(0, 2), since)).toEqual({ kind: 'unsampled' });
  });
});

test('the time from the command counts what drains, too', () => {
  expect(commandToRecovered(ticks, { ...since, askedAt: 20 }, 30)).toEqual({ lowerMs: 270, upperMs: 390 });
  expect(commandToRecovered(ticks.slice(0, 4), since, 205)).toEqual({ lowerMs: 95, upperMs: null });
});

test('a target is alive when its last turns are good, whoever it is', () => {
  expect([isAlive(ticks, 2), isAlive(ticks.slice(0, 5), 2), isAlive([], 2)]).toEqual([true, false, false]);
});

test('the recovery point is the age of the oldest lost write at the interruption', () => {
  const outage = findOutage(ticks, since);
  const losses = [
    { id: 'a', acknowledgedAt: 60 },
    { id: 'b', acknowledgedAt: 90 },
  ];
  expect(recoveryPoint(losses, outage)).toEqual({ lowerMs: 40, upperMs: 150 });
  expect(recoveryPoint([], outage)).toEqual({ lowerMs: 0, upperMs: 0 });
  expect(recoveryPoint(losses, { kind: 'unseen', resolutionMs: 10 })).toBeUndefined();
});

/** A sampler over a service that is away once: each turn asks at three moments of its own. */
const sampled = fc
  .record({
    downAt: fc.integer({ min: 1_000, max: 2_000 }),
    outageMs: fc.integer({ min: 0, max: 3_000 }),
    turns: fc.array(
      fc.record({ pauseMs: fc.integer({ min: 1, max: 300 }), callMs: fc.integer({ min: 0, max: 200 }) }),
      {
        minLength: 60,
        maxLength: 60,
      },
    ),
  })
  .map(({ downAt, outageMs, turns }) => {
    const upAt = downAt + outageMs;
    let now = 0;
    const seen = turns.map(({ pauseMs, callMs }): Tick => {
      const startedAt = now + pauseMs;
      const moments = [0, callMs / 2, callMs].map((ms) => startedAt + ms);
      now = startedAt + callMs;
      const good = moments.every((at) => at < downAt || at >= upAt);
      return { startedAt, endedAt: now, good, boot: startedAt + callMs < downAt ? 'old' : 'new' };
    });
    return { downAt, upAt, seen };
  });

test('the interval of an outage holds the true one, whenever the sampler happened to ask', () => {
  fc.assert(
    fc.property(sampled, fc.integer({ min: 0, max: 400 }), ({ downAt, upAt, seen }, earlyMs) => {
      const outage = findOutage(seen, { ...since, askedAt: downAt - earlyMs, streak: 3 });
      if (outage.kind !== 'seen') return;
      expect(outage.interruptedAt.earliest).toBeLessThanOrEqual(downAt);
      expect(outage.interruptedAt.latest).toBeGreaterThanOrEqual(downAt);
      expect(outage.durationMs.lowerMs).toBeLessThanOrEqual(upAt - downAt);
      expect(outage.durationMs.upperMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(upAt - downAt);
      if (outage.recoveredAt !== undefined) expect(outage.recoveredAt).toBeGreaterThanOrEqual(upAt);
    }),
    { numRuns: 1_000 },
  );
});
