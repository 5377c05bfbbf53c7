import { createHash } from 'node:crypto';
import type { Environment, NotifyPlan, ProbeKind, ProbePlan, Severity } from '../config/plan.ts';
import type { AlarmRule } from '../judge/alarm-rule.ts';
import type { StateChange, StreakChange } from '../judge/memory.ts';
import { suspectWords } from '../report/facts.ts';
import { percentiles } from '../result/percentiles.ts';
import type { Percentiles, Run, Verdict } from '../result/result.ts';
import { base32, localRegion } from '../result/run-id.ts';
import { pageText, pageTitle } from './text.ts';

/** The part of the config that an event goes to; `null`: nobody but the console. */
export type Route = keyof NotifyPlan | null;

/** Everything that every channel tells, whole and rendered: sent again after a restart, it is the same. Plain JSON. */
export type PageEvent = {
  readonly schema: 1;
  /** One for each (probe, slot, kind, rule, severity): receivers drop what they have seen. */
  readonly id: string;
  /** The same from an alarm's breach, or a streak's telling, to its end: receivers join what belongs together. */
  readonly dedupKey: string;
  /** `recovered`: of a streak of `inconclusive` runs, that a run says something again. */
  readonly kind: 'breached' | 'recovered' | 'inconclusive';
  /** What counted: the alarm that tells; others of the same trouble are in its reasons. */
  readonly rule: AlarmRule | 'inconclusive';
  readonly route: Route;
  readonly service: string;
  readonly environment: Environment;
  readonly probe: string;
  readonly probeKind: ProbeKind;
  /** Of this trouble; the probe's own is the most that it can be. */
  readonly severity: Severity;
  /** ISO slot of the run that brought it; of an overdue probe, when that was noticed. */
  readonly slot: string;
  /** ISO slot of the first bad run; of a streak, of its first `inconclusive` one. */
  readonly since: string;
  /** `null`: there is none, and that is the trouble. */
  readonly runId: string | null;
  /** Where it ran; absent: on somebody's machine. */
  readonly region?: string;
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly latencyMs: Percentiles;
  /** Passes measured, of `planned`. */
  readonly samples: number;
  readonly planned: number;
  /** Whose fault it looks like, as far as known: `tcp – the service's host, or the network to it: …`. */
  readonly suspect?: string;
  readonly runbook?: string;
  /** What the alarm counted: `2 of the last 3 runs were bad`. */
  readonly counted: string;
  /** One line. */
  readonly title: string;
  /** The whole, in plain text: the same for every channel. */
  readonly text: string;
};

/** Where an event comes from, beside its probe. */
export type PageOrigin = { readonly service: string; readonly environment: Environment };

/** What an event says of a change beside the run that brought it. */
type Told = Pick<PageEvent, 'kind' | 'rule' | 'severity' | 'since' | 'counted'>;

const toldOfStreak = ({ kind, runs, streak: { since } }: StreakChange, severity: Severity): Told => {
  const known = { rule: 'inconclusive', severity, since } as const;
  return kind === 'conclusive'
    ? { ...known, kind: 'recovered', counted: `runs say something again, after ${runs} inconclusive ones` }
    : { ...known, kind, counted: `${runs} runs in a row were inconclusive` };
};

const toldOf = (change: StateChange, probe: ProbePlan): Told => {
  if ('streak' in change) return toldOfStreak(change, probe.severity);
  const { kind, rule, severity, incident, counted } = change;
  return { kind, rule, severity, since: incident.since, counted };
};

/** What the monitor could not see is no news of the service. */
const routeOf = (rule: PageEvent['rule'], severity: Severity): Route => {
  if (rule === 'inconclusive' || rule === 'overdue') return 'monitoring';
  return severity === 'none' ? null : severity;
};

/** 26 lower-case characters; the same for the same parts, whoever computes it. */
export const idOf = (parts: readonly string[]): string =>
  base32(createHash('sha256').update(JSON.stringify(parts)).digest()).slice(0, 26);

/** The alarm over runs has the key that it had before there were others; so has a streak that was told before it had one. */
const incidentOf = (change: StateChange): readonly string[] => {
  if ('streak' in change) {
    const { toldAt } = change.streak;
    return ['inconclusive', ...(toldAt === undefined ? [] : [toldAt])];
  }
  return [change.incident.breachedAt, ...(change.rule === 'runs' ? [] : [change.rule])];
};

const reasonsOf = (run: Run | undefined, change: StateChange): readonly string[] => {
  const seen = run?.reasons ?? [];
  if ('streak' in change) return change.kind === 'conclusive' ? [] : seen;
  // Of what is over, only what is not.
  if (change.kind === 'recovered') return change.reasons;
  // The run itself may have named what is bad beside.
  const beside = change.reasons.filter((reason) => !seen.includes(reason.replace(/^also: /, '')));
  return change.rule === 'runs' ? [...seen, ...beside] : [...new Set([...change.reasons, ...seen])];
};

const runFacts = (probe: ProbePlan, run: Run | undefined) =>
  ({
    runId: run?.runId ?? null,
    ...(run && run.region !== localRegion ? { region: run.region } : {}),
    verdict: run?.verdict ?? null,
    latencyMs: run?.latencyMs ?? percentiles([]),
    samples: run?.samples ?? 0,
    planned: run?.planned ?? probe.samples,
    ...(run?.attribution ? { suspect: suspectWords(run.attribution) } : {}),
  }) as const;

/** The event of a change, from the run that brought it; `undefined`: no run did. */
export const pageEvent = (
  probe: ProbePlan,
  run: Run | undefined,
  change: StateChange,
  { service, environment }: PageOrigin,
): PageEvent => {
  const { slot } = change;
  const { kind, rule, severity, since, counted } = toldOf(change, probe);
  const place = [service, environment, probe.id];
  const facts = {
    schema: 1,
    id: idOf(['plimsoll-event', ...place, slot, kind, rule, severity]),
    dedupKey: `plimsoll-${idOf(['plimsoll-incident', ...place, ...incidentOf(change)])}`,
    kind,
    rule,
    route: routeOf(rule, severity),
    service,
    environment,
    probe: probe.id,
    probeKind: probe.kind,
    severity,
    slot,
    since,
    reasons: reasonsOf(run, change),
    ...runFacts(probe, run),
    ...(probe.runbook === undefined ? {} : { runbook: probe.runbook }),
    counted,
  } as const;
  return { ...facts, title: pageTitle(facts), text: pageText(facts) };
};
