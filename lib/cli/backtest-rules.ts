import { durationRemedy, formatDurationMs, parseDuration } from '../config/duration.ts';
import type { Parsed } from '../config/parsed.ts';
import { parsePercent } from '../config/percent.ts';
import { regressionDetector, runsDetector, sloDetector } from '../judge/backtest/imported.ts';
import { type ImportedObjective, parseObjective } from '../judge/backtest/objective.ts';
import type { Pace } from '../judge/backtest/pace.ts';
import type { AlertSeverity, Detector } from '../judge/backtest.ts';
import type { AlarmCounting } from '../judge/state.ts';
import type { RuleSettings } from '../report/backtest/report.ts';
import { formatFraction } from '../report/format.ts';
import { CommandError } from './exit.ts';

export const ruleNames = ['regression', 'slo', 'runs', 'all'] as const;
export type RuleName = (typeof ruleNames)[number];

/** Options that say which rules to replay, as they were written. */
export type RawRules = {
  readonly rule?: string;
  readonly maxRegression?: string;
  readonly severity?: string;
  readonly objective?: readonly string[];
  readonly window?: string;
  readonly breachAfter?: string;
  readonly recoverAfter?: string;
};

/** The same, read; `undefined` where nothing was written. */
export type RuleOptions = {
  readonly rule: RuleName | undefined;
  readonly maxRegression: number | undefined;
  readonly severity: AlertSeverity | undefined;
  readonly objectives: readonly ImportedObjective[];
  readonly windowMs: number | undefined;
  readonly breachAfter: AlarmCounting['breachAfter'] | undefined;
  readonly recoverAfter: number | undefined;
};

const take = <T>(option: string, text: string | undefined, parse: (text: string) => Parsed<T>, remedy: string) => {
  if (text === undefined) return undefined;
  const result = parse(text);
  if (result.ok) return result.value;
  throw new CommandError(`--${option} ${JSON.stringify(text)} ${result.message}; ${remedy}`);
};

const oneOf =
  <T extends string>(names: readonly T[]) =>
  (text: string): Parsed<T> => {
    const name = names.find((each) => each === text);
    return name === undefined ? { ok: false, message: 'is none of them' } : { ok: true, value: name };
  };

const parseWhole = (text: string): Parsed<number> => {
  const value = Number(text);
  return /^\d{1,3}$/.test(text) && value >= 1 && value <= 100
    ? { ok: true, value }
    : { ok: false, message: 'is no whole number from 1 to 100' };
};

const parseBreach = (text: string): Parsed<AlarmCounting['breachAfter']> => {
  const match = /^(\d{1,3})\s*of\s*(\d{1,3})$/.exec(text.trim());
  const [bad, of] = [Number(match?.[1]), Number(match?.[2])];
  return bad >= 1 && bad <= of && of <= 100
    ? { ok: true, value: { bad, of } }
    : { ok: false, message: 'is not a number of bad points' };
};

const parseGrowth = (text: string): Parsed<number> => {
  const growth = parsePercent(text);
  return growth.ok && growth.value === 0 ? { ok: false, message: 'is no growth' } : growth;
};

/** @throws CommandError at the first option that cannot be read. */
export const readRules = (raw: RawRules): RuleOptions => ({
  rule: take('rule', raw.rule, oneOf(ruleNames), `the rules are ${ruleNames.join(', ')}`),
  maxRegression: take('max-regression', raw.maxRegression, parseGrowth, "write a percentage such as '20%'"),
  severity: take('severity', raw.severity, oneOf(['page', 'ticket'] as const), 'it is page or ticket'),
  objectives: (raw.objective ?? []).flatMap(
    (text) => take('objective', text, parseObjective, "write such as 'p(95)<400'") ?? [],
  ),
  windowMs: take('window', raw.window, parseDuration, durationRemedy),
  breachAfter: take('breach-after', raw.breachAfter, parseBreach, "write such as '2 of 3'"),
  recoverAfter: take('recover-after', raw.recoverAfter, parseWhole, 'write how many good points in a row'),
});

/** What `--change` may name, beside the config of a stored probe. */
const changeable = {
  rule: 'rule',
  'max-regression': 'maxRegression',
  severity: 'severity',
  window: 'window',
  'breach-after': 'breachAfter',
  'recover-after': 'recoverAfter',
} as const satisfies Readonly<Record<string, keyof RawRules>>;

const isChangeable = (name: string): name is keyof typeof changeable => Object.hasOwn(changeable, name);

export type Changed = { readonly raw: RawRules; readonly config?: string };

/** The options with changes put over them: `max-regression=30%`. @throws CommandError for what cannot be changed. */
export const applyChanges = (raw: RawRules, changes: readonly string[]): Changed => {
  let changed: Changed = { raw };
  const objectives: string[] = [];
  for (const change of changes) {
    const at = change.indexOf('=');
    const [name, value] = [change.slice(0, Math.max(0, at)), change.slice(at + 1)];
    if (name === 'config') changed = { ...changed, config: value };
    else if (name === 'objective') objectives.push(value);
    else if (isChangeable(name)) changed = { ...changed, raw: { ...changed.raw, [changeable[name]]: value } };
    else {
      const known = [...Object.keys(changeable), 'objective', 'config'].join(', ');
      throw new CommandError(`--change ${JSON.stringify(change)}: write name=value, where the name is one of ${known}`);
    }
  }
  return objectives.length === 0 ? changed : { ...changed, raw: { ...changed.raw, objective: objectives } };
};

/** Detectors, and what they are in words. */
export type RuleSet = { readonly detectors: readonly Detector[]; readonly settings: readonly RuleSettings[] };

type Rule = { readonly detector: Detector; readonly settings: RuleSettings };

const defaults = {
  maxRegression: 0.2,
  windowMs: 30 * 86_400_000,
  breachAfter: { bad: 2, of: 3 },
  recoverAfter: 2,
} as const;

const regressionOf = (options: RuleOptions, subject: string): Rule => {
  const { maxRegression = defaults.maxRegression, severity = 'ticket' } = options;
  const words = `more than ${formatFraction(maxRegression)} over its baseline`;
  return {
    detector: regressionDetector({ maxRegression, severity }, subject),
    settings: { rule: 'regression', subject, severity, words },
  };
};

const sloOf = (options: RuleOptions, objective: ImportedObjective, pace: Pace): Rule => {
  const { windowMs = defaults.windowMs, severity: loudest = 'page' } = options;
  const { source: subject, budget, limit } = objective;
  const words = `the error budget of ${formatFraction(budget)} over ${formatDurationMs(windowMs)} burns too fast`;
  return {
    detector: sloDetector({ objective, windowMs, loudest, ...pace }),
    settings: { rule: 'slo', subject, severity: loudest, words, limit },
  };
};

const runsOf = (options: RuleOptions): Rule => {
  const { breachAfter = defaults.breachAfter, recoverAfter = defaults.recoverAfter, severity = 'page' } = options;
  const detector = runsDetector({ objectives: options.objectives, counting: { breachAfter, recoverAfter }, severity });
  const words = `${breachAfter.bad} of the last ${breachAfter.of} points miss it, until ${recoverAfter} in a row hold it`;
  const [first] = options.objectives;
  return {
    detector: detector,
    settings: { rule: 'runs', subject: detector.subject, severity, words, ...(first ? { limit: first.limit } : {}) },
  };
};

/** What is replayed where nothing was said: an objective asks for the rule that judges it. */
const chosen = ({ rule, objectives }: RuleOptions): RuleName => rule ?? (objectives.length > 0 ? 'slo' : 'regression');

/** Whether the options can be judged on imported points at all. @throws CommandError */
export const requireObjective = (options: RuleOptions): void => {
  const rule = chosen(options);
  if ((rule === 'slo' || rule === 'runs') && options.objectives.length === 0) {
    throw new CommandError(`--rule ${rule} has to know what is bad: add such as --objective 'p(95)<400'`);
  }
};

/** The rules for imported points. @param subject What the points are: `value`, or `latency`. */
export const importedRules = (options: RuleOptions, pace: Pace, subject: string): RuleSet => {
  const rule = chosen(options);
  const wants = (name: RuleName) => rule === name || rule === 'all';
  const rules = [
    ...(wants('regression') ? [regressionOf(options, subject)] : []),
    ...(wants('slo') ? options.objectives.map((objective) => sloOf(options, objective, pace)) : []),
    ...(wants('runs') && options.objectives.length > 0 ? [runsOf(options)] : []),
  ];
  return { detectors: rules.map(({ detector }) => detector), settings: rules.map(({ settings }) => settings) };
};
