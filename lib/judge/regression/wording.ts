import { needed } from './baseline.ts';
import type { BaselineState, RatioInterval, RegressionFinding } from './finding.ts';
import { binWidth, type Histogram } from './histogram.ts';
import type { Chunk, Trail } from './memory.ts';
import type { Measured } from './report.ts';

/** Three digits, or all before the point. */
const ms = (place: number): string => {
  const value = Math.exp(place * binWidth);
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ms`;
};

const times = (ratio: number): string => ratio.toFixed(2);
const at = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const range = (interval: RatioInterval | null): string =>
  interval ? ` (95 %: ${times(interval[0])} ${interval[1] === null ? 'and up' : `to ${times(interval[1])}`})` : '';

const compared = ({ place, basePlace, ratio, interval }: Measured, what: string): string => {
  if (basePlace === null) return `p95 has no ${what} to be compared with`;
  if (place === null || ratio === null)
    return `p95 is above every limit, for want of answers; its ${what} is ${ms(basePlace)}`;
  return `p95 ${ms(place)} is ${times(ratio)} × its ${what} ${ms(basePlace)}${range(interval)}`;
};

export const sayLearning = (
  state: BaselineState,
  rolling: Chunk | undefined,
  measured: Measured,
  moreRuns: number,
): string => {
  const have = `${many(rolling?.blocks ?? 0, 'block')} and ${many(Math.round(rolling?.counts.total ?? 0), 'sample')}`;
  if (state === 'none') {
    const { blocks, samples } = needed.provisional;
    return `no baseline yet: ${have} of the ${blocks} and ${samples} that a first comparison needs`;
  }
  return `${compared(measured, 'provisional baseline')}: reported only, it judges in about ${many(moreRuns, 'run')}`;
};

/** @param drift of the baseline from the accepted one, when it is worth a word. */
export const sayAsUsual = (
  measured: Measured,
  run: Histogram,
  improvement: RegressionFinding['improvement'],
  drift: number | null,
): string => {
  const usual = `${compared(measured, 'baseline')} in this run of ${many(run.total, 'sample')}`;
  const moved = drift === null ? '' : `; the baseline itself is ${times(drift)} × the one that was last accepted`;
  const faster = improvement
    ? `; confirmed faster, ${times(improvement.ratio)} ×${range(improvement.interval)}: accept it for a tighter baseline`
    : '';
  return `${usual}${moved}${faster}`;
};

export const sayChange = (
  {
    arm,
    against,
    firing,
    moreRuns,
    trail,
  }: Pick<RegressionFinding, 'arm' | 'against' | 'firing' | 'moreRuns'> & { readonly trail: Trail },
  measured: Measured,
): string => {
  const what = against === 'anchor' ? 'anchored baseline' : 'baseline';
  const { runs, pool, onsetMs } = trail;
  const since = `since ${at(onsetMs)}, over ${many(runs, 'run')} of ${many(Math.round(pool.total / runs), 'sample')}`;
  const tail = arm === 'tail' ? ': the slowest samples are more' : '';
  const open =
    firing || moreRuns === null ? '' : `; not sure yet, about ${many(moreRuns, 'more such run')} would settle it`;
  return `${compared(measured, what)} ${since}${tail}${open}`;
};
