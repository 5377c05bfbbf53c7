import type { ProbePlan, Severity } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { sayDetections } from './detectability/wording.ts';
import { rulesOf } from './judge/rules.ts';
import { runsToDetect } from './regression.ts';
import { capSeverity } from './severity.ts';
import { runsToFire } from './slo/outlook.ts';
import { isRare, pairsOf, type SloRule } from './slo/pair.ts';
import { budgetOf, nameObjective } from './threshold.ts';

/** What a probe's schedule, samples and limits let it see, and how soon. */
export type Detection = {
  /** `outage`: every event is bad. `errors`: a share of them is. `slowdown`: the p95 of each judged series grew. */
  readonly what: 'outage' | 'errors' | 'slowdown';
  /** The objective (`p(95)<400`), or `baseline`. */
  readonly by: string;
  /** Share of bad events, or growth of the p95, as a fraction. */
  readonly size: number;
  /** Whom it would reach. */
  readonly severity: Severity;
  /** Runs from the first that meets it to the alarm, typically; an extra run counts. `null`: it is never sure. */
  readonly runs: number | null;
  /** From its beginning to the alarm, at the worst moment of the schedule. */
  readonly withinMs: number | null;
  /** With that many samples a run, where it would help: runs. */
  readonly withMore?: { readonly samples: number; readonly runs: number };
};

/** Share of bad events that a partial trouble is reckoned with. */
const partialShare = 0.2;

/** A slowdown of half as much again as what counts is there to be found; one of just as much is on the line. */
const clearly = 1.5;

/** Samples that a run could make instead, and what they would bring. */
const moreSamples = 10;
const mostSamples = 1_000;

type Watched = {
  readonly probe: ProbePlan;
  readonly cadence: number;
};

type Objective = { readonly name: string; readonly budget: number };

const objectivesOf = ({ slo, steps }: ProbePlan): readonly Objective[] => {
  const counted = (prefix: string, thresholds: readonly Parameters<typeof budgetOf>[0][]): readonly Objective[] =>
    thresholds.flatMap((threshold) => {
      const budget = budgetOf(threshold);
      return budget === undefined ? [] : [{ name: `${prefix}${threshold.source}`, budget }];
    });
  return [
    ...(slo?.objective === undefined ? [] : [{ name: nameObjective(slo.objective), budget: 1 - slo.objective }]),
    ...counted('', slo?.thresholds ?? []),
    ...steps.flatMap((step) => counted(`${step.name}: `, step.thresholds)),
  ];
};

/** A service that was well until now, and from now on is as bad as that in every run. */
const outlookOf = ({ probe, cadence }: Watched, rule: SloRule, badShare: number) => ({
  rule,
  pairs: pairsOf(rule, cadence),
  cadenceMs: cadence,
  events: probe.samples,
  badEvents: badShare * probe.samples,
  streak: { runs: 0, events: 0 },
  badRow: 0,
  past: (lengthMs: number, inMs: number) => ({
    total: Math.max(0, Math.floor((lengthMs - inMs) / cadence)) * probe.samples,
    bad: 0,
    badRuns: 0,
    worst: 0,
  }),
});

const outageOf = (watched: Watched, rule: SloRule): Detection => {
  const { probe, cadence } = watched;
  const { confirmAfterMs } = probe.alarm;
  const runs = runsToFire(outlookOf(watched, rule, 1));
  // The extra run after the first one saves the wait for the second.
  const waited = runs === null ? null : confirmAfterMs === null ? runs * cadence : (runs - 1) * cadence;
  const extraMs = runs === 2 ? (confirmAfterMs ?? 0) : 0;
  const loudest: Severity = isRare(cadence) && confirmAfterMs === null ? 'ticket' : 'page';
  return {
    what: 'outage',
    by: rule.objective,
    size: 1,
    severity: capSeverity(loudest, probe.severity),
    runs,
    withinMs: waited === null ? null : waited + extraMs,
  };
};

const errorsOf = (watched: Watched, rule: SloRule): Detection => {
  const { probe, cadence } = watched;
  const outlook = outlookOf(watched, rule, partialShare);
  const paged = probe.severity === 'page' ? runsToFire(outlook, ['page']) : null;
  const runs = paged ?? runsToFire(outlook);
  const severity = capSeverity(paged === null ? 'ticket' : 'page', probe.severity);
  return { what: 'errors', by: rule.objective, size: partialShare, severity, runs, withinMs: runs && runs * cadence };
};

const slowdownOf = ({ probe, cadence }: Watched, keys: number): readonly Detection[] => {
  const { regression } = rulesOf(probe, keys);
  if (!regression) return [];
  const { rule, severity } = regression;
  const size = clearly * rule.maxRegression;
  const runs = runsToDetect(rule, probe.samples, 1 + size);
  const samples = probe.samples * moreSamples;
  const more = samples <= mostSamples ? runsToDetect(rule, samples, 1 + size) : null;
  const helps = more !== null && (runs === null || more < runs);
  return [
    {
      what: 'slowdown',
      by: 'baseline',
      size,
      severity,
      runs,
      withinMs: runs && runs * cadence,
      ...(helps ? { withMore: { samples, runs: more } } : {}),
    },
  ];
};

/**
 * What a probe can see: an outage and 20 % of bad events by each of its objectives, and a slowdown by its baseline once
 * that is active. By the same arithmetic that alarms, on a service that was well before. A probe that runs on demand
 * only has no pace, and answers nothing.
 *
 * @param keys series judged in the whole plan (`keysOf`).
 */
export const detectionsOf = (probe: ProbePlan, keys: number): readonly Detection[] => {
  if (!probe.schedule) return [];
  const cadence = cadenceMs(probe.schedule);
  const watched = { probe, cadence };
  const { slo } = rulesOf(probe, keys);
  const objectives = objectivesOf(probe).flatMap(({ name, budget }): readonly Detection[] => {
    const rule = { objective: name, budget, cadenceMs: cadence, ...slo };
    return [outageOf(watched, rule), errorsOf(watched, rule)];
  });
  return [...objectives, ...slowdownOf(watched, keys)];
};

/** The same in words, a line each. */
export const describeDetections = (probe: ProbePlan, keys: number): readonly string[] =>
  probe.schedule
    ? sayDetections(detectionsOf(probe, keys), { samples: probe.samples, cadenceMs: cadenceMs(probe.schedule) })
    : [];
