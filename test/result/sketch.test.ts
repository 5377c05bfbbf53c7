import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLatencies, nearestRank } from '../../lib/result/percentiles.ts';
import {
  add,
  fromData,
  mergeSketches,
  newSketch,
  quantile,
  type SketchData,
  shareAbove,
  sketchAlpha,
  sketchOf,
  toData,
} from '../../lib/result/sketch.ts';

/** 1 µs to 1 h, as likely in each decade; zeros and whole milliseconds (1 ms is key 0) now and then. */
const latencyMs = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.double({ min: -3, max: Math.log10(3_600_000), noNaN: true }).map((exponent) => 10 ** exponent),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }) },
);
const latencies = fc.array(latencyMs, { maxLength: 200 });
const someLatencies = fc.array(latencyMs, { minLength: 1, maxLength: 200 });

/** All of a sketch but `sum`, whose last bits depend on the order of addition. */
const exactPart = ({ sum: _, ...rest }: SketchData) => rest;
const binned = (data: SketchData) =>
  data.bins.reduce((total, [, ...counts]) => total + counts.reduce((a, b) => a + b, 0), data.zeros);
const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const shareOver = (values: readonly number[], limit: number) =>
  values.filter((value) => value > limit).length / values.length;

describe('a sketch', () => {
  it('counts every value and keeps the sum and both ends exactly', () => {
    fc.assert(
      fc.property(someLatencies, (values) => {
        const data = sketchOf(values);
        expect(data.count).toBe(values.length);
        expect(binned(data)).toBe(values.length);
        expect(data.min).toBe(Math.min(...values));
        expect(data.max).toBe(Math.max(...values));
        expect(data.sum).toBe(sumOf(values));
      }),
    );
  });

  it('finds every quantile within alpha of the exact nearest rank', () => {
    const share = fc.oneof(
      fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 0.999, 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(someLatencies, share, (values, q) => {
        const exact = values.toSorted(compareLatencies)[nearestRank(q, values.length) - 1] ?? Number.NaN;
        const found = quantile(sketchOf(values), q) ?? Number.NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * sketchAlpha * (1 + 1e-9));
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact at both ends and for one value', () => {
    const data = sketchOf([12.34, 56.78, 91.01]);
    expect([quantile(data, 0), quantile(data, 1)]).toEqual([12.34, 91.01]);
    expect(quantile(sketchOf([0.0012]), 0.5)).toBe(0.0012);
  });

  it('keeps to nearest rank where the library would take the value below', () => {
    const data = sketchOf(Array.from({ length: 10 }, (_, index) => (index + 1) * 100));
    expect(quantile(data, 0.95)).toBe(1000);
    expect(quantile(data, 0.9)).toBeLessThan(910);
  });

  it('has no quantile and no share when empty', () => {
    const empty = toData(newSketch());
    expect(empty).toEqual({ alpha: 0.01, count: 0, sum: 0, min: null, max: null, zeros: 0, bins: [] });
    expect(quantile(empty, 0.5)).toBeNull();
    expect(shareAbove(empty, 1)).toBeNull();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1])(
    'refuses %d and stays as it was',
    (value) => {
      const sketch = newSketch();
      add(sketch, 5);
      expect(() => add(sketch, value)).toThrow(new RangeError(`a sketch takes latencies of 0 ms and up, not ${value}`));
      expect(toData(sketch)).toEqual(sketchOf([5]));
    },
  );

  it.each([-0.1, 1.1, Number.NaN])('refuses the quantile %d', (q) => {
    expect(() => quantile(sketchOf([1, 2, 3]), q)).toThrow(RangeError);
  });

  it('keeps a thousand samples in less than 1 kB', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 80 * Math.exp(Math.sin(index * 12.9898)));
    expect(JSON.stringify(sketchOf(values)).length).toBeLessThan(1000);
  });
});

describe('sketch data', () => {
  it('survives JSON and goes on where it stopped', () => {
    fc.assert(
      fc.property(latencies, latencies, (before, after) => {
        const revived: SketchData = JSON.parse(JSON.stringify(sketchOf(before)));
        expect(revived).toEqual(sketchOf(before));
        const sketch = fromData(revived);
        expect(toData(sketch)).toEqual(revived);
        for (const value of after) add(sketch, value);
        expect(exactPart(toData(sketch))).toEqual(exactPart(sketchOf([...before, ...after])));
      }),
    );
  });

  const sound = sketchOf([1, 2, 3]);
  it.each<[string, SketchData]>([
    ['a count that is off', { ...sound, count: 4 }],
    ['a key beyond any number', { ...sound, bins: [[1e12, 3]] }],
    ['a bin of nothing', { ...sound, bins: [[0, 3, 0]] }],
    ['a bin of halves', { ...sound, bins: [[0, 1.5, 1.5]] }],
    [
      'bins out of order',
      {
        ...sound,
        bins: [
          [9, 2],
          [1, 1],
        ],
      },
    ],
    ['ends the wrong way round', { ...sound, min: 3, max: 1 }],
    ['values without ends', { ...sound, min: null, max: null }],
    ['a sum that is no number', { ...sound, sum: Number.NaN }],
  ])('is refused with %s', (_, data) => {
    expect(() => fromData(data)).toThrow('damaged sketch');
    expect(() => mergeSketches([sound, data])).toThrow('damaged sketch');
  });
});

describe('merged sketches', () => {
  it('are the sketch of all their values', () => {
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 5 }), (groups) => {
        const all = groups.flat();
        const merged = mergeSketches(groups.map((group) => sketchOf(group)));
        expect(exactPart(merged)).toEqual(exactPart(sketchOf(all)));
        expect(Math.abs(merged.sum - sumOf(all))).toBeLessThanOrEqual(sumOf(all) * 1e-12);
      }),
    );
  });

  it('do not depend on order or grouping', () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (a, b, c) => {
        const [x, y, z] = [sketchOf(a), sketchOf(b), sketchOf(c)];
        expect(mergeSketches([x, y])).toEqual(mergeSketches([y, x]));
        const left = mergeSketches([mergeSketches([x, y]), z]);
        const right = mergeSketches([x, mergeSketches([y, z])]);
        expect(exactPart(left)).toEqual(exactPart(right));
        expect(exactPart(left)).toEqual(exactPart(mergeSketches([z, y, x])));
      }),
    );
  });

  it('keep 1 ms, which is key 0 and which the merge of the library would lose', () => {
    const [below, around] = [sketchOf([0.001]), sketchOf([0.0005, 1])];
    expect(mergeSketches([below, around])).toMatchObject({ count: 3, min: 0.0005, max: 1 });
    expect(binned(mergeSketches([below, around]))).toBe(3);
  });

  it('of nothing are an empty sketch', () => {
    expect(mergeSketches([])).toEqual(toData(newSketch()));
  });

  it('refuse another alpha', () => {
    const coarse = newSketch(0.02);
    add(coarse, 5);
    expect(() => mergeSketches([sketchOf([5]), toData(coarse)])).toThrow(
      'sketches of alpha 0.01 and 0.02 do not merge: start a new baseline',
    );
  });
});

describe('the share above a value', () => {
  const gamma = (1 + sketchAlpha) / (1 - sketchAlpha);

  it('lies between the exact shares at the two ends of its bin', () => {
    fc.assert(
      fc.property(someLatencies, latencyMs, (values, limit) => {
        const share = shareAbove(sketchOf(values), limit) ?? Number.NaN;
        expect(share).toBeGreaterThanOrEqual(shareOver(values, limit * gamma * (1 + 1e-9)) - 1e-12);
        expect(share).toBeLessThanOrEqual(shareOver(values, (limit / gamma) * (1 - 1e-9)) + 1e-12);
      }),
      { numRuns: 1000 },
    );
  });

  it('never grows with the value', () => {
    fc.assert(
      fc.property(someLatencies, latencyMs, latencyMs, (values, a, b) => {
        const data = sketchOf(values);
        expect(shareAbove(data, Math.max(a, b))).toBeLessThanOrEqual(shareAbove(data, Math.min(a, b)) ?? Number.NaN);
      }),
    );
  });

  it('is exact outside the values, and where they are all the same', () => {
    const same = sketchOf([100, 100, 100]);
    expect([shareAbove(same, 99.999), shareAbove(same, 100), shareAbove(same, 100.001)]).toEqual([1, 0, 0]);
    expect(shareAbove(sketchOf([0, 0, 5, 5]), 0)).toBe(0.5);
    expect(shareAbove(same, Number.POSITIVE_INFINITY)).toBe(0);
  });

  it('refuses NaN', () => {
    expect(() => shareAbove(sketchOf([1]), Number.NaN)).toThrow(RangeError);
  });
});
