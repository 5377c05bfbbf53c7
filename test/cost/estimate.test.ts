import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../lib/config/plan.ts';
import { type CostEstimate, type CostLine, estimateCost } from '../../lib/cost/estimate.ts';
import { usualModel } from '../../lib/cost/model.ts';
import { type PriceName, type Prices, prices } from '../../lib/cost/prices.ts';
import { oneStep, planOfMany, scheduled } from '../support/costing.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { planOf } from '../support/probing.ts';

const planWith = (probes: readonly object[], keys: object = {}): Plan => planOf({ service: 'shop', probes, ...keys });

const linesOf = ({ fixed, marginal }: CostEstimate): readonly CostLine[] => [...fixed, ...marginal];

const lineOf = (estimate: CostEstimate, begin: string): number =>
  linesOf(estimate).find(({ what }) => what.startsWith(begin))?.usd ?? 0;

/** Everything that a plan can make use of. */
const everything = planWith(
  [
    scheduled('minutely', { every: '1m' }, { alarm: { dedicated: true } }),
    scheduled(
      'orders',
      { cron: '0 13 * * 2' },
      { steps: [{ request: { method: 'POST', url: 'https://shop.example/' } }] },
    ),
  ],
  {
    metrics: 'probe',
    cloud: { customerKey: true },
    targets: cloudDrillConfig([]).targets,
    drills: [{ id: 'd', target: 'notes', restart: hook, rto: '1m', rpo: '0s', schedule: { every: '7d' } }],
    variables: { a: { from: ['ssm:/a'], secret: true }, b: { from: ['secretsmanager:b'], secret: true } },
  },
);

const costing = (name: PriceName, factor: number): Prices => ({
  ...prices,
  [name]: { ...prices[name], usd: prices[name].usd * factor },
});

describe('an estimate', () => {
  it('adds up: uses to lines, lines to parts, parts to the total, runs to their share', () => {
    const estimate = estimateCost(everything);
    for (const { usd, uses } of linesOf(estimate))
      expect(uses.reduce((sum, use) => sum + use.usd, 0)).toBeCloseTo(usd, 12);
    const sum = (lines: readonly CostLine[]) => lines.reduce((total, { usd }) => total + usd, 0);
    expect(sum(estimate.fixed)).toBeCloseTo(estimate.fixedUsd, 12);
    expect(sum(estimate.marginal)).toBeCloseTo(estimate.marginalUsd, 12);
    expect(estimate.fixedUsd + estimate.marginalUsd).toBeCloseTo(estimate.totalUsd, 12);
    expect((estimate.perRunUsd ?? 0) * estimate.runs).toBeCloseTo(estimate.marginalUsd, 12);
    expect(estimate.runs).toBeCloseTo(43_800 + 730 / 168, 6);
  });

  it.each(Object.keys(prices) as PriceName[])('moves when %s does, and by what was bought of it', (name) => {
    const before = estimateCost(everything);
    const after = estimateCost(everything, { prices: costing(name, 2) });
    const bought = [...linesOf(before), ...before.synthetics.lines]
      .flatMap(({ uses }) => uses)
      .filter(({ price }) => price === name)
      .reduce((sum, { usd }) => sum + usd, 0);
    expect(bought).toBeGreaterThan(0);
    expect(after.totalUsd + after.synthetics.totalUsd - before.totalUsd - before.synthetics.totalUsd).toBeCloseTo(
      bought,
      9,
    );
  });

  it('has no marginal part, and no share of a run, where nothing has a schedule', () => {
    const estimate = estimateCost(planWith([{ id: 'by-hand', kind: 'http', steps: [oneStep] }]));
    expect(estimate).toMatchObject({ runs: 0, marginal: [], marginalUsd: 0, perRunUsd: null });
    expect(estimate.fixedUsd).toBeGreaterThan(0);
    expect(estimate.synthetics).toEqual({ lines: [], totalUsd: 0 });
  });

  it('ignores what is free unless it is asked, and says what it would be', () => {
    const plan = planOfMany(10, { every: '1h' });
    const [paid, free] = [estimateCost(plan), estimateCost(plan, { freeTier: true })];
    expect([paid.freeTier.applied, free.freeTier.applied]).toEqual([false, true]);
    expect(paid.freeTier.totalUsd).toBe(free.totalUsd);
    expect(free.totalUsd).toBeLessThan(paid.totalUsd);
    // Ten alarms, ten metrics and a dashboard.
    expect(lineOf(paid, 'metrics of the service')).toBeCloseTo(3, 9);
    for (const each of ['metrics of the service', 'dashboard']) expect(lineOf(free, each)).toBe(0);
  });

  it('takes other figures in place of those that it assumes, and shows the ones that it took', () => {
    const plan = planOfMany(100, { every: '1m' });
    const [usual, slow] = [estimateCost(plan), estimateCost(plan, { model: { secondsPerStep: 1 } })];
    expect(lineOf(slow, 'probe function')).toBeGreaterThan(5 * lineOf(usual, 'probe function'));
    expect(lineOf(slow, 'work queue')).toBe(lineOf(usual, 'work queue'));
    expect(slow.assumptions.find(({ name }) => name === 'seconds per step')?.value).toBe(1);
    expect(usual.assumptions).toHaveLength(Object.keys(usualModel).length);
  });
});

describe('what a plan asks for is in its bill', () => {
  const cost = (probe: object = {}, keys: object = {}, every = '1h') =>
    estimateCost(planWith([scheduled('a', { every }, probe)], keys));

  it.each<[string, CostEstimate, CostEstimate, string]>([
    ['customer key', cost(), cost({}, { cloud: { customerKey: true } }), 'customer key'],
    ['an alarm of its own', cost(), cost({ alarm: { dedicated: true } }), 'metrics and alarms of single probes'],
    ['two metrics of each probe', cost(), cost({}, { metrics: 'probe' }), 'metrics and alarms of single probes'],
    ['more samples', cost(), cost({ samples: 50 }), 'probe function'],
    ['a longer memory', cost(), cost({}, { retention: { runs: '400d' } }), 'stored'],
    ['samples that are kept for longer', cost(), cost({}, { retention: { samples: '800d' } }), 'stored'],
    [
      'a lease, where it changes things',
      cost({ samples: 1 }),
      cost({ samples: 1, steps: [{ request: { method: 'POST', url: 'https://shop.example/' } }] }),
      'table',
    ],
    [
      'a secret from Secrets Manager',
      cost(),
      cost({}, { variables: { key: { from: ['secretsmanager:key'], secret: true } } }),
      'secrets',
    ],
  ])('%s', (_, without, having, line) => {
    expect(lineOf(having, line)).toBeGreaterThan(lineOf(without, line));
  });

  it('a wait for what must not come is billed whole', () => {
    const steps = (expectation: object) => [
      { connect: { url: 'wss://shop.example/' } },
      { expect: { ...expectation, within: '8s' } },
    ];
    const of = (expectation: object) => cost({ kind: 'websocket', steps: steps(expectation) });
    const [one, absent] = [of({ one: { kind: 'price' } }), of({ absent: { kind: 'error' } })];
    const seconds = 8 * 0.5 * 730 * prices.computeGbSecond.usd;
    expect(lineOf(absent, 'probe function') - lineOf(one, 'probe function')).toBeCloseTo(seconds, 9);
  });

  it.each([
    ['a quiet', [{ quiet: '8s' }], 8],
    [
      'the end of an idempotent step',
      [
        {
          idempotent: { request: { url: 'https://shop.example/' }, quiet: '8s', events: { match: { kind: 'order' } } },
        },
      ],
      8,
    ],
    [
      'a counting until nothing comes',
      [{ expect: { count: { match: { kind: 'price' }, min: 1, until: { quiet: '8s' } } } }],
      8,
    ],
    ['each turn of a soak', [{ soak: { iterations: 10, steps: [{ quiet: '2s' }] } }], 20],
    [
      'a soak by its pace, where that is slower',
      [{ soak: { iterations: 10, every: '5s', steps: [{ quiet: '2s' }] } }],
      50,
    ],
    ['a soak no longer than it may last', [{ soak: { iterations: 10, duration: '8s', steps: [{ quiet: '2s' }] } }], 8],
  ])('%s is billed', (_, steps, waitS) => {
    const connect = { connect: { url: 'wss://shop.example/' } };
    const of = (more: readonly object[]) => cost({ kind: 'websocket', steps: [connect, ...more] });
    const seconds =
      (lineOf(of(steps), 'probe function') - lineOf(of([]), 'probe function')) /
      (0.5 * 730 * prices.computeGbSecond.usd);
    // What the steps themselves take is assumed, and small beside the wait.
    expect(seconds).toBeGreaterThan(waitS - 0.5);
    expect(seconds).toBeLessThan(waitS * 1.4);
  });

  it.each([{ deferred: 'not yet' }, { enabled: false }])('a probe that is %j asks nobody, and is recorded', (off) => {
    expect(lineOf(cost(off), 'traffic to the targets')).toBe(0);
    expect(lineOf(cost(off), 'table')).toBe(lineOf(cost(), 'table'));
  });

  it('a weekly metric costs next to nothing, an hourly one the whole of it; whether a probe is breached is always said', () => {
    const own = (every: string) => lineOf(cost({}, { metrics: 'probe' }, every), 'metrics and');
    expect(own('1h')).toBeCloseTo(0.3 + 0.3, 9);
    expect(own('1m')).toBeCloseTo(0.3 + 0.3, 9);
    expect(own('7d')).toBeCloseTo(0.3 / 168 + 0.3, 9);
    expect(lineOf(cost({ alarm: { dedicated: true } }), 'metrics and')).toBeCloseTo(0.3 + 0.1, 9);
  });

  it('20,000 metrics of 10,000 probes are cheaper by the dozen, and take ten requests a tick', () => {
    const plan = planOfMany(10_000, { every: '1h' }, { metrics: 'probe' });
    // Ten of the service are bought first.
    const metrics = 9990 * 0.3 + 10_010 * 0.1;
    expect(lineOf(estimateCost(plan), 'metrics and')).toBeCloseTo(metrics + 8760 * 10 * 0.00001, 6);
  });

  it('slow probes travel fewer to a message, as the dispatcher packs them', () => {
    const messages = (step: object) => {
      const { marginal } = estimateCost(planOfMany(10, { every: '1h' }, {}, { steps: [{ ...oneStep, ...step }] }));
      return marginal.find(({ what }) => what === 'work queue')?.uses[0]?.quantity;
    };
    expect(messages({})).toBeCloseTo(3 * 730, 6);
    // At their longest they take the deadline, ten minutes: four side by side, and there is no time for a fifth.
    expect(messages({ timeout: '5m' })).toBeCloseTo(3 * 3 * 730, 6);
  });
});

describe('the bill grows with the work', () => {
  const cadences = ['1m', '2m', '5m', '10m', '30m', '1h', '6h', '12h', '1d', '7d'] as const;
  const everyIndex = fc.integer({ min: 0, max: cadences.length - 1 });
  const probesOf = (indexes: readonly number[]) =>
    indexes.map((index, n) => scheduled(`p-${n}`, { every: cadences[index] }));
  const cost = (indexes: readonly number[]) => estimateCost(planWith(probesOf(indexes)));

  it('a probe more never costs less, in whole and in part', () => {
    fc.assert(
      fc.property(fc.array(everyIndex, { minLength: 1, maxLength: 25 }), everyIndex, (indexes, more) => {
        const [before, after] = [cost(indexes), cost([...indexes, more])];
        expect(after.marginalUsd).toBeGreaterThan(before.marginalUsd);
        expect(after.fixedUsd).toBeGreaterThanOrEqual(before.fixedUsd);
        expect(after.synthetics.totalUsd).toBeGreaterThan(before.synthetics.totalUsd);
      }),
      { numRuns: 40 },
    );
  });

  it('to run probes more often never costs less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), everyIndex, everyIndex, (probes, one, other) => {
        const [often, seldom] = [Math.min(one, other), Math.max(one, other)];
        const of = (index: number) => estimateCost(planOfMany(probes, { every: cadences[index] ?? '1h' }));
        expect(of(often).totalUsd).toBeGreaterThanOrEqual(of(seldom).totalUsd - 1e-9);
        expect(of(often).marginalUsd).toBeGreaterThanOrEqual(of(seldom).marginalUsd - 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('what is fixed is the same for one probe and for 10,000', () => {
    const of = (count: number) => estimateCost(planOfMany(count, { every: '5m' })).fixed;
    expect(of(10_000)).toEqual(of(1));
  });

  it('300 crons are dispatched by one minute tick', () => {
    const crons = Array.from({ length: 300 }, (_, n) =>
      scheduled(`p-${n}`, { cron: `${n % 60} ${n % 24} * * ${n % 7}` }),
    );
    const [dispatch] = estimateCost(planWith(crons)).fixed;
    const fires = dispatch?.uses.find(({ price }) => price === 'scheduledFire')?.quantity ?? 0;
    expect(fires).toBeCloseTo(43_800, 6);
  });
});
