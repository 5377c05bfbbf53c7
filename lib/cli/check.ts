import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { formatDurationMs } from '../config/duration.ts';
import { environmentRefusals } from '../config/environment.ts';
import type { DrillPlan, Environment, ProbePlan, Schedule, Threshold } from '../config/plan.ts';
import { describeSchedule, nextFire } from '../config/schedule.ts';
import { formatVariables } from '../config/variables.ts';
import { describeRestart } from '../drill/restart-call.ts';
import { describeDetections, detectionsOf } from '../judge/detectability.ts';
import { keysOf } from '../judge/judge/rules.ts';
import { samplesToConfirm } from '../judge/threshold.ts';
import { plural } from '../report/format.ts';
import { type CloudCheck, checkCloud, describeCloud } from './check-cloud.ts';
import { systemClock } from './clock.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { type ConfigOptions, environmentOf, type ResolvedPlan, resolvePlan } from './load-plan.ts';
import { requireFile } from './reports.ts';
import type { Terminal } from './terminal.ts';

export type CheckOptions = ConfigOptions & {
  readonly json: boolean;
  /** Instead of `PLIMSOLL_ENVIRONMENT`. */
  readonly environment?: Environment;
  /** Writes proof that the environments fail closed. */
  readonly evidence?: string;
};

const describeNext = ({ schedule }: { readonly schedule?: Schedule }, now: number): string => {
  if (!schedule) return 'on demand';
  const next = nextFire(schedule, now);
  const when =
    next === undefined
      ? 'never'
      : new Date(next)
          .toISOString()
          .replace('T', ' ')
          .replace(/:\d\d\.\d+Z$/, ' UTC');
  return `${describeSchedule(schedule)}, next ${when}`;
};

/** What a percentile threshold can tell: how many samples may be slow, and how many good ones it takes to be sure. */
const describeThreshold = (threshold: Threshold, samples: number): string => {
  if (threshold.metric.kind !== 'percentile') return threshold.source;
  const { percentile } = threshold.metric;
  const slow = Math.floor((samples * (100 - percentile)) / 100 + 1e-9);
  return `${threshold.source} (${slow} of ${samples} may be slower; ${samplesToConfirm(1 - percentile / 100)} good samples confirm it)`;
};

const probeLines = (probe: ProbePlan, keys: number, now: number): readonly string[] => {
  const thresholds = [
    ...(probe.slo?.thresholds ?? []).map((threshold) => describeThreshold(threshold, probe.samples)),
    ...probe.steps.flatMap((step) =>
      step.thresholds.map((threshold) => `${step.name}: ${describeThreshold(threshold, probe.samples)}`),
    ),
  ];
  const { bad, of } = probe.alarm.breachAfter;
  const detects = describeDetections(probe, keys);
  return [
    `${probe.id}  ${probe.kind}, ${plural(probe.steps.length, 'step')}, ${plural(probe.samples, 'sample')}, within ${formatDurationMs(probe.deadlineMs)}`,
    `  runs     ${describeNext(probe, now)}`,
    ...(probe.deferred ? [`  deferred ${probe.deferred.reason}`] : []),
    ...(thresholds.length > 0 ? [`  judges   ${thresholds.join('\n           ')}`] : []),
    ...(probe.severity === 'none'
      ? []
      : [
          `  alarm    ${probe.severity} after ${bad} bad of ${of} runs, recovered after ${probe.alarm.recoverAfter} good`,
        ]),
    ...(detects.length > 0 ? [`  detects  ${detects.join('\n           ')}`] : []),
  ];
};

const drillLines = (drill: DrillPlan, now: number): readonly string[] => [
  `${drill.id}  drill of ${drill.target}: ${describeRestart(drill)}`,
  `  runs     ${describeNext(drill, now)}`,
  `  judges   RTO ${formatDurationMs(drill.rtoMs)}, RPO ${drill.rpoMs === 0 ? '0s' : formatDurationMs(drill.rpoMs)}`,
  ...(drill.schedule && drill.severity !== 'none' ? [`  alarm    ${drill.severity} when a scheduled one fails`] : []),
];

/** A config is good whether or not this machine holds its secrets. */
const conclude = (missing: readonly string[], { overBudget }: CloudCheck): readonly string[] => [
  overBudget === undefined ? 'good: the config is valid' : 'bad: the config is valid, and over its budget',
  ...(missing.length === 0 ? [] : [`a run from here would stop: ${missing.join(', ')} not set`]),
];

const describePlan = (resolved: ResolvedPlan, environment: Environment, cloud: CloudCheck): string => {
  const { plan, variables, missing } = resolved;
  const now = systemClock.now();
  const keys = keysOf(plan.probes);
  const drills = plan.drills.length === 0 ? '' : `, ${plural(plan.drills.length, 'drill')}`;
  const lines = [
    `${plan.service}  ${environment}  ${plural(plan.probes.length, 'probe')}${drills}`,
    '',
    formatVariables(variables),
    '',
    ...plan.probes.flatMap((probe) => [...probeLines(probe, keys, now), '']),
    ...plan.drills.flatMap((drill) => [...drillLines(drill, now), '']),
    ...describeCloud(cloud, plan),
    '',
    ...conclude(missing, cloud),
  ];
  return stripVTControlCharacters(`${lines.join('\n')}\n`);
};

const writeEvidence = async (file: string, evidence: Evidence, terminal: Terminal): Promise<void> => {
  await writeFile(resolve(terminal.cwd, file), `${JSON.stringify(evidence, null, 2)}\n`);
  const failed = evidence.checks.filter((check) => !check.passed);
  for (const { name, expected, actual } of failed)
    terminal.err(`plimsoll: ${name}: expected ${expected}, was ${actual}\n`);
  terminal.err(
    `evidence: ${evidence.status}, ${evidence.checks.length - failed.length} of ${evidence.checks.length} refusals proven, in ${file}\n`,
  );
};

/** `plimsoll check`: the plan as it would run, or why it would not. */
export const checkCommand = async (options: CheckOptions, terminal: Terminal): Promise<ExitCode> => {
  if (options.evidence) await requireFile(resolve(terminal.cwd, options.evidence), options.evidence);
  const resolved = await resolvePlan(options, terminal);
  const environment = options.environment ?? environmentOf(terminal);
  // The plan is what would be deployed, so the laptop's own store is not held against it.
  const refusals = environmentRefusals(resolved.plan, environment, resolved.values, 'dynamodb');
  let code: ExitCode = exitCodes.good;
  if (options.evidence) {
    const evidence = await gatherEvidence(resolved.plan, options.config, environment, refusals, terminal);
    await writeEvidence(options.evidence, evidence, terminal);
    if (evidence.status === 'FAIL') code = exitCodes.bad;
  }
  if (refusals.length > 0) {
    throw new CommandError(`${environment} refuses this config:\n${refusals.map((one) => `  ${one}`).join('\n')}`);
  }
  const { plan, variables } = resolved;
  const keys = keysOf(plan.probes);
  const cloud = checkCloud(plan);
  const detects = Object.fromEntries(plan.probes.map((probe) => [probe.id, detectionsOf(probe, keys)]));
  terminal.out(
    options.json
      ? `${JSON.stringify({ schema: 1, environment, variables, plan, detects, cloud }, null, 2)}\n`
      : describePlan(resolved, environment, cloud),
  );
  if (cloud.overBudget === undefined) return code;
  terminal.err(`plimsoll: ${cloud.overBudget}\n`);
  return exitCodes.bad;
};
