import { describe, expect, it } from 'vitest';
import { type CostOptions, estimateCost, priceCharges } from '../../lib/cost/estimate.ts';
import { metricMonthsOf } from '../../lib/cost/inventory.ts';
import { prices } from '../../lib/cost/prices.ts';
import { fieldKeys, fieldModel, planOfMany, unbatched } from '../support/costing.ts';

/*
 * The table of field/aws.md §4, from its inputs through the functions of the real estimate. It was made by hand: where it
 * says `rounded`, the figure of a run was rounded to three digits first ($3.74e-6, $1.30e-5), and its storage added after;
 * that moves the last digit printed by one (in 10 × 1/min by two), 0.4 % at most. All others come out as they are.
 */
type Row = {
  readonly every: string;
  readonly probes: number;
  readonly lean: string;
  readonly rich: string;
  readonly synthetics: string;
  readonly rounded?: true;
};

const row = (every: string, probes: number, lean: string, rich: string, synthetics: string, rounded?: true): Row => ({
  every,
  probes,
  lean,
  rich,
  synthetics,
  ...(rounded ? { rounded } : {}),
});

const table: readonly Row[] = [
  row('1m', 10, '5.80', '13.80', '526', true),
  row('1m', 100, '17.46', '97', '5256'),
  row('1m', 1000, '175', '975', '52560'),
  row('1m', 10_000, '1746', '7746', '525600'),
  row('5m', 10, '1.16', '9.16', '105'),
  row('5m', 100, '3.50', '83.5', '1051', true),
  row('5m', 1000, '35', '835', '10512'),
  row('5m', 10_000, '350', '6350', '105120', true),
  row('1h', 10, '0.13', '8.13', '8.76'),
  row('1h', 100, '0.29', '80', '87.6'),
  row('1h', 1000, '2.91', '803', '876'),
  row('1h', 10_000, '29', '6029', '8760'),
  row('7d', 10, '0.00', '2.04', '0.05'),
  row('7d', 100, '0.00', '20', '0.52'),
  row('7d', 1000, '0.02', '204', '5.21'),
  row('7d', 10_000, '0.17', '2036', '52'),
];

/** With the digits that the table printed. */
const asPrinted = (usd: number, printed: string): string => usd.toFixed(printed.split('.')[1]?.length ?? 0);

/** Few probes have a schedule each, and are cold when it fires once an hour or less. */
const optionsOf = ({ every, probes }: Row): CostOptions => {
  if (probes > 10) return { model: fieldModel };
  const cold = every === '1h' || every === '7d';
  return { model: { ...fieldModel, ...unbatched, coldStartsPerHour: cold ? Number.POSITIVE_INFINITY : 0 } };
};

const estimateOf = (each: Row, more: Partial<CostOptions> = {}) =>
  estimateCost(planOfMany(each.probes, { every: each.every }, fieldKeys), { ...optionsOf(each), ...more });

const storageOf = ({ marginal }: ReturnType<typeof estimateOf>): number =>
  marginal.find(({ what }) => what.startsWith('stored'))?.usd ?? 0;

const leanOf = (each: Row): number => {
  const estimate = estimateOf(each);
  if (!each.rounded) return estimate.marginalUsd;
  const storageUsd = storageOf(estimate);
  const perRunUsd = Number(((estimate.marginalUsd - storageUsd) / estimate.runs).toPrecision(3));
  return perRunUsd * estimate.runs + storageUsd;
};

/** Two metrics and two alarms more for each probe. */
const richOf = (each: Row): number => {
  const runs = estimateOf(each).runs / each.probes;
  const metricMonth = 2 * each.probes * metricMonthsOf(runs, 730);
  const [own] = priceCharges([{ what: 'own', quantities: { metricMonth, alarmMonth: 2 * each.probes } }]);
  return leanOf(each) + (own?.usd ?? 0);
};

describe('the price table of the field notes comes out of its inputs', () => {
  it.each(table)('$probes probes every $every: lean $lean', (each) => {
    expect(asPrinted(leanOf(each), each.lean)).toBe(each.lean);
    // Whether or not a figure was rounded on the way.
    expect(Math.abs(estimateOf(each).marginalUsd - leanOf(each))).toBeLessThanOrEqual(0.004 * leanOf(each));
  });

  it.each(table)('$probes probes every $every: rich $rich', (each) => {
    expect(asPrinted(richOf(each), each.rich)).toBe(each.rich);
  });

  it.each(table)('$probes probes every $every: Synthetics $synthetics for its runs alone', (each) => {
    const [runs] = estimateOf(each).synthetics.lines;
    expect(runs?.what).toBe('canary runs');
    expect(asPrinted(runs?.usd ?? 0, each.synthetics)).toBe(each.synthetics);
  });

  it('and only three of its figures were rounded on the way', () => {
    const exact = table.filter((each) => asPrinted(estimateOf(each).marginalUsd, each.lean) === each.lean);
    expect(table.filter((each) => !exact.includes(each))).toEqual(table.filter(({ rounded }) => rounded));
    expect(exact).toHaveLength(13);
  });
});

describe('a run of the field notes, part by part', () => {
  const perRun = (probes: number, cold = 0) => {
    const model = { ...(probes > 10 ? fieldModel : { ...fieldModel, ...unbatched }), coldStartsPerHour: cold };
    const { marginal, runs } = estimateCost(planOfMany(probes, { every: '1m' }, fieldKeys), { model });
    return Object.fromEntries(marginal.map(({ what, usd }) => [what, Number((usd / runs).toPrecision(3))]));
  };

  it('in a batch: 0.14 s and a tenth of an invocation, three requests of the queue and one PUT for ten', () => {
    expect(perRun(100)).toEqual({
      'probe function': 9.53e-7,
      'work queue': 1.2e-7,
      'table reads and writes': 1.31e-6,
      'raw samples put': 5e-7,
      'stored runs and samples': 2.5e-7,
      logs: 4e-7,
      'traffic to the targets': 4.5e-7,
    });
  });

  it('by itself: its own fire, 0.65 s and its own PUT; cold, 1.25 s', () => {
    // 4.33e-6 of compute, 2e-7 of an invocation, 1e-6 of a fire.
    expect(perRun(10)).toMatchObject({ 'probe function': 5.53e-6, 'raw samples put': 5e-6, logs: 7.5e-7 });
    expect(perRun(10, Number.POSITIVE_INFINITY)).toMatchObject({ 'probe function': 9.53e-6 });
  });
});

describe('the table would not come out', () => {
  const reproduced = ({ prices: planted, model }: Pick<CostOptions, 'prices' | 'model'>): number =>
    table.filter((each) => {
      const { model: usual } = optionsOf(each);
      const options = { model: { ...usual, ...model }, ...(planted ? { prices: planted } : {}) };
      return !each.rounded && asPrinted(estimateOf(each, options).marginalUsd, each.lean) === each.lean;
    }).length;

  it.each<[string, Pick<CostOptions, 'prices' | 'model'>]>([
    ['a write unit cost a tenth more', { prices: { ...prices, writeUnit: { ...prices.writeUnit, usd: 0.6875 } } }],
    ['an object cost nothing', { prices: { ...prices, objectPut: { ...prices.objectPut, usd: 0 } } }],
    ['a run stored two kilobytes', { model: { runItemBytes: 2000 } }],
    ['runs were measured one after another', { model: { sideBySide: 1 } }],
    ['five requests of the queue were needed', { model: { queueRequestsPerMessage: 5 } }],
  ])('if %s', (_, planted) => {
    expect(reproduced({})).toBe(13);
    expect(reproduced(planted)).toBeLessThan(10);
  });
});
