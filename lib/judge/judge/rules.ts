import type { AlarmPlan, MaintenancePlan, ProbePlan, Schedule, Severity } from '../../config/plan.ts';
import { cadenceMs } from '../../config/schedule.ts';
import { startOffsetMs } from '../../config/spread.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { RegressionRule } from '../regression.ts';
import { capSeverity } from '../severity.ts';
import { isRare } from '../slo.ts';

const dayMs = 86_400_000;

/** Of objectives on steps, where the probe itself has none. */
const usualWindowMs = 30 * dayMs;

/** What the judge holds a probe to: compiled from its plan, the same for every run. */
export type ProbeRules = {
  readonly probe: string;
  readonly severity: Severity;
  readonly alarm: AlarmPlan;
  /** Absent: on demand only. */
  readonly schedule?: Schedule;
  readonly cadenceMs?: number;
  /** After its slot by so much a run has begun, and by so much more it has ended. */
  readonly offsetMs: number;
  readonly deadlineMs: number;
  /** Pages on a confirmed outage only. */
  readonly rare: boolean;
  readonly slo: { readonly windowMs: number; readonly samples: number };
  readonly regression?: {
    readonly rule: RegressionRule;
    readonly severity: Severity;
    /** Series that are judged. */
    readonly series: readonly string[];
    readonly onDeploy: 'keep' | 'restart';
  };
  readonly fingerprint: string;
  readonly maintenance: readonly MaintenancePlan[];
};

/** Latency series of a probe that are judged: the total, and its steps where there are several. */
export const judgedSeries = (probe: ProbePlan): readonly string[] => {
  if (!probe.baseline.enabled) return [];
  return ['total', ...(probe.steps.length > 1 ? probe.steps.map(({ name }) => `step:${name}`) : [])];
};

/** Series judged in a whole plan: the more there are, the more evidence each of them needs. */
export const keysOf = (probes: readonly ProbePlan[]): number =>
  Math.max(
    1,
    probes.reduce((sum, probe) => sum + judgedSeries(probe).length, 0),
  );

const regressionOf = (probe: ProbePlan, cadence: number | undefined, keys: number): ProbeRules['regression'] => {
  const series = judgedSeries(probe);
  if (series.length === 0) return undefined;
  const { maxRegression, onDeploy } = probe.baseline;
  const severity = capSeverity(probe.baseline.severity, probe.severity);
  const asked = severity === 'page' ? 'page' : 'ticket';
  const rule = {
    maxRegression,
    severity: asked,
    keys,
    ...(cadence === undefined ? {} : { cadenceMs: cadence }),
  } as const;
  return { rule, severity, series, onDeploy };
};

/** @param keys series judged in the whole plan (`keysOf`). */
export const rulesOf = (probe: ProbePlan, keys: number, maintenance: readonly MaintenancePlan[] = []): ProbeRules => {
  const { schedule, alarm, severity, slo, samples, deadlineMs } = probe;
  const cadence = schedule && cadenceMs(schedule);
  const regression = regressionOf(probe, cadence, keys);
  return {
    probe: probe.id,
    severity,
    alarm,
    ...(schedule ? { schedule } : {}),
    ...(cadence === undefined ? {} : { cadenceMs: cadence }),
    offsetMs: schedule ? startOffsetMs(probe.id, schedule) : 0,
    deadlineMs,
    rare: isRare(cadence),
    slo: { windowMs: slo?.windowMs ?? usualWindowMs, samples },
    ...(regression ? { regression } : {}),
    fingerprint: fingerprintOf(probe),
    maintenance,
  };
};
