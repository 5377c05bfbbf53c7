import type { ThresholdResult } from '../result/result.ts';
import type { StoredRun } from '../result/store.ts';
import type { Judged } from './judge.ts';

/** Completes a run's document with what is left of each error budget after it. */
export const withBudgets = (stored: StoredRun, { findings }: Judged): StoredRun => {
  const { run } = stored;
  const withBudget = (result: ThresholdResult, objective: string): ThresholdResult => {
    const budgetLeft = findings.slo[objective]?.budgetLeft ?? null;
    return budgetLeft === null ? result : { ...result, budgetLeft };
  };
  const slo = run.slo.map((result) => withBudget(result, result.threshold));
  const steps = run.steps.map((step) => ({
    ...step,
    thresholds: step.thresholds.map((result) => withBudget(result, `${step.name}: ${result.threshold}`)),
  }));
  return { ...stored, run: { ...run, slo, steps } };
};
