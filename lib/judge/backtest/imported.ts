import type { LatencyMs } from '../../result/result.ts';
import { sketchOf } from '../../result/sketch.ts';
import type { Detector } from '../backtest.ts';
import {
  openRegression,
  type RegressionFinding,
  type RegressionReplay,
  type RegressionRule,
  type RegressionSample,
} from '../regression.ts';
import { advanceSlo, type SloMemory } from '../slo.ts';
import { type AlarmCounting, type AlarmMemory, advanceAlarm } from '../state.ts';
import { regressionEvidence, sloEvidence } from './evidence.ts';
import type { AlertSeverity } from './ledger.ts';
import { countOf, type ImportedObjective, isOver } from './objective.ts';
import type { HistoryPoint } from './point.ts';

const sampleOf = (point: HistoryPoint): RegressionSample | undefined => {
  if ('value' in point) return point;
  if (!('samples' in point)) return undefined;
  const answered = point.samples.filter((sample: LatencyMs) => sample !== null);
  return { atMs: point.atMs, sketch: sketchOf(answered), unanswered: point.samples.length - answered.length };
};

/** What a point is compared with. Of aggregated values it follows the hours, so each point tells it by its own ratio. */
const baselineOf = (point: HistoryPoint, { state, ratio, runs }: RegressionFinding, p95: number | null) => {
  if (state === 'none') return {};
  if (!('value' in point)) return p95 === null ? {} : { baseline: p95 };
  return runs === 0 && ratio !== null && ratio > 0 ? { baseline: point.value / ratio } : {};
};

/** Grown beyond its own past. Its memory is written in place: a replay never looks back. */
export const regressionDetector = (rule: RegressionRule, subject: string): Detector<RegressionReplay> => ({
  rule: 'regression',
  subject,
  advance: (before, point) => {
    const sample = sampleOf(point);
    if (!sample) throw new TypeError('a regression of imported points needs a value or samples');
    const memory = before ?? openRegression(rule);
    const { finding, p95 } = memory.take(sample);
    const alert = finding.firing
      ? { severity: rule.severity, reason: finding.reason, evidence: regressionEvidence(finding) }
      : null;
    return { memory, alert, ready: finding.state === 'active', ...baselineOf(point, finding, p95) };
  },
});

export type ImportedSlo = {
  readonly objective: ImportedObjective;
  readonly windowMs: number;
  /** Between two points. */
  readonly cadenceMs: number;
  /** Of a point. */
  readonly samples: number;
  /** A page becomes a ticket where that is the loudest. */
  readonly loudest: AlertSeverity;
};

/** Burns its error budget too fast. */
export const sloDetector = ({ objective, windowMs, cadenceMs, samples, loudest }: ImportedSlo): Detector<SloMemory> => {
  const rule = { objective: objective.source, budget: objective.budget, windowMs, cadenceMs, samples };
  return {
    rule: 'slo',
    subject: objective.source,
    advance: (before, point) => {
      const { memory, finding } = advanceSlo(rule, before, { atMs: point.atMs, ...countOf(objective, point) });
      const { firing, reason } = finding;
      const alert = firing && {
        severity: loudest === 'ticket' ? loudest : firing.severity,
        reason,
        evidence: sloEvidence(finding),
      };
      return { memory, alert, ready: true };
    },
  };
};

export type ImportedRuns = {
  /** A point is bad when it is over any of them. */
  readonly objectives: readonly ImportedObjective[];
  readonly counting: AlarmCounting;
  readonly severity: AlertSeverity;
};

/** So many of the last points are bad. */
export const runsDetector = ({ objectives, counting, severity }: ImportedRuns): Detector<AlarmMemory> => {
  const sources = objectives.map(({ source }) => source).join(' and ');
  const { bad, of } = counting.breachAfter;
  return {
    rule: 'runs',
    subject: sources,
    advance: (before, point) => {
      const over = objectives.filter((objective) => isOver(objective, point));
      const slot = new Date(point.atMs).toISOString();
      const { memory } = advanceAlarm(counting, before, { slot, bad: over.length > 0 });
      const { incident, recent } = memory;
      if (!incident) return { memory, alert: null, ready: true };
      const found = recent.slice(-of).filter((reading) => reading.bad).length;
      const reason = `${found} of the last ${Math.min(of, recent.length)} points missed ${sources}: ${bad} of ${of} are enough`;
      const evidence = { bad: found, of, since: incident.since };
      return { memory, alert: { severity, reason, evidence }, ready: true };
    },
  };
};
