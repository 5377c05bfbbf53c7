import type { Episode, RuleKind } from '../backtest.ts';

/** A time of trouble that people know of. */
export type Incident = { readonly startMs: number; readonly endMs: number; readonly name?: string };

export type Finding = {
  readonly rule: RuleKind;
  readonly subject: string;
  readonly severity: Episode['severity'];
  readonly atMs: number;
  /** After the incident began; under 0 when the rule fired already, and so told nobody of it. */
  readonly delayMs: number;
};

export type IncidentOutcome = Incident & {
  /** `already open`: something fired since before it began. `outside`: the history has no point in it. */
  readonly result: 'found' | 'already open' | 'missed' | 'outside';
  /** The first of each rule, by time. */
  readonly findings: readonly Finding[];
};

export type RuleScore = {
  readonly rule: RuleKind;
  readonly subject: string;
  readonly found: number;
  readonly alreadyOpen: number;
  readonly missed: number;
  /** Episodes that touch no incident. */
  readonly falseAlerts: number;
  readonly medianDelayMs: number | null;
};

export type IncidentReport = {
  readonly found: number;
  readonly alreadyOpen: number;
  readonly missed: number;
  readonly outside: number;
  readonly falseAlerts: number;
  /** Of those found, by whichever rule was first. */
  readonly medianDelayMs: number | null;
  readonly rules: readonly RuleScore[];
  /** By their beginning. */
  readonly incidents: readonly IncidentOutcome[];
};

type Covered = { readonly fromMs: number; readonly toMs: number };
type Subject = Pick<Episode, 'rule' | 'subject'>;

const touches = (episode: Episode, { startMs, endMs }: Incident): boolean =>
  episode.atMs <= endMs && (episode.untilMs ?? Number.POSITIVE_INFINITY) > startMs;

const isOf =
  ({ rule, subject }: Subject) =>
  (one: Subject): boolean =>
    one.rule === rule && one.subject === subject;

const findingsOf = (episodes: readonly Episode[], incident: Incident): readonly Finding[] => {
  const touching = episodes.filter((episode) => touches(episode, incident));
  // One that begins in it tells of it, even when an older one is still open.
  const telling = touching.toSorted(
    (a, b) => Number(a.atMs < incident.startMs) - Number(b.atMs < incident.startMs) || a.atMs - b.atMs,
  );
  const firsts = telling.filter((episode, index) => telling.findIndex(isOf(episode)) === index);
  return firsts.map(({ rule, subject, severity, atMs }) => ({
    rule,
    subject,
    severity,
    atMs,
    delayMs: atMs - incident.startMs,
  }));
};

const resultOf = (findings: readonly Finding[]): IncidentOutcome['result'] =>
  findings.some(({ delayMs }) => delayMs >= 0) ? 'found' : findings.length > 0 ? 'already open' : 'missed';

const medianOf = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? null;

/** Of each incident that was found, how long the first alert took. */
const delaysOf = (findings: readonly (readonly Finding[])[]): readonly number[] =>
  findings.flatMap((each) => each.find(({ delayMs }) => delayMs >= 0)?.delayMs ?? []);

const scoreOf = (rule: Subject, outcomes: readonly IncidentOutcome[], falseAlerts: readonly Episode[]): RuleScore => {
  const own = outcomes.filter(({ result }) => result !== 'outside').map(({ findings }) => findings.filter(isOf(rule)));
  const count = (result: IncidentOutcome['result']) => own.filter((findings) => resultOf(findings) === result).length;
  return {
    rule: rule.rule,
    subject: rule.subject,
    found: count('found'),
    alreadyOpen: count('already open'),
    missed: count('missed'),
    falseAlerts: falseAlerts.filter(isOf(rule)).length,
    medianDelayMs: medianOf(delaysOf(own)),
  };
};

/**
 * How the rules did on incidents that people labelled. An incident is found by an alert that begins in it, both ends
 * included; an alert that touches none of them is a false one.
 *
 * @param covered First and last point of the history: incidents wholly outside are not held against a rule.
 */
export const judgeIncidents = (
  incidents: readonly Incident[],
  episodes: readonly Episode[],
  rules: readonly Subject[],
  covered: Covered,
): IncidentReport => {
  const outcomes = incidents
    .toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)
    .map((incident): IncidentOutcome => {
      const outside = incident.endMs < covered.fromMs || incident.startMs > covered.toMs;
      const findings = outside ? [] : findingsOf(episodes, incident);
      return { ...incident, result: outside ? 'outside' : resultOf(findings), findings };
    });
  const falseAlerts = episodes.filter((episode) => !incidents.some((incident) => touches(episode, incident)));
  const count = (result: IncidentOutcome['result']) => outcomes.filter((one) => one.result === result).length;
  return {
    found: count('found'),
    alreadyOpen: count('already open'),
    missed: count('missed'),
    outside: count('outside'),
    falseAlerts: falseAlerts.length,
    medianDelayMs: medianOf(delaysOf(outcomes.map(({ findings }) => findings))),
    rules: rules.map((rule) => scoreOf(rule, outcomes, falseAlerts)),
    incidents: outcomes,
  };
};
