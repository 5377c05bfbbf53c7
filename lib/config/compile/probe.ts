import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import { type PlacedStep, placeSteps, withPlacedInner } from '../placed-step.ts';
import type { AlarmPlan, BaselinePlan, ProbePlan, Schedule, SloPlan } from '../plan.ts';
import { cadenceMs } from '../schedule.ts';
import type { ProbeInput, StepInput } from '../schema/config.ts';
import { compileCodec } from './codec.ts';
import { compileInvariant } from './invariant.ts';
import { checkUrl } from './request.ts';
import { compileStep, hasSideEffects } from './step.ts';
import { given, isCalendarDay, readDuration, readPercent, readSchedule, readThresholds } from './values.ts';

/** What a probe is when its author does not say. */
export const probeDefaults = {
  samples: 5,
  timeoutMs: 10_000,
  longestDeadlineMs: 600_000,
  severity: 'ticket',
  breachAfter: { bad: 2, of: 3 },
  recoverAfter: 2,
  windowMs: 30 * 86_400_000,
  maxRegression: 0.2,
  baselineSeverity: 'ticket',
  overdueAfter: 2,
  confirmAfterMs: 60_000,
} as const;

/** From this cadence on, waiting for the next run costs more than an extra one. */
const slowCadenceMs = 600_000;

const rareCadenceMs = 7 * 86_400_000;

export const idPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;
export const idRemedy = 'use lower-case letters, digits and dashes, at most 64, such as api-read';

/** A Lambda ends after 15 minutes, and a laptop's patience before. */
const longestRunMs = 900_000;

const readBounds = (
  probe: ProbeInput,
  schedule: Schedule | undefined,
  place: Place,
): { readonly timeoutMs: number; readonly deadlineMs: number } => {
  const cadence = schedule === undefined ? Number.POSITIVE_INFINITY : cadenceMs(schedule);
  const deadlineMs =
    readDuration(probe.deadline, place.at('deadline'), { max: longestRunMs }) ??
    Math.min(cadence, probeDefaults.longestDeadlineMs);
  const timeoutMs = readDuration(probe.timeout, place.at('timeout')) ?? Math.min(probeDefaults.timeoutMs, deadlineMs);
  if (probe.deadline !== undefined && deadlineMs > cadence) {
    const remedy = `lower it to ${formatDurationMs(cadence)}, or run the probe less often`;
    place.at('deadline').refuse('is longer than the time between two runs', { got: probe.deadline, remedy });
  }
  if (timeoutMs > deadlineMs) {
    const source = probe.deadline === undefined ? 'the default: the time between two runs, at most 10m' : 'as written';
    place.at('timeout').refuse(`is longer than the deadline of the run, ${formatDurationMs(deadlineMs)} (${source})`, {
      got: probe.timeout,
      remedy: 'lower the timeout, or raise the deadline',
    });
  }
  return { timeoutMs, deadlineMs };
};

const breach = /^(\d{1,3})\s+(?:of|out of)\s+(\d{1,3})$/;

const readConfirmation = (
  input: NonNullable<ProbeInput['alarm']>['confirmAfter'],
  schedule: Schedule | undefined,
  place: Place,
): number | null => {
  if (input === false) return null;
  const cadence = schedule === undefined ? 0 : cadenceMs(schedule);
  const wanted = readDuration(input, place, { min: 1000 });
  if (wanted !== undefined && schedule !== undefined && wanted >= cadence) {
    const remedy = `write less than ${formatDurationMs(cadence)}, or false`;
    place.refuse('is no sooner than the next run', { got: input, remedy });
  }
  return wanted ?? (cadence >= slowCadenceMs ? probeDefaults.confirmAfterMs : null);
};

/** A second good run would be a week away, and all that time the alarm would tell of what is over. */
const isRare = (schedule: Schedule | undefined): boolean =>
  schedule !== undefined && cadenceMs(schedule) >= rareCadenceMs;

const readAlarm = (input: ProbeInput['alarm'], schedule: Schedule | undefined, place: Place): AlarmPlan => {
  const spec = input?.breachAfter;
  const match = typeof spec === 'string' ? breach.exec(spec.trim()) : null;
  const breachAfter =
    typeof spec === 'number'
      ? { bad: spec, of: spec }
      : match
        ? { bad: Number(match[1]), of: Number(match[2]) }
        : probeDefaults.breachAfter;
  const sound = breachAfter.bad >= 1 && breachAfter.bad <= breachAfter.of && breachAfter.of <= 100;
  if ((typeof spec === 'string' && !match) || !sound) {
    const remedy = "write such as '2 of 3': at least 1, and no more than the runs looked at, 100 at most";
    place.at('breachAfter').refuse('is not a number of bad runs', { got: spec, remedy });
  }
  return {
    breachAfter,
    recoverAfter: input?.recoverAfter ?? (isRare(schedule) ? 1 : probeDefaults.recoverAfter),
    recoverWhen: readThresholds(input?.recoverWhen, place.at('recoverWhen')),
    confirmAfterMs: readConfirmation(input?.confirmAfter, schedule, place.at('confirmAfter')),
    overdueAfter: input?.overdueAfter ?? probeDefaults.overdueAfter,
    deployGraceMs: readDuration(input?.deployGrace, place.at('deployGrace')) ?? 0,
    dedicated: input?.dedicated ?? false,
  };
};

const readSlo = (input: ProbeInput['slo'], place: Place): SloPlan | undefined => {
  if (input === undefined) return undefined;
  const rule = { above: 0, below: 1, remedy: "write a percentage such as '99.9%'" };
  const objective = readPercent(input.objective, place.at('objective'), rule);
  if (input.objective === undefined && (input.thresholds ?? []).length === 0 && place.isWhole(input)) {
    place.refuse('states no objective', { remedy: "write objective: '99.9%', or thresholds: ['p(95)<400']" });
  }
  return {
    ...given('objective', objective),
    windowMs: readDuration(input.window, place.at('window'), { min: 60_000 }) ?? probeDefaults.windowMs,
    thresholds: readThresholds(input.thresholds, place.at('thresholds')),
  };
};

const readBaseline = (input: ProbeInput['baseline'], place: Place): BaselinePlan => {
  const settings: Exclude<ProbeInput['baseline'], boolean | undefined> =
    typeof input === 'object' ? input : { enabled: input ?? true };
  const { enabled = true, maxRegression, severity, onDeploy } = settings;
  const rule = { above: 0, below: 100, remedy: "write how much p95 may grow, such as '20%'" };
  const growth = readPercent(maxRegression, place.at('maxRegression'), rule);
  return {
    enabled,
    maxRegression: growth ?? probeDefaults.maxRegression,
    severity: severity ?? probeDefaults.baselineSeverity,
    onDeploy: onDeploy ?? 'keep',
  };
};

/** 2026-12-31, or a time of that day with its zone. */
const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

const isDate = (text: string): boolean => date.test(text) && !Number.isNaN(Date.parse(text)) && isCalendarDay(text);

const readDeferred = (input: ProbeInput['deferred'], place: Place): ProbePlan['deferred'] => {
  if (input === undefined) return undefined;
  const deferred = typeof input === 'string' ? { reason: input } : input;
  if (deferred.reason.trim() === '') {
    place.refuse('has no reason', { remedy: 'say why: every report shows it' });
  }
  if ('until' in deferred && deferred.until !== undefined && !isDate(deferred.until)) {
    place.at('until').refuse('is not a date', { got: deferred.until, remedy: "write such as '2027-01-31'" });
  }
  return { reason: deferred.reason, ...given('until', 'until' in deferred ? deferred.until : undefined) };
};

/** Step names are the names of series, checks and skips: one name, one step, those within a soak among them. */
const checkNames = (steps: readonly PlacedStep[]): void => {
  const seen = new Set<string>();
  for (const { step, place } of steps.flatMap(withPlacedInner)) {
    if (seen.has(step.name)) {
      const remedy = 'give each step its own';
      place.at('name').refuse('is the name of another step of this probe', { got: step.name, remedy });
    }
    seen.add(step.name);
  }
};

const checkKind = (probe: ProbeInput, steps: readonly (readonly [StepInput, Place])[], place: Place): void => {
  if (probe.kind === 'websocket') return;
  const remedy = "write kind: 'websocket', which takes request steps too";
  for (const [step, at] of steps) {
    if (!('request' in step)) at.refuse('an http probe has request steps alone', { remedy });
    else if (step.mark !== undefined) at.at('mark').refuse('an http probe has no marks', { got: step.mark, remedy });
  }
  if ((probe.invariants ?? []).length > 0)
    place.at('invariants').refuse('an http probe has no stream of frames', { remedy });
  if (probe.codec !== undefined) place.at('codec').refuse('an http probe has no frames to decode', { remedy });
};

export const compileProbe = (probe: ProbeInput, place: Place): ProbePlan => {
  if (!idPattern.test(probe.id)) place.at('id').refuse('is not an id', { got: probe.id, remedy: idRemedy });
  if (probe.runbook !== undefined) checkUrl(probe.runbook, place.at('runbook'), ['http', 'https']);
  const schedule = readSchedule(probe.schedule, place.at('schedule'));
  const bounds = readBounds(probe, schedule, place);
  const inputs = place.at('steps').items(probe.steps);
  const cleanups = place.at('cleanup').items(probe.cleanup);
  checkKind(probe, [...inputs, ...cleanups], place);
  const compile =
    (prefix: string) =>
    ([step, at]: readonly [StepInput, Place]) =>
      compileStep(step, at, bounds, `${prefix}${Number(at.path.at(-1)) + 1}`);
  const steps = inputs.map(compile(''));
  const cleanup = cleanups.map(compile('cleanup '));
  checkNames([...placeSteps(steps, inputs), ...placeSteps(cleanup, cleanups)]);
  const once = probe.kind === 'websocket' || probe.steps.some(hasSideEffects);
  return {
    id: probe.id,
    kind: probe.kind,
    ...given('description', probe.description),
    ...given('schedule', schedule),
    samples: probe.samples ?? (once ? 1 : probeDefaults.samples),
    ...bounds,
    severity: probe.severity ?? probeDefaults.severity,
    ...given('runbook', probe.runbook),
    alarm: readAlarm(probe.alarm, schedule, place.at('alarm')),
    enabled: probe.enabled ?? true,
    needs: probe.needs ?? [],
    ...given('deferred', readDeferred(probe.deferred, place.at('deferred'))),
    codec: compileCodec(probe.codec, place.at('codec')),
    steps,
    cleanup,
    invariants: place
      .at('invariants')
      .items(probe.invariants)
      .map(([invariant, at]) => compileInvariant(invariant, at, bounds.deadlineMs)),
    ...given('slo', readSlo(probe.slo, place.at('slo'))),
    baseline: readBaseline(probe.baseline, place.at('baseline')),
  };
};
