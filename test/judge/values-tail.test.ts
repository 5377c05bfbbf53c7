import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addResidual,
  emptyTail,
  fitTail,
  openTail,
  residualAt,
  surprise,
} from '../../lib/judge/regression/values/tail.ts';
import { normals } from './values-series.ts';

const tailOf = (residuals: readonly number[], keep = 1000) => {
  const tail = openTail(emptyTail);
  for (const residual of residuals) addResidual(tail, residual, keep);
  return tail;
};

const normal = normals(7);
const quiet = tailOf(Array.from({ length: 900 }, () => 0.1 * normal()));

describe('how far a series strays', () => {
  it('is little surprising where it has been, and the more the farther out', () => {
    const strays = fitTail(quiet, 1);
    expect(surprise(strays, -0.5)).toBe(0);
    expect(surprise(strays, 0.1)).toBeLessThan(2.5);
    expect(surprise(strays, 0.5)).toBeGreaterThan(5);
  });

  it('says nothing from fewer than eight residuals', () => {
    expect(surprise(fitTail(tailOf([0, 0, 0, 0, 0, 0, 0]), 1), 100)).toBe(0);
    expect(residualAt(fitTail(tailOf([0]), 1), 5)).toBeUndefined();
  });

  it('knows bursts, rare as they are, once it has seen them', () => {
    const bursts = tailOf([
      ...Array.from({ length: 970 }, () => 0.1 * normal()),
      ...Array.from({ length: 30 }, () => 1.5),
    ]);
    expect(surprise(fitTail(quiet, 1), 1.5)).toBeGreaterThan(10);
    expect(surprise(fitTail(bursts, 1), 1.5)).toBeLessThan(4);
  });

  it('forgets by halves', () => {
    const old = openTail(tailOf(Array.from({ length: 150 }, () => 1)));
    for (let index = 0; index < 1200; index++) addResidual(old, 0, 100);
    expect(old.total).toBeLessThanOrEqual(200);
    expect(surprise(fitTail(old, 1), 1)).toBeGreaterThan(4);
  });

  it('never surprises less farther out', () => {
    const residual = fc.double({ min: -1, max: 4, noNaN: true });
    fc.assert(
      fc.property(fc.array(residual, { maxLength: 400 }), residual, residual, (residuals, one, other) => {
        const strays = fitTail(tailOf(residuals), 3);
        expect(surprise(strays, Math.max(one, other))).toBeGreaterThanOrEqual(surprise(strays, Math.min(one, other)));
      }),
    );
  });

  it('is over a limit a little beyond the residual that it names, and not before', () => {
    const residuals = fc.array(fc.double({ min: -0.5, max: 1, noNaN: true }), { minLength: 20, maxLength: 400 });
    fc.assert(
      fc.property(residuals, fc.double({ min: 2, max: 9, noNaN: true }), (seen, limit) => {
        const strays = fitTail(tailOf(seen), 1);
        const at = residualAt(strays, limit) ?? Number.NaN;
        expect(surprise(strays, at + 1e-6)).toBeGreaterThanOrEqual(limit - 1e-6);
        // A bin is as far as the record can tell.
        expect(surprise(strays, at - 0.02 - 0.16 * Math.abs(at))).toBeLessThanOrEqual(limit + 1e-6);
      }),
    );
  });
});
