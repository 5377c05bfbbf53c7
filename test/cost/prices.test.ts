import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTill, type PriceName, prices, priceTable } from '../../lib/cost/prices.ts';

const names = Object.keys(prices) as PriceName[];
const bill = (name: PriceName, quantity: number, freeTier = false): number =>
  openTill(prices, freeTier)(name, quantity);

describe('the price table', () => {
  it('has a date, a region and, for each price, a page of AWS that says so', () => {
    expect(Number.isNaN(Date.parse(priceTable.date))).toBe(false);
    expect(priceTable.region).toBe('us-east-1');
    for (const { source, usd, per, unit } of Object.values(prices)) {
      expect(source).toMatch(/^(AWS|Amazon) .+ pricing: .+/);
      expect([usd > 0, per >= 1, unit.length > 0]).toEqual([true, true, true]);
    }
  });

  it('has tiers that grow and grow cheaper', () => {
    const { usd, tiers } = prices.metricMonth;
    expect(tiers.map(({ from }) => from)).toEqual(tiers.map(({ from }) => from).toSorted((a, b) => a - b));
    const all = [usd, ...tiers.map((tier) => tier.usd)];
    expect(all).toEqual(all.toSorted((a, b) => b - a));
  });
});

describe('a till', () => {
  it.each<[string, PriceName, number, number]>([
    ['a million invocations', 'invocation', 1_000_000, 0.2],
    ['a thousand objects', 'objectPut', 1000, 0.005],
    ['ten thousand metrics', 'metricMonth', 10_000, 3000],
    ['ten thousand metrics more, for less', 'metricMonth', 20_000, 4000],
    ['300,000 metrics, over two tiers', 'metricMonth', 300_000, 3000 + 24_000 + 2500],
    ['nothing', 'metricMonth', 0, 0],
  ])('asks for %s', (_, name, quantity, usd) => {
    expect(bill(name, quantity)).toBeCloseTo(usd, 9);
  });

  it.each<[PriceName, number, number]>([
    ['alarmMonth', 10, 0],
    ['alarmMonth', 12, 0.2],
    ['metricMonth', 11, 0.3],
    ['metricMonth', 10_001, 2997 + 0.1],
    ['invocation', 1_000_000, 0],
    ['writeUnit', 1_000_000, 0.625],
  ])('takes off what is free for good: %s × %i costs %f', (name, quantity, usd) => {
    expect(bill(name, quantity, true)).toBeCloseTo(usd, 9);
  });

  it('uses up tiers and free units over several purchases, as if they were one', () => {
    const purchases = fc.array(fc.double({ min: 0, max: 400_000, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...names), purchases, fc.boolean(), (name, quantities, freeTier) => {
        const till = openTill(prices, freeTier);
        const parts = quantities.reduce((sum, quantity) => sum + till(name, quantity), 0);
        const whole = bill(
          name,
          quantities.reduce((sum, quantity) => sum + quantity, 0),
          freeTier,
        );
        expect(parts).toBeCloseTo(whole, 4);
      }),
    );
  });

  it('never asks for less when more is bought, and never for more when some of it is free', () => {
    const quantity = fc.double({ min: 0, max: 2_000_000, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...names), quantity, quantity, (name, some, more) => {
        expect(bill(name, some + more)).toBeGreaterThanOrEqual(bill(name, some));
        expect(bill(name, some, true)).toBeLessThanOrEqual(bill(name, some) + 1e-9);
      }),
    );
  });
});
