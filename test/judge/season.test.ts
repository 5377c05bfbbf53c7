import { describe, expect, it } from 'vitest';
import {
  fitSeason,
  learnSeason,
  type SeasonPoint,
  seasonFactor,
  seasonLog,
} from '../../lib/judge/regression/season.ts';
import { dayMs, hourMs, mondayMs, type Point, seasonal, series } from './values-series.ts';

const logsOf = (points: readonly Point[]): readonly SeasonPoint[] =>
  points.map(({ atMs, value }) => ({ atMs, log: Math.log(value) }));

const fourWeeks = logsOf(series(28 * 24, { at: (_, atMs) => seasonal(atMs) }));

describe('a season', () => {
  it('is learnt by hour and weekday, whatever the level', () => {
    const season = fitSeason(fourWeeks);
    if (!season) throw new Error('no season was learnt');
    const wednesday = mondayMs + 2 * dayMs;
    const saturday = mondayMs + 5 * dayMs;
    const noonOverNight =
      seasonFactor(season, wednesday + 14 * hourMs, hourMs) / seasonFactor(season, wednesday + 2 * hourMs, hourMs);
    const weekend =
      seasonFactor(season, saturday + 14 * hourMs, hourMs) / seasonFactor(season, wednesday + 14 * hourMs, hourMs);
    expect(noonOverNight).toBeGreaterThan(0.85 * Math.E);
    expect(noonOverNight).toBeLessThan(1.15 * Math.E);
    expect(weekend).toBeGreaterThan(0.65);
    expect(weekend).toBeLessThan(0.85);
  });

  it('is the same when all values are ten times as high', () => {
    const tenfold = fourWeeks.map(({ atMs, log }) => ({ atMs, log: log + Math.log(10) }));
    expect(fitSeason(tenfold)?.logFactors).toEqual(fitSeason(fourWeeks)?.logFactors);
  });

  it('is not told from a level that shifts for good in the middle', () => {
    const shifted = fourWeeks.map(({ atMs, log }, index) => ({ atMs, log: index < 14 * 24 ? log : log + 1 }));
    const [plain, moved] = [fitSeason(fourWeeks), fitSeason(shifted)];
    plain?.logFactors.forEach((factor, hour) => {
      expect(Math.abs(factor - (moved?.logFactors[hour] ?? Number.NaN))).toBeLessThan(0.1);
    });
  });

  it('is not learnt from less than three days', () => {
    expect(fitSeason([])).toBeUndefined();
    expect(fitSeason(fourWeeks.slice(0, 70))).toBeUndefined();
    expect(fitSeason(fourWeeks.slice(0, 80))).toBeDefined();
  });

  it('says nothing of weekends before it has seen more than one', () => {
    const week = fitSeason(fourWeeks.slice(0, 6 * 24));
    const [wednesday, saturday] = [mondayMs + 2 * dayMs, mondayMs + 5 * dayMs];
    expect(seasonFactor(week, saturday, hourMs)).toBe(seasonFactor(week, wednesday, hourMs));
  });

  it('steps nowhere for values that come more often than hourly', () => {
    const season = fitSeason(fourWeeks);
    if (!season) throw new Error('no season was learnt');
    const minute = 60_000;
    for (let atMs = mondayMs; atMs < mondayMs + 7 * dayMs; atMs += minute) {
      const step = seasonLog(season, atMs + minute, minute) - seasonLog(season, atMs, minute);
      expect(Math.abs(step)).toBeLessThan(0.02);
    }
    const middle = mondayMs + 10.5 * hourMs;
    expect(seasonLog(season, middle, minute)).toBeCloseTo(seasonLog(season, middle, hourMs), 9);
  });

  it('is taken on only when it proves itself on a week that it was not learnt from', () => {
    expect(learnSeason(fourWeeks)).toBeDefined();
    expect(learnSeason(fourWeeks.slice(0, 20 * 24))).toBeUndefined();
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(learnSeason(logsOf(series(28 * 24, { seed })))).toBeUndefined();
    }
  });

  it('is 1 where there is none', () => {
    expect(seasonFactor(undefined, mondayMs, hourMs)).toBe(1);
  });
});
