import { createHash } from 'node:crypto';
import type { Environment, NotifyPlan, ProbeKind, ProbePlan, Severity } from '../config/plan.ts';
import type { Incident, ProbeState, StateChange } from '../judge/state.ts';
import type { Percentiles, Run, Verdict } from '../result/result.ts';
import { base32 } from '../result/run-id.ts';
import { suspectOf } from './suspect.ts';
import { pageText, pageTitle } from './text.ts';

/** The part of the config that an event goes to; `null`: nobody but the console. */
export type Route = keyof NotifyPlan | null;

/** Everything that every channel tells, whole and rendered: sent again after a restart, it is the same. Plain JSON. */
export type PageEvent = {
  readonly schema: 1;
  /** One for each (probe, slot, kind): receivers drop what they have seen. */
  readonly id: string;
  /** The same from breach to recovery: receivers join what belongs together. */
  readonly dedupKey: string;
  readonly kind: StateChange['kind'];
  readonly route: Route;
  readonly service: string;
  readonly environment: Environment;
  readonly probe: string;
  readonly probeKind: ProbeKind;
  readonly severity: Severity;
  /** ISO slot of the run that brought it. */
  readonly slot: string;
  /** ISO slot of the first bad run; for an `inconclusive` streak, of its last. */
  readonly since: string;
  readonly runId: string;
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly latencyMs: Percentiles;
  /** Passes measured, of `planned`. */
  readonly samples: number;
  readonly planned: number;
  /** Whose fault it looks like, as far as known. */
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

const routeOf = (kind: StateChange['kind'], severity: Severity): Route => {
  if (kind === 'inconclusive') return 'monitoring';
  return severity === 'none' ? null : severity;
};

/** 26 lower-case characters; the same for the same parts, whoever computes it. */
const idOf = (parts: readonly string[]): string =>
  base32(createHash('sha256').update(JSON.stringify(parts)).digest()).slice(0, 26);

const countedOf = (probe: ProbePlan, state: ProbeState, change: StateChange): string => {
  if (change.kind === 'inconclusive') return `${change.runs} runs in a row were inconclusive`;
  const { breachAfter, recoverAfter } = probe.alarm;
  if (change.kind === 'recovered') return recoverAfter === 1 ? '1 good run' : `${recoverAfter} good runs in a row`;
  const seen = state.recent.slice(-breachAfter.of);
  const bad = seen.filter((run) => run.verdict !== 'pass').length;
  return `${bad} of the last ${seen.length === 1 ? 'run' : `${seen.length} runs`} ${bad === 1 ? 'was' : 'were'} bad`;
};

const markOf = (incident: Incident | undefined): string => incident?.breachedAt ?? 'inconclusive';

/** The event of a change, from the run that brought it and the state after it. */
export const pageEvent = (
  probe: ProbePlan,
  run: Run,
  state: ProbeState,
  change: StateChange,
  { service, environment }: PageOrigin,
): PageEvent => {
  const incident = change.kind === 'inconclusive' ? undefined : change.incident;
  const suspect = suspectOf(run);
  const facts = {
    schema: 1,
    id: idOf(['plimsoll-event', service, environment, probe.id, change.slot, change.kind]),
    dedupKey: `plimsoll-${idOf(['plimsoll-incident', service, environment, probe.id, markOf(incident)])}`,
    kind: change.kind,
    route: routeOf(change.kind, probe.severity),
    service,
    environment,
    probe: probe.id,
    probeKind: probe.kind,
    severity: probe.severity,
    slot: change.slot,
    since: incident?.since ?? change.slot,
    runId: run.runId,
    verdict: run.verdict,
    reasons: run.reasons,
    latencyMs: run.latencyMs,
    samples: run.samples,
    planned: run.planned,
    ...(suspect === undefined ? {} : { suspect }),
    ...(probe.runbook === undefined ? {} : { runbook: probe.runbook }),
    counted: countedOf(probe, state, change),
  } as const;
  return { ...facts, title: pageTitle(facts), text: pageText(facts) };
};
