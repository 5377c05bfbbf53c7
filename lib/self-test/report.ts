import type { Environment, ProbeKind } from '../config/plan.ts';
import type { CheckRecord, Trial } from './verdict.ts';

/** `missed`: a fault passed for good. `inconclusive`: the probe could not be tried, or could not say. */
export type SelfTestVerdict = 'noticed' | 'missed' | 'inconclusive';

/** The self-test of one probe. */
export type ProbeSelfTest = {
  readonly probe: string;
  readonly kind: ProbeKind;
  /** `tested`, or why there is nothing to tell. */
  readonly status: 'tested' | 'untestable' | 'skipped' | 'deferred';
  readonly reason?: string;
  /** Runs that were made of it, those without a fault included. */
  readonly runs: number;
  readonly trials: readonly Trial[];
  readonly checks: readonly CheckRecord[];
  /** Faults beyond the most that are tried. */
  readonly leftOut: number;
  readonly notExercised: readonly string[];
};

export type SelfTestReport = {
  readonly tool: string;
  readonly service: string;
  readonly environment: Environment;
  /** ISO. */
  readonly startedAt: string;
  readonly probes: readonly ProbeSelfTest[];
};

/** Trials that count for or against the probe. */
export const countedTrials = ({ trials }: ProbeSelfTest): readonly Trial[] =>
  trials.filter(({ fault, outcome }) => fault.beyond === undefined && outcome !== 'idle');

/** Nothing of one that was skipped or put off. */
export const probeVerdict = (test: ProbeSelfTest): SelfTestVerdict | undefined => {
  if (test.status === 'skipped' || test.status === 'deferred') return undefined;
  if (test.status === 'untestable') return 'inconclusive';
  const counted = countedTrials(test);
  if (counted.some(({ outcome }) => outcome === 'missed')) return 'missed';
  return counted.length === 0 || counted.some(({ outcome }) => outcome === 'unsure') ? 'inconclusive' : 'noticed';
};

/** Of all probes the worst; where none was tried, nothing is shown. */
export const reportVerdict = ({ probes }: SelfTestReport): SelfTestVerdict => {
  const verdicts = probes.map(probeVerdict);
  if (verdicts.includes('missed')) return 'missed';
  return verdicts.includes('inconclusive') || !verdicts.includes('noticed') ? 'inconclusive' : 'noticed';
};
