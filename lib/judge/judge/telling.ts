import type { AlarmRule } from '../alarm-rule.ts';
import type { ProbeAlarm, StateChange, Told } from '../memory.ts';
import { isLouder, loudest } from '../severity.ts';
import type { AlarmAdvance } from '../state.ts';
import type { RuleReading } from './readings.ts';
import { breachWords, recoveryWords, stillWords } from './words.ts';

/** An alarm and the reading that it just took. */
export type Stepped = {
  readonly read: RuleReading;
  readonly before: ProbeAlarm | undefined;
  readonly step: AlarmAdvance;
};

export type Alarms = Readonly<Partial<Record<AlarmRule, ProbeAlarm>>>;

export type Telling = { readonly alarms: Alarms; readonly changes: readonly StateChange[] };

type Open = Required<Pick<ProbeAlarm, 'incident' | 'told'>> & ProbeAlarm;

const dayMs = 86_400_000;

/** How long slow alarms of one kind are one trouble. */
const sameTroubleMs = (cadenceMs: number): number => Math.max(dayMs, 4 * cadenceMs);

const kindOf = (rule: AlarmRule): string => rule.slice(0, rule.indexOf(':') + 1);

const isOpen = (alarm: ProbeAlarm | undefined): alarm is Open =>
  alarm?.incident !== undefined && alarm.told !== undefined;

/** What was told before alarms kept who was told: the probe's own severity, when it breached. */
const toldBefore = ({ before, read }: Stepped): Told =>
  before?.told ?? { as: before?.incident ? [read.severity] : [], prompt: read.prompt, graceMs: 0 };

const afterReading = (stepped: Stepped): ProbeAlarm => {
  const { read, step } = stepped;
  if (!step.memory.incident) return step.memory;
  const bad = step.memory.state === 'breached' && read.reading.bad;
  const known = toldBefore(stepped);
  const told = { ...known, prompt: read.prompt, graceMs: bad ? read.graceMs : known.graceMs };
  return { ...step.memory, told };
};

/** Whether a bad reading has to be told by its alarm, if no other alarm covers it. */
const wantsTelling = ({ read, step }: Stepped, alarms: Alarms): boolean => {
  const alarm = alarms[read.rule];
  if (!read.reading.bad || read.reading.graced || !isOpen(alarm)) return false;
  if (step.opened) return true;
  const { as, joined, orphanedAt, graceMs } = alarm.told;
  if (as.length > 0 && !isLouder(read.severity, loudest(as))) return false;
  // Not in the same breath as the end of what it was part of.
  if (orphanedAt !== undefined) return Date.parse(read.reading.slot) > Date.parse(orphanedAt) + graceMs;
  const leader = joined && alarms[joined];
  return !isOpen(leader) || isLouder(read.severity, loudest(leader.told.as));
};

/** Whether a trouble that `leader` has told is the one that this reading speaks of. */
const covers = (rule: AlarmRule, leader: Open, { read }: Stepped, cadenceMs: number): boolean => {
  if (rule === read.rule || leader.told.as.length === 0) return false;
  if (isLouder(read.severity, loudest(leader.told.as))) return false;
  const { breachedAt } = leader.incident;
  if (leader.told.prompt || breachedAt === read.reading.slot) return true;
  if (read.prompt || kindOf(rule) !== kindOf(read.rule)) return false;
  return Date.parse(read.reading.slot) - Date.parse(breachedAt) <= sameTroubleMs(cadenceMs);
};

const leaderOf = (stepped: Stepped, alarms: Alarms, cadenceMs: number): AlarmRule | undefined => {
  const rules = Object.keys(alarms) as AlarmRule[];
  return rules.find((rule) => {
    const alarm = alarms[rule];
    return rule !== 'overdue' && isOpen(alarm) && covers(rule, alarm, stepped, cadenceMs);
  });
};

const byLoudness = ({ read: a }: Stepped, { read: b }: Stepped): number => {
  if (a.severity !== b.severity) return isLouder(a.severity, b.severity) ? -1 : 1;
  return Number(b.prompt) - Number(a.prompt);
};

const orphaned = (
  alarm: ProbeAlarm | undefined,
  over: ReadonlySet<AlarmRule>,
  slot: string,
): ProbeAlarm | undefined => {
  const { told } = alarm ?? {};
  if (!alarm || told?.joined === undefined || told.orphanedAt !== undefined || !over.has(told.joined)) return alarm;
  return { ...alarm, told: { ...told, orphanedAt: slot } };
};

/** Whoever joined what is over now stands alone. */
const orphan = (alarms: Alarms, over: ReadonlySet<AlarmRule>, slot: string): Alarms =>
  Object.fromEntries(Object.entries(alarms).map(([rule, alarm]) => [rule, orphaned(alarm, over, slot)]));

const recoveriesOf = (stepped: Stepped, alarms: Alarms): readonly StateChange[] => {
  const { read, step } = stepped;
  const { closed } = step;
  if (!closed) return [];
  const { rule, reading } = read;
  const reasons = stillWords(alarms);
  const counted = recoveryWords(read);
  const told = new Set(toldBefore(stepped).as);
  return [...told].map((severity) => ({
    kind: 'recovered',
    rule,
    slot: reading.slot,
    incident: closed,
    severity,
    counted,
    reasons,
  }));
};

/**
 * Who tells what. One trouble of a probe is told once, by its loudest alarm, with the others in its reasons:
 *
 * - An alarm that breaches while a prompt one (runs, a fast burn) is open and as loud, or on the same run as one as loud,
 *   is part of that trouble: it joins, silently.
 * - Slow ones (a slow burn, a regression) join only their like, and only within a day or four cadences: one that has been
 *   open for weeks hides nothing new. None of them hides what is prompt.
 * - What gets louder than it was told is told again, on the louder route.
 * - What outlives the alarm that it joined, by more than its own windows reach back, is told after all.
 * - Whoever told it tells the end too, on each route that was used.
 *
 * @param before the alarms of the probe before this reading; those that took none stay as they are.
 */
export const tell = (before: Alarms, stepped: readonly Stepped[], cadenceMs: number): Telling => {
  const slot = stepped[0]?.read.reading.slot;
  if (slot === undefined) return { alarms: before, changes: [] };
  const taken = Object.fromEntries(stepped.map((one) => [one.read.rule, afterReading(one)]));
  const over = new Set(stepped.flatMap(({ step, read: { rule } }) => (step.closed ? [rule] : [])));
  let alarms: Alarms = orphan({ ...before, ...taken }, over, slot);
  const changes: StateChange[] = stepped.flatMap((one) => [...recoveriesOf(one, alarms)]);
  for (const one of stepped.filter((each) => wantsTelling(each, alarms)).toSorted(byLoudness)) {
    const { rule, severity, prompt, graceMs } = one.read;
    const alarm = alarms[rule];
    if (!isOpen(alarm)) continue;
    const joined = leaderOf(one, alarms, cadenceMs);
    const told: Told = joined
      ? { as: alarm.told.as, prompt, graceMs, joined }
      : { as: [...alarm.told.as, severity], prompt, graceMs };
    alarms = { ...alarms, [rule]: { ...alarm, told } };
    if (joined) continue;
    const words = breachWords(one, stepped);
    changes.push({ kind: 'breached', rule, slot, incident: alarm.incident, severity, ...words });
  }
  return { alarms, changes };
};
