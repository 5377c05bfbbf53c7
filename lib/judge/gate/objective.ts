import { formatFraction, formatShareInterval, plural } from '../../report/format.ts';
import type { Run, ThresholdResult } from '../../result/result.ts';
import { clopperPearson } from '../interval.ts';

export type GateResult = 'pass' | 'fail' | 'inconclusive';

/** A threshold of a run as the gate takes it. */
export type GateObjective = ThresholdResult & {
  /** `null`: not this gate's to judge, since its window spans many runs. */
  readonly judged: GateResult | null;
};

/** `list: p(95)<200`; the probe's own have no step. */
export const objectiveName = ({ threshold, step }: ThresholdResult): string =>
  step === undefined ? threshold : `${step}: ${threshold}`;

const isWindowed = ({ threshold }: ThresholdResult): boolean => threshold.startsWith('objective ');

const judgeOne = (one: ThresholdResult, confident: boolean): GateResult | null => {
  if (isWindowed(one)) return null;
  if (one.total === 0) return 'inconclusive';
  // What does not count events (a mean, a median) has no interval: there the run's own word stands.
  return (confident ? one.confident : undefined) ?? (one.passed ? 'pass' : 'fail');
};

/** Every threshold of a run, once. @param confident by what the interval supports, and not by what was observed. */
export const judgeObjectives = (run: Run, confident: boolean): readonly GateObjective[] => {
  const known = new Map<string, ThresholdResult>();
  for (const one of [...run.slo, ...run.steps.flatMap((step) => step.thresholds)]) {
    if (!known.has(objectiveName(one))) known.set(objectiveName(one), one);
  }
  return [...known.values()].map((one) => ({ ...one, judged: judgeOne(one, confident) }));
};

const mostSamples = 1_000_000;

/**
 * How many more good samples would prove that a budget is kept, one-sided at 95 % as `ThresholdResult.confident` is;
 * `null` where the share seen is over it, so that good ones alone are not to be expected.
 */
export const samplesToSettle = (bad: number, total: number, budget: number): number | null => {
  if (total > 0 && bad / total >= budget) return null;
  const keeps = (samples: number) => clopperPearson(bad, samples, 0.9)[1] < budget;
  if (!keeps(mostSamples)) return null;
  let [low, high] = [total, mostSamples];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) high = middle;
    else low = middle + 1;
  }
  return low - total;
};

/** Why an objective is not surely kept, with its figures. Only for those that count. */
export const doubtOf = (one: GateObjective): string => {
  const { bad = 0, total = 0, budget = 0, interval, judged } = one;
  const range = interval === undefined ? '' : ` (95 % interval ${formatShareInterval(interval)})`;
  const figures = `${objectiveName(one)}: ${bad} of ${total} bad${range}`;
  if (judged === 'fail') return `${figures}, surely over the budget of ${formatFraction(budget)}`;
  const more = samplesToSettle(bad, total, budget);
  const remedy = more === null ? 'only more samples can tell' : `${plural(more, 'more good sample')} would settle it`;
  return `${figures} is no proof either way of a budget of ${formatFraction(budget)}: ${remedy}`;
};
