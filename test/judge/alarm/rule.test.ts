import { describe, expect, it } from 'vitest';
import {
  alarmDescription,
  checkMetricAlarm,
  evaluationRange,
  lowSampleLimit,
  type MetricAlarm,
} from '../../../lib/judge/alarm.ts';

const good: MetricAlarm = {
  name: 'notes-breached-page',
  metric: 'Breached',
  statistic: 'p99',
  periodS: 300,
  datapointsToAlarm: 2,
  evaluationPeriods: 3,
  comparisonOperator: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  treatMissingData: 'ignore',
  evaluateLowSampleCountPercentile: 'ignore',
  description: 'a probe is breached',
  runbook: 'https://runbooks.example/breached',
};

describe('an alarm rule', () => {
  it('that CloudWatch takes has nothing wrong with it', () => {
    expect(checkMetricAlarm(good)).toEqual([]);
    expect(checkMetricAlarm({ ...good, periodS: 10, evaluationPeriods: 8640 })).toEqual([]);
    expect(checkMetricAlarm({ ...good, periodS: 86_400, evaluationPeriods: 7 })).toEqual([]);
  });

  it.each<[string, Partial<MetricAlarm>, string]>([
    ['a period of 45 s', { periodS: 45 }, 'its period is 45 s: 10, 20, 30 or a multiple of 60'],
    ['a period of nothing', { periodS: 0 }, 'its period is 0 s: 10, 20, 30 or a multiple of 60'],
    ['4 of 3', { datapointsToAlarm: 4 }, 'it asks for 4 of 3 datapoints: 1 to all of them'],
    ['0 of 3', { datapointsToAlarm: 0 }, 'it asks for 0 of 3 datapoints: 1 to all of them'],
    [
      'a window over a day',
      { evaluationPeriods: 289 },
      'it looks at 289 × 300 s: at most a day, where its period is under an hour',
    ],
    ['a window over a week', { periodS: 86_400, evaluationPeriods: 8 }, 'it looks at 8 × 86400 s: at most 7 days'],
    ['p101', { statistic: 'p101' }, 'p101 is no percentile: p0 to p100'],
    [
      'low samples of an average',
      { statistic: 'Average' },
      'Average is no percentile, so a low sample count is nothing to it',
    ],
    ['no threshold', { threshold: Number.NaN }, 'its threshold is NaN'],
    ['no metric', { metric: '' }, 'its metric has to have 1 to 255 characters'],
    [
      'a long description',
      { description: 'x'.repeat(1000) },
      'its description has 1043 characters with the runbook: at most 1,024',
    ],
  ])('with %s is told why it would be refused', (_, overrides, problem) => {
    expect(checkMetricAlarm({ ...good, ...overrides })).toEqual([`alarm notes-breached-page: ${problem}`]);
  });

  it('looks two periods further back than it evaluates', () => {
    expect(evaluationRange(good)).toBe(5);
  });

  it('shows its runbook to whoever is woken', () => {
    expect(alarmDescription(good)).toBe('a probe is breached\nRunbook: https://runbooks.example/breached');
  });

  it.each([
    [50, 20],
    [90, 100],
    [95, 200],
    [99, 1000],
    [99.9, 10_000],
    [10, 100],
    [1, 1000],
    [100, Number.POSITIVE_INFINITY],
    [0, Number.POSITIVE_INFINITY],
  ])('p%d needs %d samples in a period', (percentile, samples) => {
    expect(lowSampleLimit(percentile)).toBe(samples);
  });
});
