import type { Severity } from '../../config/plan.ts';
import type { AlarmRule } from '../alarm-rule.ts';
import type { ProbeState } from '../memory.ts';
import type { Observation } from '../observation.ts';
import type { RegressionFinding } from '../regression.ts';
import { capSeverity } from '../severity.ts';
import type { SloFinding } from '../slo.ts';
import type { AlarmCounting, Reading } from '../state.ts';
import type { Findings } from './detectors.ts';
import type { ProbeRules } from './rules.ts';

/** What one run says to one alarm, and how that is to be told. */
export type RuleReading = {
  readonly rule: AlarmRule;
  readonly counting: AlarmCounting;
  readonly reading: Reading;
  /** Of the trouble as it is now. */
  readonly severity: Severity;
  /** It is about now, and not about hours and days: a trouble like this covers all others of its probe. */
  readonly prompt: boolean;
  /** How long what is over still shows in its windows. */
  readonly graceMs: number;
  /** Beside what the run itself says. */
  readonly reasons: readonly string[];
};

/** Runs in which a detector of regressions sees that one is over. */
const settlingRuns = 5;

/** The part of a reading that is the same for all alarms. */
type Moment = Pick<Reading, 'slot' | 'graced' | 'deploy'>;

/** A detector has a hysteresis of its own: what it says is so. */
const byDetector: AlarmCounting = { breachAfter: { bad: 1, of: 1 }, recoverAfter: 1 };

const minuteMs = 60_000;

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Nothing came back, twice in a row. */
const isConfirmedOutage = (state: ProbeState, reading: Reading): boolean =>
  reading.outage === true && state.alarms.runs?.recent.at(-1)?.outage === true;

const ofRun = (rules: ProbeRules, state: ProbeState, observation: Observation, moment: Moment): RuleReading => {
  const { samples, good, wavering, slight, verdict } = observation;
  const bad = verdict !== 'pass' && !slight;
  const outage = verdict === 'fail' && samples > 0 && good === 0;
  const reading: Reading = {
    ...moment,
    bad,
    ...(outage ? { outage } : {}),
    ...(!bad && (wavering || slight) ? { wavering: true } : {}),
  };
  const paging = !rules.rare || isConfirmedOutage(state, reading);
  const severity = paging ? rules.severity : capSeverity(rules.severity, 'ticket');
  return { rule: 'runs', counting: rules.alarm, reading, severity, prompt: true, graceMs: 0, reasons: [] };
};

/** @param most as loud as this run may be at all. */
const ofBudget = (objective: string, finding: SloFinding, moment: Moment, most: Severity): RuleReading => {
  const { firing, reason } = finding;
  const { deploy, ...rest } = moment;
  // A detector dates a burn to the minute.
  const isSince = deploy !== undefined && firing !== null && firing.sinceMs + minuteMs > Date.parse(deploy.at);
  return {
    rule: `slo:${objective}`,
    counting: byDetector,
    reading: {
      ...rest,
      bad: firing !== null,
      ...(firing ? { since: isoOf(firing.sinceMs) } : {}),
      ...(isSince ? { deploy } : {}),
    },
    severity: capSeverity(firing?.severity ?? 'ticket', most),
    prompt: firing?.severity === 'page',
    graceMs: firing?.shortMs ?? 0,
    reasons: [reason],
  };
};

const ofRegression = (rules: ProbeRules, series: string, finding: RegressionFinding, moment: Moment): RuleReading => {
  const { firing, reason, onsetMs, runs } = finding;
  const severity = rules.regression?.severity ?? 'none';
  const { deploy, ...rest } = moment;
  const first = deploy === undefined ? 0 : deploy.runs - runs + 1;
  return {
    rule: `regression:${series}`,
    counting: byDetector,
    reading: {
      ...rest,
      bad: firing,
      ...(firing && onsetMs !== undefined ? { since: isoOf(onsetMs) } : {}),
      ...(deploy && first > 0 ? { deploy: { ...deploy, runs: first } } : {}),
    },
    severity: rules.rare ? capSeverity(severity, 'ticket') : severity,
    prompt: false,
    graceMs: settlingRuns * (rules.cadenceMs ?? 0),
    reasons: [series === 'total' ? reason : `${series.replace(/^step:/, '')}: ${reason}`],
  };
};

/** What a conclusive run says to each alarm of its probe: to the one over runs first. */
export const readingsOf = (
  rules: ProbeRules,
  state: ProbeState,
  observation: Observation,
  findings: Findings,
): readonly RuleReading[] => {
  const { deploy } = state;
  const { slot, startedAt = slot } = observation;
  const graced = deploy !== undefined && Date.parse(startedAt) < Date.parse(deploy.at) + rules.alarm.deployGraceMs;
  const moment: Moment = { slot, ...(graced ? { graced } : {}), ...(deploy ? { deploy } : {}) };
  const run = ofRun(rules, state, observation, moment);
  const budgets = Object.entries(findings.slo).map(([name, finding]) => ofBudget(name, finding, moment, run.severity));
  const latencies = Object.entries(findings.regression).map(([name, finding]) =>
    ofRegression(rules, name, finding, moment),
  );
  return [run, ...budgets, ...latencies];
};
