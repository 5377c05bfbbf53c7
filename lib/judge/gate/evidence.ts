import type { ProbePlan } from '../../config/plan.ts';
import type { Run } from '../../result/result.ts';
import { type GateBaseline, isDoubtful, judgeGateBaseline } from './baseline.ts';
import { doubtOf, type GateObjective, type GateResult, judgeObjectives, objectiveName } from './objective.ts';

/** What one run proves to a gate. */
export type GateEvidence = {
  readonly result: GateResult;
  /** Why it is no pass. */
  readonly reasons: readonly string[];
  /** Said, and held against nothing. */
  readonly notes: readonly string[];
  readonly objectives: readonly GateObjective[];
  readonly baseline: GateBaseline;
};

type Finding = { readonly result: GateResult; readonly reasons: readonly string[] };

/** Worst first. */
const order: readonly GateResult[] = ['fail', 'inconclusive', 'pass'];

/** fail > inconclusive > pass; of nothing there is no result. */
export const worstResult = (results: readonly GateResult[]): GateResult | undefined =>
  order.find((result) => results.includes(result));

const ofVerdict = { pass: 'pass', degraded: 'fail', fail: 'fail', inconclusive: 'inconclusive' } as const;

/** The run's own word: what it observed. What a run that passed has to tell is no reason against it. */
const findObserved = ({ verdict, reasons }: Run): Finding => ({
  result: ofVerdict[verdict ?? 'inconclusive'],
  reasons: verdict === 'pass' ? [] : reasons,
});

const counts = ({ slo }: Run, kind: 'failed' | 'checks'): boolean =>
  slo.some(({ threshold }) => threshold.startsWith(kind));

/**
 * Whether a run that failed did so for more than its rates: a wrong answer that no `checks` threshold counts, a missing
 * one that no `failed` threshold does, or no complete pass at all.
 */
const failedOutright = (run: Run, objectives: readonly GateObjective[]): boolean => {
  const missedRate = objectives.some(({ unit, passed, judged }) => unit === 'fraction' && !passed && judged !== null);
  const wrong = run.checks.some(({ passed, total }) => passed < total);
  const unanswered = run.steps.some(({ status }) => status === 'failed');
  return !missedRate || (wrong && !counts(run, 'checks')) || (unanswered && !counts(run, 'failed'));
};

/** Why an objective is open; one that counts no events has only what the run said of it. */
const whyOpen = (one: GateObjective, { reasons }: Run): readonly string[] =>
  one.confident === undefined || one.total === 0
    ? reasons.filter((reason) => reason.startsWith(objectiveName(one)))
    : [doubtOf(one)];

/**
 * The run's word where statistics decide: a threshold counts for what its interval supports, and what is wrong without any
 * threshold stays wrong.
 */
const findConfident = (run: Run, objectives: readonly GateObjective[]): Finding => {
  if (run.verdict === 'inconclusive' || run.verdict === null) return findObserved(run);
  const open = objectives.filter(({ judged }) => judged === 'fail' || judged === 'inconclusive');
  const outright = run.verdict === 'fail' && failedOutright(run, objectives);
  const told = outright ? run.reasons.filter((one) => !open.some((it) => one.startsWith(objectiveName(it)))) : [];
  const results = open.flatMap(({ judged }) => judged ?? []);
  return {
    result: worstResult(outright ? ['fail'] : results) ?? 'pass',
    reasons: [...told, ...open.flatMap((one) => whyOpen(one, run))],
  };
};

/** @param confident statistics decide on thresholds too, and not what was observed. */
export const judgeEvidence = (probe: ProbePlan, run: Run, confident: boolean): GateEvidence => {
  const objectives = judgeObjectives(run, confident);
  const baseline = judgeGateBaseline(probe, run);
  const found = confident ? findConfident(run, objectives) : findObserved(run);
  const regressed = baseline.judged === 'fail' && !found.reasons.includes(baseline.words) ? [baseline.words] : [];
  const remarks = run.verdict === 'pass' ? run.reasons.filter((reason) => reason !== baseline.words) : [];
  return {
    result: baseline.judged === 'fail' ? 'fail' : found.result,
    reasons: [...found.reasons, ...regressed],
    notes: [...(isDoubtful(baseline) ? [baseline.words] : []), ...remarks],
    objectives,
    baseline,
  };
};
