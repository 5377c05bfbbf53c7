import { describe, expect, it } from 'vitest';
import { describeDetections, detectionsOf } from '../../lib/judge/detectability.ts';
import { advanceSlo, type SloMemory, type SloRule } from '../../lib/judge/slo.ts';
import { openRandom } from '../../lib/local/rehearsal/random.ts';
import { probeOf } from '../support/probing.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const step = { name: 'get', request: { url: 'https://shop.example/' } };
const probe = (change: object) =>
  probeOf({
    kind: 'http',
    steps: [step],
    severity: 'page',
    baseline: false,
    slo: { thresholds: ['failed<1%'] },
    ...change,
  });

const weekly = { cron: '0 13 * * 2', timezone: 'UTC' };

describe('what a probe detects', () => {
  it.each([
    ['minutes', { schedule: { every: '1m' }, samples: 1 }, 'paged', 4, '4m'],
    ['five minutes', { schedule: { every: '5m' }, samples: 1 }, 'paged', 4, '20m'],
    ['hours, and an extra run', { schedule: { every: '1h' }, samples: 20 }, 'paged', 2, '1h 1m'],
    [
      'hours, and no extra run',
      { schedule: { every: '1h' }, samples: 20, alarm: { confirmAfter: false } },
      'paged',
      2,
      '2h',
    ],
    ['weeks, and an extra run', { schedule: weekly, samples: 20 }, 'paged', 2, '7d 1m'],
    [
      'weeks, and no extra run',
      { schedule: weekly, samples: 20, alarm: { confirmAfter: false } },
      'a ticket',
      2,
      '14d',
    ],
    [
      'hours, where it may not page',
      { schedule: { every: '1h' }, samples: 20, severity: 'ticket' },
      'a ticket',
      2,
      '1h 1m',
    ],
  ])('is an outage, at a pace of %s', (_, change, reach, runs, within) => {
    const [line] = describeDetections(probe(change), 1);
    expect(line).toMatch(
      new RegExp(`^failed<1%: an outage is ${reach} within ${runs} runs \\(${within}\\); 20 % bad events are `),
    );
  });

  it('is a partial trouble, as a ticket where it burns too slowly for a page', () => {
    const lines = (thresholds: readonly string[]) =>
      describeDetections(probe({ schedule: { every: '1m' }, samples: 10, slo: { thresholds } }), 1);
    expect(lines(['failed<1%'])[0]).toMatch(/; 20 % bad events are paged in about 4\d minutes$/);
    expect(lines(['p(95)<400'])[0]).toMatch(/; 20 % bad events are a ticket in about 1\d hours$/);
    expect(lines(['failed<30%'])[0]).toMatch(/; 20 % bad events are no alarm$/);
  });

  it('is told once for objectives that see the same, and for none that count nothing', () => {
    const lines = describeDetections(
      probe({
        schedule: { every: '1m' },
        steps: [{ ...step, thresholds: ['p(99)<200'] }],
        slo: { objective: '99%', thresholds: ['failed<1%', 'avg<100'] },
      }),
      1,
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^objective 99%, failed<1%, get: p\(99\)<200: an outage /);
  });

  it('is a slowdown, sooner with more samples', () => {
    const slower = (change: object) => describeDetections(probe({ slo: undefined, baseline: {}, ...change }), 1);
    expect(slower({ schedule: weekly, samples: 20 })).toEqual([
      expect.stringMatching(/^20 samples a week: \+30 % found in about \d weeks; 200 samples: about [23] weeks$/),
    ]);
    // As many as bring nothing more.
    expect(slower({ schedule: { every: '1h' }, samples: 1_000 })).toEqual([
      expect.stringMatching(/^1,000 samples an hour: \+30 % found in about \d hours$/),
    ]);
    expect(slower({ schedule: { every: '1h' }, samples: 20, baseline: { maxRegression: '50%' } })[0]).toMatch(
      /^20 samples an hour: \+75 % found in /,
    );
  });

  it('is nothing on demand', () => {
    expect(detectionsOf(probe({ baseline: {} }), 1)).toEqual([]);
  });

  it('is data for programs', () => {
    const detections = detectionsOf(probe({ schedule: { every: '1h' }, samples: 20, baseline: {} }), 1);
    expect(detections.map(({ what, by, severity }) => [what, by, severity])).toEqual([
      ['outage', 'failed<1%', 'page'],
      ['errors', 'failed<1%', 'page'],
      ['slowdown', 'baseline', 'ticket'],
    ]);
    expect(JSON.parse(JSON.stringify(detections))).toEqual(detections);
  });
});

describe('what is promised', () => {
  const runsToSee = (rule: SloRule, random: () => number): number => {
    let memory: SloMemory | undefined;
    for (let run = 0; run < 2_000; run++) {
      const sick = run >= 500;
      let bad = 0;
      for (let sample = 0; sample < rule.samples; sample++) if (sick && random() < 0.2) bad++;
      const next = advanceSlo(rule, memory, {
        atMs: Date.UTC(2026, 0, 5) + run * (rule.cadenceMs ?? 0),
        bad,
        total: rule.samples,
      });
      memory = next.memory;
      if (next.finding.firing?.severity === 'page') return run - 499;
    }
    return Number.POSITIVE_INFINITY;
  };

  it.each([
    ['1m', minuteMs, 1],
    ['5m', 5 * minuteMs, 1],
    ['1h', hourMs, 20],
    ['1h', hourMs, 200],
    ['1d', dayMs, 100],
  ])('every %s is what happens to 20 %% errors, within a factor of two', (every, cadenceMs, samples) => {
    const errors = detectionsOf(probe({ schedule: { every }, samples }), 1).find(({ what }) => what === 'errors');
    const rule = { objective: 'failed<1%', budget: 0.01, windowMs: 30 * dayMs, cadenceMs, samples };
    const random = openRandom(cadenceMs + samples).uniform;
    const seen = Array.from({ length: 21 }, () => runsToSee(rule, random)).sort((a, b) => a - b);
    const median = seen[10] ?? 0;
    expect(errors).toMatchObject({ severity: 'page' });
    expect(errors?.runs).toBeGreaterThanOrEqual(median / 2);
    expect(errors?.runs).toBeLessThanOrEqual(median * 2);
  });
});
