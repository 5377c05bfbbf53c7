import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lambdaTimeoutMs,
  lanes,
  longestRunMs,
  runBudgetMs,
  spanMs,
  timeOf,
  writeReserveMs,
} from '../../lib/dispatch/time-left.ts';
import { probeOf } from '../support/probing.ts';

const request = { request: { url: 'https://example.org/' } };
const http = (rest: object) => probeOf({ kind: 'http', steps: [request], schedule: { every: '1h' }, ...rest });

describe('the longest that a run takes', () => {
  it('is that of all its passes, and one for its warm-up', () => {
    expect(longestRunMs(http({ samples: 5, timeout: '10s' }))).toBe(60_000);
    expect(longestRunMs(http({ samples: 2, timeout: '3s', steps: [request, { ...request, name: 'b' }] }))).toBe(18_000);
  });

  it('is its deadline at most', () => {
    expect(longestRunMs(http({ samples: 1000 }))).toBe(600_000);
    expect(longestRunMs(http({ samples: 1000, deadline: '2m' }))).toBe(120_000);
    expect(longestRunMs(http({ samples: 1000, deadline: '15m' }))).toBe(runBudgetMs);
  });

  it('counts how long a step waits, and the cleanup, which no deadline cuts', () => {
    const until = { ...request, until: { status: 200, every: '1s', within: '40s' } };
    expect(longestRunMs(http({ samples: 1, timeout: '10s', steps: [until] }))).toBe(100_000);
    const cleanup = [{ ...request, name: 'tidy' }];
    expect(longestRunMs(http({ samples: 3, timeout: '10s', cleanup }))).toBe(70_000);
    const frames = [
      { connect: { url: 'wss://example.org/' } },
      { expect: { count: { match: {}, min: 1 }, within: '30s' } },
    ];
    expect(longestRunMs(probeOf({ kind: 'websocket', schedule: { every: '1h' }, steps: frames }))).toBe(80_000);
  });
});

describe('runs side by side', () => {
  it('take as long as the fullest of four lanes', () => {
    expect([[], [5], [1, 2, 3, 4], [1, 2, 3, 4, 5], [10, 10, 10, 10, 1, 1, 1, 1, 1]].map(spanMs)).toEqual([
      0, 5, 4, 6, 12,
    ]);
  });

  it('take no longer when one of them is quicker than it might have been', () => {
    const times = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        times,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
        (longest, shares) => {
          const actual = longest.map((time, index) => time * (shares[index] ?? 1));
          expect(spanMs(actual)).toBeLessThanOrEqual(spanMs(longest) + 1e-6);
        },
      ),
    );
  });

  it('leave a Lambda time to write', () => {
    expect(lanes).toBe(4);
    expect(lambdaTimeoutMs - runBudgetMs).toBeGreaterThan(writeReserveMs);
  });
});

describe('a run that is to begin', () => {
  const probe = http({});

  it('has its own deadline, and is cut where the time for writing begins', () => {
    expect(timeOf(probe, lambdaTimeoutMs)).toEqual({ begin: true, deadlineMs: 600_000, abortAfterMs: 870_000 });
  });

  it('keeps its deadline however little is left: a shorter one would be a verdict on us', () => {
    expect(timeOf(probe, 100_000)).toEqual({ begin: true, deadlineMs: 600_000, abortAfterMs: 70_000 });
  });

  it('does not begin when too little is left', () => {
    expect(timeOf(probe, writeReserveMs + 30_000)).toMatchObject({ begin: true });
    expect(timeOf(probe, writeReserveMs + 29_999)).toEqual({
      begin: false,
      reason: '29s 999ms was left for a run that may need 1m',
    });
    expect(timeOf(probe, 1000)).toMatchObject({ begin: false, reason: '0ms was left for a run that may need 1m' });
  });

  it('that is sure to be quick needs no more than that', () => {
    const quick = http({ samples: 1, timeout: '1s' });
    expect(timeOf(quick, writeReserveMs + 2000)).toMatchObject({ begin: true });
    expect(timeOf(quick, writeReserveMs + 1999)).toMatchObject({ begin: false });
  });

  it('may not take longer than a Lambda lives', () => {
    expect(timeOf(http({ deadline: '15m' }), lambdaTimeoutMs)).toMatchObject({ deadlineMs: runBudgetMs });
  });
});
