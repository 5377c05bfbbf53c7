import type { ProbePlan, RehearsalIncident } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';

/** What somebody was told of in a rehearsal. */
export type Told = {
  readonly probe: string;
  /** Epoch ms of the slot that brought it. */
  readonly atMs: number;
  readonly kind: 'breached' | 'recovered' | 'inconclusive';
  readonly route: 'page' | 'ticket' | 'monitoring' | null;
  readonly title: string;
};

/** How one incident ended for one probe. */
export type IncidentOutcome = {
  readonly probe: string;
  readonly incident: RehearsalIncident;
  readonly startMs: number;
  /** `silent`: nobody was told, and nobody was to be. */
  readonly result: 'told' | 'silent' | 'missed' | 'late' | 'wrongly told';
  /** The first that was told on the route asked for; where nobody was to be told, the first at all. */
  readonly first?: Told;
};

export type RehearsalOutcome = {
  readonly incidents: readonly IncidentOutcome[];
  /** Told while nothing was wrong. */
  readonly falseAlarms: readonly Told[];
  readonly passed: boolean;
};

const hourMs = 3_600_000;

/** Long windows and hysteresis speak on after an incident: what comes this much later is still its own. */
const echoMs = ({ forMs }: RehearsalIncident, cadence: number): number => Math.max(forMs, 6 * hourMs, 4 * cadence);

const isAlarm = ({ kind }: Told): boolean => kind !== 'recovered';

const judgeIncident = (
  incident: RehearsalIncident,
  probe: string,
  startMs: number,
  told: readonly Told[],
): IncidentOutcome => {
  const known = { probe, incident, startMs };
  if (incident.expect === 'none') {
    const [first] = told;
    return first ? { ...known, result: 'wrongly told', first } : { ...known, result: 'silent' };
  }
  const first = told.find((one) => one.route === incident.expect);
  if (!first) return { ...known, result: 'missed' };
  return { ...known, result: first.atMs - startMs <= incident.withinMs ? 'told' : 'late', first };
};

/**
 * Whether a rehearsal told who had to be told, in time, and nobody else. What is told while an incident lasts, or in its
 * echo, is its own; the rest are false alarms.
 */
export const judgeRehearsal = (
  probes: readonly ProbePlan[],
  incidents: readonly RehearsalIncident[],
  told: readonly Told[],
  originMs: number,
): RehearsalOutcome => {
  const alarms = told.filter(isAlarm);
  const owned = new Set<Told>();
  const outcomes = incidents.flatMap((incident) =>
    incident.probes.flatMap((id): readonly IncidentOutcome[] => {
      const probe = probes.find((one) => one.id === id);
      if (!probe?.schedule) return [];
      const startMs = originMs + incident.startMs;
      const endMs = startMs + incident.forMs + echoMs(incident, cadenceMs(probe.schedule));
      const own = alarms.filter((one) => one.probe === id && one.atMs >= startMs && one.atMs < endMs);
      for (const one of own) owned.add(one);
      return [judgeIncident(incident, id, startMs, own)];
    }),
  );
  const falseAlarms = alarms.filter((one) => !owned.has(one));
  const kept = outcomes.every(({ result }) => result === 'told' || result === 'silent');
  return { incidents: outcomes, falseAlarms, passed: kept && falseAlarms.length === 0 };
};

const routeOf = (severity: ProbePlan['severity']): RehearsalIncident['expect'] => severity;

/** Long enough for several runs, and no longer than a night where three runs take less. */
const outageMsOf = (cadence: number): number =>
  Math.max(hourMs, Math.min(8 * cadence, Math.max(3 * cadence, 8 * hourMs)));

/** Share of the span at which each of the usual incidents begins. */
const outageAt = 0.5;
const blindAt = 0.62;
const slowerAt = 0.7;

/**
 * What is played for a probe whose config names no incidents: an outage, trouble of our own, and a regression of one
 * and a half times what is allowed where the schedule can see one in a quarter of the span; the rest is quiet.
 *
 * @param runsToSee runs that a growth (1.3: +30 %) needs to be found, by the detector's own reckoning; `null`: never.
 */
export const usualIncidents = (
  probe: ProbePlan,
  spanMs: number,
  runsToSee: (ratio: number) => number | null,
): readonly RehearsalIncident[] => {
  if (!probe.schedule) return [];
  const cadence = cadenceMs(probe.schedule);
  /** At its share of the span, and not before what came before it has long been over. */
  const on = (share: number, after = 0) =>
    Math.ceil(Math.max(share * spanMs, after + Math.max(12 * hourMs, 4 * cadence)) / cadence) * cadence;
  const probes = [probe.id];
  const outageMs = outageMsOf(cadence);
  const blindMs = 5 * cadence;
  const by = Math.max(0.5, 1.5 * probe.baseline.maxRegression);
  const runs = probe.baseline.enabled ? runsToSee(1 + by) : null;
  const slowerMs = Math.max(3 * (runs ?? 0) * cadence, 6 * hourMs);
  const outageStartMs = on(outageAt);
  const blindStartMs = on(blindAt, outageStartMs + outageMs);
  const slowerStartMs = on(slowerAt, blindStartMs + blindMs);
  const expected: readonly RehearsalIncident[] = [
    {
      probes,
      startMs: outageStartMs,
      forMs: outageMs,
      effect: { kind: 'down' },
      expect: routeOf(probe.severity),
      withinMs: outageMs,
    },
    {
      probes,
      startMs: blindStartMs,
      forMs: blindMs,
      effect: { kind: 'blind' },
      expect: 'monitoring',
      withinMs: blindMs,
    },
    {
      probes,
      startMs: slowerStartMs,
      forMs: slowerMs,
      effect: { kind: 'slower', by },
      expect: routeOf(quieter(probe.severity, probe.baseline.severity)),
      withinMs: slowerMs,
    },
  ];
  const seen = runs !== null && slowerMs <= spanMs / 4;
  return expected.filter(
    ({ startMs, forMs, effect }) => startMs + forMs <= spanMs && (effect.kind !== 'slower' || seen),
  );
};

const loudness = { none: 0, ticket: 1, page: 2 } as const;

const quieter = (a: ProbePlan['severity'], b: ProbePlan['severity']): ProbePlan['severity'] =>
  loudness[a] < loudness[b] ? a : b;
