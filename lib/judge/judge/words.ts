import { formatInstant, plural } from '../../report/format.ts';
import { type AlarmRule, ruleWords } from '../alarm-rule.ts';
import type { StateChange } from '../memory.ts';
import type { Reading } from '../state.ts';
import type { RuleReading } from './readings.ts';
import type { Alarms, Stepped } from './telling.ts';

type Words = Pick<Extract<StateChange, { readonly rule: AlarmRule }>, 'counted' | 'reasons'>;

/** Runs after which a deploy is no explanation any more. */
const mostAfterDeploy = 10;

const countRuns = ({ read, step }: Stepped): string => {
  const seen = step.memory.recent.slice(-read.counting.breachAfter.of);
  const bad = seen.filter((reading) => reading.bad).length;
  return `${bad} of the last ${seen.length === 1 ? 'run' : `${seen.length} runs`} ${bad === 1 ? 'was' : 'were'} bad`;
};

const countedWords = (stepped: Stepped): string => {
  const { rule } = stepped.read;
  if (rule === 'runs') return countRuns(stepped);
  if (rule === 'overdue') return ruleWords(rule);
  return rule.startsWith('slo:') ? `the ${ruleWords(rule)} burns` : `the ${ruleWords(rule)} has grown`;
};

const deployWords = ({ read, step }: Stepped): readonly string[] => {
  const { recent, incident } = step.memory;
  const first: Reading | undefined = recent.find(({ bad, since, slot }) => bad && (since ?? slot) === incident?.since);
  if (!first?.deploy || first.deploy.runs > mostAfterDeploy) return [];
  const { runs, version } = first.deploy;
  const when = read.rule.startsWith('slo:') ? '' : `${plural(runs, 'run')} `;
  return [`it began ${when}after deploy${version === undefined ? '' : ` ${version}`}`];
};

const outlivedWords = ({ before }: Stepped): readonly string[] => {
  const { joined, orphanedAt } = before?.told ?? {};
  return joined && orphanedAt
    ? [`it goes on since ${formatInstant(orphanedAt)}, when the ${ruleWords(joined)} were over`]
    : [];
};

/** Of an alarm that tells of its breach, and of all others that are as bad on this run. */
export const breachWords = (told: Stepped, all: readonly Stepped[]): Words => {
  const others = all.filter(({ read, step }) => read !== told.read && read.reading.bad && step.memory.incident);
  return {
    counted: countedWords(told),
    reasons: [
      ...told.read.reasons,
      ...deployWords(told),
      ...outlivedWords(told),
      ...others.map(({ read }) => `also: ${read.reasons[0] ?? ruleWords(read.rule)}`),
    ],
  };
};

export const recoveryWords = ({ rule, counting }: RuleReading): string => {
  if (rule === 'overdue') return 'it runs again';
  if (rule.startsWith('regression:')) return 'its latency is back where it was';
  return counting.recoverAfter === 1 ? '1 good run' : `${counting.recoverAfter} good runs in a row`;
};

/** What is not over yet, where something else is. */
export const stillWords = (alarms: Alarms): readonly string[] =>
  (Object.keys(alarms) as AlarmRule[])
    .filter((rule) => alarms[rule]?.state === 'breached')
    .map((rule) => `still: ${ruleWords(rule)}`);
