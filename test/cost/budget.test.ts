import { describe, expect, it } from 'vitest';
import { budgetProblem } from '../../lib/cost/budget.ts';
import { estimateCost } from '../../lib/cost/estimate.ts';
import { formatUsd } from '../../lib/cost/money.ts';
import { planOfMany } from '../support/costing.ts';

const planAt = (monthly?: number) =>
  planOfMany(1000, { every: '1m' }, monthly === undefined ? {} : { budget: { monthly } });

describe('a budget', () => {
  it('that holds says nothing, and nor does none', () => {
    expect(budgetProblem(planAt())).toBeUndefined();
    expect(budgetProblem(planAt(10_000))).toBeUndefined();
  });

  it('that is just enough holds, and a cent less does not', () => {
    const { totalUsd } = estimateCost(planAt());
    expect(budgetProblem(planAt(totalUsd))).toBeUndefined();
    expect(budgetProblem(planAt(totalUsd - 0.01))).toBeDefined();
  });

  it('that does not hold says what a month costs, what most of it is, and what to do', () => {
    const plan = planAt(25);
    const estimate = estimateCost(plan);
    const dearest = [...estimate.fixed, ...estimate.marginal].toSorted((a, b) => b.usd - a.usd)[0];
    const sentence = budgetProblem(plan);
    expect(sentence).toMatch(
      /^a month of this plan costs \$\d+(\.\d\d)?, which is over the budget of \$25\.00; most of it is (.+ \$\d+(\.\d\d)?, ){2}.+: run probes less often, keep less, or raise budget\.monthly/,
    );
    expect(sentence).toContain(`most of it is ${dearest?.what} ${formatUsd(dearest?.usd ?? 0)}`);
  });

  it('is held against the estimate that is at hand', () => {
    expect(budgetProblem(planAt(25), estimateCost(planOfMany(1, { every: '1h' })))).toBeUndefined();
  });
});

describe('money', () => {
  it.each([
    [0, '$0.00'],
    [0.0000037358, '$0.0000037'],
    [0.000999, '$0.0010'],
    [0.0049, '$0.0049'],
    [0.005, '$0.01'],
    [12.345, '$12.35'],
    [999.4, '$999.40'],
    [999.99, '$1,000'],
    [1_234_567.8, '$1,234,568'],
  ])('%d reads %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});
