import { createHash } from 'node:crypto';
import type { Environment, NotifyPlan, ProbeKind, ProbePlan, Severity } from '../config/plan.ts';
import type { AlarmRule } from '../judge/alarm-rule.ts';
import type { StateChange } from '../judge/memory.ts';
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
  /** The same from an alarm's breach to its recovery: receivers join what belongs together. */
  readonly dedupKey: string;
  readonly kind: StateChange['kind'];
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
  /** ISO slot of the first bad run; for an `inconclusive` streak, of its last. */
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

const ruleOf = (change: StateChange): PageEvent['rule'] =>
  change.kind === 'inconclusive' ? 'inconclusive' : change.rule;

/** What the monitor could not see is no news of the service. */
const routeOf = (rule: PageEvent['rule'], severity: Severity): Route => {
  if (rule === 'inconclusive' || rule === 'overdue') return 'monitoring';
  return severity === 'none' ? null : severity;
};

/** 26 lower-case characters; the same for the same parts, whoever computes it. */
const idOf = (parts: readonly string[]): string =>
  base32(createHash('sha256').update(JSON.stringify(parts)).digest()).slice(0, 26);

/** The alarm over runs has the key that it had before there were others. */
const incidentOf = (change: StateChange): readonly string[] => {
  if (change.kind === 'inconclusive') return ['inconclusive'];
  return [change.incident.breachedAt, ...(change.rule === 'runs' ? [] : [change.rule])];
};

const reasonsOf = (run: Run | undefined, change: StateChange): readonly string[] => {
  const seen = run?.reasons ?? [];
  if (change.kind === 'inconclusive') return seen;
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
  const { kind, slot } = change;
  const rule = ruleOf(change);
  const alarm = change.kind === 'inconclusive' ? undefined : change;
  const severity = alarm?.severity ?? probe.severity;
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
    since: alarm?.incident.since ?? slot,
    reasons: reasonsOf(run, change),
    ...runFacts(probe, run),
    ...(probe.runbook === undefined ? {} : { runbook: probe.runbook }),
    counted: change.kind === 'inconclusive' ? `${change.runs} runs in a row were inconclusive` : change.counted,
  } as const;
  return { ...facts, title: pageTitle(facts), text: pageText(facts) };
};
