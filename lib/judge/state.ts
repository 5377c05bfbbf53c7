import type { AlarmPlan } from '../config/plan.ts';
import type { RunStatus, Verdict } from '../result/result.ts';

/** Of a probe over its runs: `pending` has bad runs but not enough of them, `recovering` good ones but not enough. */
export type AlarmState = 'ok' | 'pending' | 'breached' | 'recovering';

/** A trouble that somebody was told of, until it is over. */
export type Incident = {
  /** ISO slot of the first of the bad runs that breached. */
  readonly since: string;
  /** ISO slot of the run that breached: what tells incidents of a probe apart. */
  readonly breachedAt: string;
};

export type ProbeState = {
  readonly probe: string;
  readonly state: AlarmState;
  /** ISO time of the slot that brought this state. */
  readonly since: string;
  /**
   * The latest runs that said something of the service, oldest first; as many as the rule looks at. Those from before
   * the last recovery are forgotten: a new breach needs bad runs of its own.
   */
  readonly recent: readonly ConclusiveRun[];
  /** `inconclusive` runs in a row, up to now. */
  readonly inconclusive: number;
  /** While `breached` or `recovering`. */
  readonly incident?: Incident;
  /** ISO slot of the last run that was taken in; an older one changes nothing. */
  readonly lastSlot: string;
};

export type ConclusiveRun = { readonly slot: string; readonly verdict: Exclude<Verdict, 'inconclusive'> };

/** What people are told of. An `inconclusive` streak is no word on the service: it goes to those who own the monitor. */
export type StateChange =
  | { readonly kind: 'breached' | 'recovered'; readonly slot: string; readonly incident: Incident }
  | { readonly kind: 'inconclusive'; readonly slot: string; readonly runs: number };

/** The part of a run that an alarm looks at. */
export type AlarmRun = {
  readonly probe: string;
  readonly slot: string;
  readonly verdict: Verdict | null;
  readonly status: RunStatus;
};

/** Inconclusive runs in a row that are told to `notify.monitoring`. */
export const inconclusiveStreak = 3;

const isBad = (run: ConclusiveRun): boolean => run.verdict !== 'pass';

const goodInARow = (recent: readonly ConclusiveRun[]): number => recent.length - 1 - recent.findLastIndex(isBad);

type Step = Pick<ProbeState, 'state' | 'recent'> & {
  readonly incident?: Incident;
  readonly told?: 'breached' | 'recovered';
};

const stepOpen = (rule: AlarmPlan, recent: readonly ConclusiveRun[], slot: string): Step => {
  const { bad, of } = rule.breachAfter;
  const found = recent.slice(-of).filter(isBad);
  const [first] = found;
  if (first === undefined) return { state: 'ok', recent };
  // A rule that was made stricter waits for the next bad run: good news never breaches.
  if (found.length < bad || recent.at(-1)?.slot !== found.at(-1)?.slot) return { state: 'pending', recent };
  return { state: 'breached', recent, incident: { since: first.slot, breachedAt: slot }, told: 'breached' };
};

const stepIncident = (rule: AlarmPlan, recent: readonly ConclusiveRun[], incident: Incident): Step => {
  const good = goodInARow(recent);
  if (good < rule.recoverAfter) return { state: good > 0 ? 'recovering' : 'breached', recent, incident };
  return { state: 'ok', recent: recent.slice(-good), incident, told: 'recovered' };
};

const takeConclusive = (
  rule: AlarmPlan,
  before: ProbeState | undefined,
  run: AlarmRun,
  verdict: ConclusiveRun['verdict'],
): { readonly state: ProbeState; readonly event?: StateChange } => {
  const { probe, slot } = run;
  const kept = Math.max(rule.breachAfter.of, rule.recoverAfter);
  const recent = [...(before?.recent ?? []), { slot, verdict }].slice(-kept);
  const step = before?.incident ? stepIncident(rule, recent, before.incident) : stepOpen(rule, recent, slot);
  const { incident, told } = step;
  const since = before?.state === step.state ? before.since : slot;
  const open = incident && step.state !== 'ok' ? { incident } : {};
  const state = { probe, state: step.state, since, recent: step.recent, inconclusive: 0, ...open, lastSlot: slot };
  return told && incident ? { state, event: { kind: told, slot, incident } } : { state };
};

const takeInconclusive = (
  before: ProbeState | undefined,
  { probe, slot }: AlarmRun,
): { readonly state: ProbeState; readonly event?: StateChange } => {
  const known = before ?? { probe, state: 'ok', since: slot, recent: [], inconclusive: 0 };
  const runs = known.inconclusive + 1;
  const state = { ...known, inconclusive: runs, lastSlot: slot };
  return runs === inconclusiveStreak ? { state, event: { kind: 'inconclusive', slot, runs } } : { state };
};

/**
 * Takes one run into the state of its probe, and tells what people should hear of it. `fail` and `degraded` are bad,
 * `pass` is good, `inconclusive` is neither: it breaks no row, and three in a row are an event of their own, once until a
 * run is conclusive again. A run without a verdict, or of a slot that is not newer than the last, changes nothing; the
 * state is then the very one that was given (`undefined` while there is none).
 */
export const advanceState = <Before extends ProbeState | undefined>(
  rule: AlarmPlan,
  before: Before,
  run: AlarmRun,
): { readonly state: Before | ProbeState; readonly event?: StateChange } => {
  const isNews = before === undefined || Date.parse(run.slot) > Date.parse(before.lastSlot);
  if (run.status !== 'done' || run.verdict === null || !isNews) return { state: before };
  return run.verdict === 'inconclusive'
    ? takeInconclusive(before, run)
    : takeConclusive(rule, before, run, run.verdict);
};
