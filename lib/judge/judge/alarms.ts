import { gapBetween } from '../../config/gap.ts';
import { formatInstant, plural } from '../../report/format.ts';
import type { AlarmRule } from '../alarm-rule.ts';
import type { ProbeAlarm, ProbeState, StateChange } from '../memory.ts';
import type { Observation } from '../observation.ts';
import { type AlarmState, advanceAlarm } from '../state.ts';
import type { Findings } from './detectors.ts';
import { overdueAtMs } from './overdue.ts';
import { type RuleReading, readingsOf } from './readings.ts';
import type { ProbeRules } from './rules.ts';
import { type Alarms, type Stepped, type Telling, tell } from './telling.ts';

const step = (alarms: Alarms, read: RuleReading): Stepped => {
  const before = alarms[read.rule];
  return { read, before, step: advanceAlarm(read.counting, before, read.reading) };
};

/** Takes a conclusive run into each alarm of its probe. */
export const advanceAlarms = (
  rules: ProbeRules,
  state: ProbeState,
  observation: Observation,
  findings: Findings,
): Telling => {
  const { alarms } = state;
  const stepped = readingsOf(rules, state, observation, findings).map((read) => step(alarms, read));
  return tell(alarms, stepped, rules.cadenceMs ?? 0);
};

const isKept = (rule: string, { regression }: ProbeRules, { counts }: Observation): boolean => {
  if (rule.startsWith('slo:')) return counts.some(({ objective }) => `slo:${objective}` === rule);
  if (rule.startsWith('regression:')) return regression?.series.some((name) => `regression:${name}` === rule) ?? false;
  return true;
};

/** An alarm whose rule the config has no more would never end by itself: it ends with the next good run. */
export const retireAlarms = (rules: ProbeRules, told: Telling, observation: Observation): Telling => {
  if (observation.verdict !== 'pass') return told;
  const gone = (Object.keys(told.alarms) as AlarmRule[]).filter((rule) => !isKept(rule, rules, observation));
  if (gone.length === 0) return told;
  const stepped = gone.map((rule) =>
    step(told.alarms, {
      rule,
      counting: { breachAfter: { bad: 1, of: 1 }, recoverAfter: 1 },
      reading: { slot: observation.slot, bad: false },
      severity: rules.severity,
      prompt: false,
      graceMs: 0,
      reasons: ['the config has it no more'],
    }),
  );
  const retired = tell(told.alarms, stepped, rules.cadenceMs ?? 0);
  return { alarms: retired.alarms, changes: [...told.changes, ...retired.changes] };
};

/** Worst first. */
const order: readonly AlarmState[] = ['breached', 'recovering', 'pending', 'ok'];

/** What else is wrong comes before the monitor's own trouble. */
const worstOf = (alarms: Alarms): readonly [AlarmState, AlarmRule?] => {
  const rules = (Object.keys(alarms) as AlarmRule[]).toSorted(
    (a, b) => Number(a === 'overdue') - Number(b === 'overdue'),
  );
  for (const state of order.slice(0, -1)) {
    const rule = rules.find((one) => alarms[one]?.state === state);
    if (rule) return [state, rule];
  }
  return ['ok'];
};

const isIdle = (rule: string, { state }: ProbeAlarm): boolean => rule !== 'runs' && state === 'ok';

/** The state of a probe with these alarms; those that have nothing to say are left out. */
export const withAlarms = (before: ProbeState, alarms: Alarms, slot: string): ProbeState => {
  const { rule: _, ...rest } = before;
  const [state, rule] = worstOf(alarms);
  const since = before.since !== null && before.state === state ? before.since : slot;
  const kept = Object.fromEntries(Object.entries(alarms).filter(([name, alarm]) => alarm && !isIdle(name, alarm)));
  return { ...rest, state, since, alarms: kept, ...(rule ? { rule } : {}) };
};

const overdueReading = (rules: ProbeRules, state: ProbeState, at: string): RuleReading => {
  const since = state.lastSlot ?? state.watchedSince ?? at;
  const slots = rules.schedule ? (gapBetween(rules.schedule, Date.parse(since), Date.parse(at))?.slots ?? 0) : 0;
  const last =
    state.lastSlot === undefined
      ? `none has come since ${formatInstant(since)}, when it was first waited for`
      : `the last one was of ${formatInstant(since)}`;
  return {
    rule: 'overdue',
    counting: { breachAfter: { bad: 1, of: 1 }, recoverAfter: 1 },
    reading: { slot: at, bad: true, since },
    severity: 'ticket',
    prompt: false,
    graceMs: 0,
    reasons: [`${plural(slots, 'slot')} passed without a run; ${last}`],
  };
};

type Overdue = { readonly state: ProbeState; readonly changes: readonly StateChange[] };

const takeOverdue = (rules: ProbeRules, state: ProbeState, read: RuleReading): Overdue => {
  const { alarms, changes } = tell(state.alarms, [step(state.alarms, read)], rules.cadenceMs ?? 0);
  return { state: withAlarms(state, alarms, read.reading.slot), changes };
};

/** Whether a run is overdue at this time (ISO); told once. The very same state when nothing of it changed. */
export const noticeOverdue = (rules: ProbeRules, state: ProbeState, at: string, awakeSince?: string): Overdue => {
  const dueMs = overdueAtMs(rules, state, awakeSince === undefined ? undefined : Date.parse(awakeSince));
  if (state.alarms.overdue?.incident || Date.parse(at) < dueMs) return { state, changes: [] };
  return takeOverdue(rules, state, overdueReading(rules, state, at));
};

/** A run has arrived, at this slot. */
export const endOverdue = (rules: ProbeRules, state: ProbeState, slot: string): Overdue => {
  if (!state.alarms.overdue?.incident) return { state, changes: [] };
  const read = overdueReading(rules, state, slot);
  return takeOverdue(rules, state, { ...read, reading: { slot, bad: false } });
};
