import type { ProbePlan } from '../../config/plan.ts';
import { formatAge, formatCount } from '../../report/format.ts';
import type { Run } from '../../result/result.ts';
import { type GateEvidence, judgeEvidence } from './evidence.ts';

/** What the store has of a probe, as a gate asks for it. */
export type ScenarioRuns = {
  readonly probe: ProbePlan;
  /** The newest run that was carried out. */
  readonly done?: Run;
  /** What is newer than that and was not carried out, newest first. */
  readonly since: readonly Run[];
};

/** One probe at the gate. */
export type GateScenario = Omit<GateEvidence, 'result' | 'baseline'> & {
  readonly probe: string;
  /** Repeats it. */
  readonly command: string;
  /** `skipped` and `deferred` are neither a pass nor a fail. */
  readonly result: GateEvidence['result'] | 'skipped' | 'deferred';
  readonly baseline: GateEvidence['baseline'] | null;
  /** The run that it was judged by, and how long ago that began. */
  readonly run: Run | null;
  readonly ageMs: number | null;
  readonly deferral?: Deferral;
};

export type Deferral = {
  readonly reason: string;
  readonly until?: string;
  /** `until` has passed, by so long. */
  readonly overdueMs?: number;
};

export type GateTerms = {
  /** Epoch ms. */
  readonly nowMs: number;
  /** Runs that began before this long ago are no evidence. */
  readonly maxAgeMs: number;
  readonly confident: boolean;
  /** Command that runs a probe again. */
  readonly commandOf: (probe: string) => string;
};

const dayMs = 86_400_000;

/** A day is over when it ends, in UTC; a time when it comes. */
const endOf = (until: string): number => Date.parse(until) + (until.includes('T') ? 0 : dayMs);

const deferralOf = ({ reason, until }: NonNullable<ProbePlan['deferred']>, nowMs: number): Deferral => {
  if (until === undefined) return { reason };
  const overdueMs = nowMs - endOf(until);
  return { reason, until, ...(overdueMs >= 0 ? { overdueMs } : {}) };
};

const ageOf = (run: Run, nowMs: number): number => Math.max(0, nowMs - Date.parse(run.startedAt));

/** A scenario without what names it. */
type Found = Omit<GateScenario, 'probe' | 'command'>;

const unjudged = { reasons: [], notes: [], objectives: [], baseline: null, run: null, ageMs: null } as const;

const judgeDeferred = (deferred: NonNullable<ProbePlan['deferred']>, nowMs: number): Found => {
  const deferral = deferralOf(deferred, nowMs);
  return { ...unjudged, result: 'deferred', reasons: [deferral.reason], deferral };
};

/** What came and was not carried out, with the newest reason: `missed 3 times since then: …`. */
const sinceNotes = ({ done, since }: ScenarioRuns): readonly string[] =>
  (['skipped', 'missed', 'late'] as const).flatMap((status) => {
    const of = since.filter((run) => run.status === status);
    const slots = of.reduce((sum, run) => sum + (run.missed?.slots ?? 1), 0);
    const [newest] = of;
    if (newest === undefined) return [];
    const often = `${slots === 1 ? 'once' : `${formatCount(slots)} times`}${done === undefined ? '' : ' since then'}`;
    return [`${status} ${often}: ${newest.reasons[0] ?? 'no reason given'}`];
  });

const judgeSkipped = ({ probe, since }: ScenarioRuns, terms: GateTerms): readonly string[] | undefined => {
  if (probe.enabled === false) return ['disabled: enabled is false'];
  const newest = since.find(({ status }) => status === 'skipped');
  return newest && ageOf(newest, terms.nowMs) <= terms.maxAgeMs ? newest.reasons : undefined;
};

/** What a probe that is now skipped said when it last ran. */
const lastWords = ({ done }: ScenarioRuns, { nowMs }: GateTerms): readonly string[] =>
  done === undefined ? [] : [`its last run, ${formatAge(ageOf(done, nowMs))} ago, was ${done.verdict}`];

const missing = ({ done }: ScenarioRuns, { nowMs, maxAgeMs }: GateTerms, command: string): string =>
  done === undefined
    ? `no run of it is stored; run: ${command}`
    : `last run ${formatAge(ageOf(done, nowMs))} ago, and none over ${formatAge(maxAgeMs)} counts; run: ${command}`;

const judgeFound = (found: ScenarioRuns, terms: GateTerms, command: string): Found => {
  const { probe, done } = found;
  if (probe.deferred) return judgeDeferred(probe.deferred, terms.nowMs);
  if (done && ageOf(done, terms.nowMs) <= terms.maxAgeMs) {
    const evidence = judgeEvidence(probe, done, terms.confident);
    const notes = [...evidence.notes, ...sinceNotes(found)];
    return { ...evidence, notes, run: done, ageMs: ageOf(done, terms.nowMs) };
  }
  const skipped = judgeSkipped(found, terms);
  if (skipped) return { ...unjudged, result: 'skipped', reasons: skipped, notes: lastWords(found, terms) };
  const reasons = [missing(found, terms, command)];
  return { ...unjudged, result: 'inconclusive', reasons, notes: sinceNotes(found) };
};

/**
 * One probe at the gate: put off, or judged by its newest run that is fresh, or skipped, or not known. A run that was
 * skipped later than a fresh one takes nothing of it back: else leaving out a variable would open the gate.
 */
export const judgeScenario = (found: ScenarioRuns, terms: GateTerms): GateScenario => {
  const { id: probe } = found.probe;
  const command = terms.commandOf(probe);
  return { probe, command, ...judgeFound(found, terms, command) };
};
