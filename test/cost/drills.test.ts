import { describe, expect, it } from 'vitest';
import { estimateCost } from '../../lib/cost/estimate.ts';
import { countResources, resourcesOf } from '../../lib/cost/resources.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { planOf } from '../support/probing.ts';

const planWith = (schedule?: object) =>
  planOf(
    cloudDrillConfig([], {
      drills: [
        { id: 'restart', target: 'notes', restart: hook, rto: '30s', rpo: '0s', ...(schedule ? { schedule } : {}) },
      ],
    }),
  );

const lineOf = (schedule?: object) =>
  estimateCost(planWith(schedule)).fixed.find(({ what }) => what === 'drills by schedule');

describe('what drills cost', () => {
  it('is nothing but resources while nobody asks for one, and a few cents for one each week', () => {
    expect(lineOf()).toBeUndefined();
    const weekly = lineOf({ cron: '0 3 * * 2' });
    expect(weekly?.usd).toBeGreaterThan(0.01);
    expect(weekly?.usd).toBeLessThan(0.1);
    expect(weekly?.uses.map(({ price }) => price)).toContain('stateTransition');
  });

  it('has one alarm more where they have a schedule', () => {
    const alarms = (schedule?: object) =>
      estimateCost(planWith(schedule))
        .fixed.find(({ what }) => what === 'alarms')
        ?.uses.find(({ price }) => price === 'alarmMonth')?.quantity;
    expect([alarms(), alarms({ every: '7d' })]).toEqual([10, 11]);
  });

  it('is reckoned, and costs nothing by the run, where there is no probe at all', () => {
    const { probes: _, ...alone } = cloudDrillConfig([hook]);
    const estimate = estimateCost(planOf(alone));
    expect([estimate.runs, estimate.perRunUsd, estimate.marginal]).toEqual([0, null, []]);
    expect(estimate.fixedUsd).toBeGreaterThan(1);
  });

  it('grows with how often they are', () => {
    const [weekly, daily] = [lineOf({ every: '7d' }), lineOf({ every: '1d' })];
    expect((daily?.usd ?? 0) / (weekly?.usd ?? 1)).toBeGreaterThan(4);
  });

  it('is in the count of resources, and stays under the most that a stack has', () => {
    const without = countResources(resourcesOf(planOf(cloudDrillConfig([]))));
    expect(countResources(resourcesOf(planWith())) - without).toBe(13);
    expect(countResources(resourcesOf(planWith({ every: '7d' }))) - without).toBe(17);
  });
});
