import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlarmCondition,
  type Datapoint,
  evaluateAlarm,
  evaluationRange,
  type MetricAlarm,
  type MissingDataTreatment,
} from '../../lib/judge/alarm.ts';

const treatments = [
  'missing',
  'ignore',
  'breaching',
  'notBreaching',
] as const satisfies readonly MissingDataTreatment[];
const conditions: readonly AlarmCondition[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

const limit = 400;

const ruleOf = (overrides: Partial<MetricAlarm> = {}): MetricAlarm => ({
  name: 'slow',
  metric: 'Latency',
  statistic: 'Maximum',
  periodS: 300,
  datapointsToAlarm: 3,
  evaluationPeriods: 3,
  comparisonOperator: 'GreaterThanThreshold',
  threshold: limit,
  treatMissingData: 'missing',
  description: 'answers are slow',
  ...overrides,
});

/** As the guide writes them, oldest first: `0` is within the threshold, `X` over it, `-` is missing. */
const datapointsOf = (pattern: string): readonly Datapoint[] =>
  pattern
    .replaceAll(' ', '')
    .split('')
    .map((mark, index) => ({
      startMs: index * 300_000,
      value: mark === '-' ? null : mark === 'X' ? limit + 100 : limit - 100,
      samples: mark === '-' ? 0 : 1,
    }));

const evaluate = (pattern: string, overrides: Partial<MetricAlarm>, before: AlarmCondition = 'OK') =>
  evaluateAlarm(ruleOf(overrides), before, datapointsOf(pattern));

type Told = AlarmCondition | 'retain';
type Row = readonly [pattern: string, filled: number, missing: Told, ignore: Told, breaching: Told, notBreaching: Told];

const verify = ([pattern, filled, ...told]: Row, datapointsToAlarm: number): void => {
  for (const [index, treatMissingData] of treatments.entries()) {
    for (const before of conditions) {
      const found = evaluate(pattern, { datapointsToAlarm, treatMissingData }, before);
      const expected = told[index] === 'retain' ? before : told[index];
      expect([treatMissingData, before, found.state], found.reason).toEqual([treatMissingData, before, expected]);
      expect(found.filled).toBe(filled);
    }
  }
};

// "Configuring how CloudWatch alarms treat missing data" of CloudWatch's user guide: an evaluation range of 5, the newest
// datapoint at the right, and how many have to be filled in. Columns: missing, ignore, breaching, notBreaching.
describe("the guide's table of 3 out of 3", () => {
  it.each<Row>([
    ['0 - X - X', 0, 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 2, 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 3, 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK'],
    ['0 X X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 2, 'ALARM', 'retain', 'ALARM', 'OK'],
  ])('row %$ holds: %s, %i to fill in: missing %s, ignore %s, breaching %s, notBreaching %s', (...row) =>
    verify(row, 3),
  );

  it.each<Row>([
    ['- - - - X', 2, 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK'],
    ['X - - - -', 2, 'ALARM', 'retain', 'ALARM', 'OK'],
  ])(
    'a row of its older editions holds: %s, %i to fill in: missing %s, ignore %s, breaching %s, notBreaching %s',
    (...row) => verify(row, 3),
  );
});

describe("the guide's table of 2 out of 3", () => {
  it.each<Row>([
    ['0 - X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 1, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 2, 'ALARM', 'retain', 'ALARM', 'OK'],
  ])('row %$ holds: %s, %i to fill in: missing %s, ignore %s, breaching %s, notBreaching %s', (...row) =>
    verify(row, 2),
  );

  it.each<Row>([['- - - - X', 2, 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']])(
    'a row of its older editions holds: %s, %i to fill in: missing %s, ignore %s, breaching %s, notBreaching %s',
    (...row) => verify(row, 2),
  );
});

describe("the guide's words on premature alarms, at 3 out of 3", () => {
  it.each(['- - - - X', '- - - X -', '- - - X 0', '- - X - 0'])('%s raises nothing', (pattern) => {
    expect(evaluate(pattern, {}).state).not.toBe('ALARM');
  });

  it('- - X - - raises, though only one datapoint is there', () => {
    const { state, evaluated, reason } = evaluate('- - X - -', {});
    expect([state, evaluated.length]).toEqual(['ALARM', 1]);
    expect(reason).toBe('datapoints 500: 1 > 400, 2 missing; no good one came in 3 periods');
  });

  it.each(treatments)(
    'two of three that are bad raise it at once, with the third missing and %s',
    (treatMissingData) => {
      const rule = { datapointsToAlarm: 2, treatMissingData };
      for (const pattern of ['- - - X X', '- X - - X']) expect(evaluate(pattern, rule).state).toBe('ALARM');
    },
  );

  it('the sentence under the table holds: 0 - - - - goes to ALARM when the good one leaves the range', () => {
    const rule = { treatMissingData: 'breaching' } as const;
    expect(evaluate('0 - - - -', rule).state).toBe('OK');
    expect(evaluate('0 - - - - -', rule).state).toBe('ALARM');
  });
});

describe("the guide's figure of 3 out of 3, period by period", () => {
  it('raises at the third datapoint over the threshold, clears at the first below, and one alone raises nothing', () => {
    const history = '0 0 X X X 0 0 0 X 0'.split(' ');
    const states = history.map((_, index) => evaluate(history.slice(0, index + 1).join(' '), {}).state);
    expect(states.slice(4)).toEqual(['ALARM', 'OK', 'OK', 'OK', 'OK', 'OK']);
    expect(states.slice(2, 4)).not.toContain('ALARM');
  });
});

describe('a rule says no to what is good, and yes to what is not', () => {
  it.each([
    ['GreaterThanThreshold', 401, 400],
    ['GreaterThanOrEqualToThreshold', 400, 399],
    ['LessThanThreshold', 399, 400],
    ['LessThanOrEqualToThreshold', 400, 401],
  ] as const)('%s 400: %i breaches, %i does not', (comparisonOperator, bad, good) => {
    const rule = ruleOf({ comparisonOperator, datapointsToAlarm: 1, evaluationPeriods: 1 });
    const of = (value: number) => evaluateAlarm(rule, 'OK', [{ startMs: 0, value, samples: 1 }]).state;
    expect([of(bad), of(good)]).toEqual(['ALARM', 'OK']);
  });

  it('tells the figures, the limit and what was asked', () => {
    expect(evaluate('0 X X', { datapointsToAlarm: 2 }).reason).toBe(
      'datapoints 300, 500, 500: 2 > 400; 2 of 3 raise it',
    );
    expect(evaluate('0 - X - -', { datapointsToAlarm: 2, treatMissingData: 'breaching' }).reason).toBe(
      'datapoints 300, 500: 1 > 400, 1 missing, taken as breaching; 2 of 3 raise it',
    );
    expect(evaluate('- - - - -', { treatMissingData: 'ignore' }, 'ALARM').reason).toBe(
      'no datapoint in the last 5 periods; it stays ALARM',
    );
  });
});

describe('a percentile of too few samples', () => {
  const p95 = (samples: readonly number[], overrides: Partial<MetricAlarm> = {}, before: AlarmCondition = 'OK') =>
    evaluateAlarm(
      ruleOf({ statistic: 'p95', evaluateLowSampleCountPercentile: 'ignore', ...overrides }),
      before,
      samples.map((count, index) => ({ startMs: index, value: 500, samples: count })),
    );

  it('moves nothing where the rule ignores it, whatever the alarm was', () => {
    for (const before of conditions) expect(p95([500, 500, 199], {}, before).state).toBe(before);
    expect(p95([500, 500, 199]).reason).toBe('p95 of 199 samples is nothing to go by: it takes 200; it stays OK');
  });

  it('is held against a rule in none of the periods that would decide', () => {
    expect(p95([199, 500, 500]).state).toBe('OK');
    expect(p95([199, 500, 500, 500]).state).toBe('ALARM');
  });

  it('is judged all the same where the rule says so or nothing, and with just enough', () => {
    expect(p95([1, 1, 1], { evaluateLowSampleCountPercentile: 'evaluate' }).state).toBe('ALARM');
    const { evaluateLowSampleCountPercentile: _, ...plain } = ruleOf({ statistic: 'p95' });
    const thin = [0, 1, 2].map((startMs) => ({ startMs, value: 500, samples: 1 }));
    expect(evaluateAlarm(plain, 'OK', thin).state).toBe('ALARM');
    expect(p95([200, 200, 200]).state).toBe('ALARM');
  });

  it('is nothing to a statistic that is no percentile', () => {
    expect(p95([1, 1, 1], { statistic: 'Average' }).state).toBe('ALARM');
  });
});

const anyRule = fc
  .record({
    n: fc.integer({ min: 1, max: 6 }),
    m: fc.nat(5),
    treatMissingData: fc.constantFrom(...treatments),
  })
  .map(({ n, m, treatMissingData }) =>
    ruleOf({ evaluationPeriods: n, datapointsToAlarm: 1 + (m % n), treatMissingData }),
  );
const marksOf = (...marks: readonly string[]) =>
  fc.array(fc.constantFrom(...marks), { minLength: 8, maxLength: 12 }).map((all) => all.join(' '));
const anyCondition = fc.constantFrom(...conditions);

describe('whatever the rule and the data', () => {
  it('the four treatments agree when nothing is missing, and M of N alone decides', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X'), anyCondition, (rule, pattern, before) => {
        const datapoints = datapointsOf(pattern);
        const bad = datapoints.slice(-rule.evaluationPeriods).filter(({ value }) => (value ?? 0) > limit).length;
        for (const treatMissingData of treatments) {
          const { state } = evaluateAlarm({ ...rule, treatMissingData }, before, datapoints);
          expect(state).toBe(bad >= rule.datapointsToAlarm ? 'ALARM' : 'OK');
        }
      }),
    );
  });

  it('the treatments agree as well where the range holds N real datapoints in spite of gaps', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X', '-'), anyCondition, (rule, pattern, before) => {
        const range = datapointsOf(pattern).slice(-evaluationRange(rule));
        fc.pre(range.filter(({ value }) => value !== null).length >= rule.evaluationPeriods);
        const states = treatments.map(
          (treatMissingData) => evaluateAlarm({ ...rule, treatMissingData }, before, range).state,
        );
        expect(new Set(states).size).toBe(1);
      }),
    );
  });

  it('what is older than the evaluation range changes nothing', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X', '-'), anyCondition, (rule, pattern, before) => {
        const datapoints = datapointsOf(pattern);
        expect(evaluateAlarm(rule, before, datapoints)).toEqual(
          evaluateAlarm(rule, before, datapoints.slice(-evaluationRange(rule))),
        );
      }),
    );
  });

  it('only ignore asks what the alarm was, and evaluating again changes nothing', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X', '-'), anyCondition, (rule, pattern, before) => {
        const datapoints = datapointsOf(pattern);
        const { state } = evaluateAlarm(rule, before, datapoints);
        expect(evaluateAlarm(rule, state, datapoints).state).toBe(state);
        if (rule.treatMissingData === 'ignore') return;
        expect(conditions.map((one) => evaluateAlarm(rule, one, datapoints).state)).toEqual([state, state, state]);
      }),
    );
  });

  it('a worse datapoint never clears an alarm, and breaching never says less than notBreaching', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X', '-'), fc.nat(), (rule, pattern, at) => {
        const marks = pattern.split(' ');
        const worse = marks.with(
          at % marks.length,
          marks[at % marks.length] === '0' ? 'X' : (marks[at % marks.length] ?? '-'),
        );
        const isAlarm = (all: readonly string[], treatMissingData: MissingDataTreatment) =>
          evaluateAlarm({ ...rule, treatMissingData }, 'OK', datapointsOf(all.join(' '))).state === 'ALARM';
        for (const treatment of ['breaching', 'notBreaching', 'missing'] as const) {
          if (isAlarm(marks, treatment)) expect(isAlarm(worse, treatment)).toBe(true);
        }
        if (isAlarm(marks, 'notBreaching')) expect(isAlarm(marks, 'breaching')).toBe(true);
      }),
    );
  });

  it('evaluates real datapoints alone, the newest of them, and with the filled ones N', () => {
    fc.assert(
      fc.property(anyRule, marksOf('0', 'X', '-'), anyCondition, (rule, pattern, before) => {
        const { evaluated, filled } = evaluateAlarm(rule, before, datapointsOf(pattern));
        expect(evaluated.length + filled).toBe(rule.evaluationPeriods);
        const real = datapointsOf(pattern)
          .slice(-evaluationRange(rule))
          .filter(({ value }) => value !== null);
        expect(evaluated.map(({ startMs }) => startMs)).toEqual(
          real.slice(-rule.evaluationPeriods).map(({ startMs }) => startMs),
        );
      }),
    );
  });
});
