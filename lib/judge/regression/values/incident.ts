import { middle } from '../middle.ts';
import { alarmsAt, extendAlarm, hasHabit, hasRecovered, hasSettled, settleAt } from './alarm.ts';
import { actOf, type Judged, reportAlarm, reportOn } from './finding.ts';
import type { ValuesAlarm } from './memory.ts';
import { type OpenMoment, writableBase } from './moment.ts';
import { closeBlock } from './review.ts';
import { latestOver, onsetOf, residualsOver, type Stretch } from './stretch.ts';

/** A stretch was confirmed. */
export const beginIncident = (moment: OpenMoment, found: Stretch): Judged => {
  const { hot } = moment;
  const since = residualsOver(moment, found.expectation, hot.logs.length - found.from);
  const sum = since.reduce((total, residual) => total + residual, 0);
  const expectedAt = (residual: number, index: number) => Math.exp((hot.logs[found.from + index] ?? 0) - residual);
  const alarm: ValuesAlarm = {
    expectation: found.expectation,
    window: found.window,
    onsetMs: onsetOf(hot, found.from),
    firedMs: hot.lastMs,
    points: since.length,
    sum,
    expected: since.map(expectedAt).reduce((total, expected) => total + expected, 0),
    shift: sum / since.length,
    atFiring: middle(since),
    good: 0,
  };
  const finding = reportAlarm(moment, alarm, found.score);
  moment.hot = { ...hot, alarm, alarms: alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs) + 1, alarmsMs: hot.lastMs };
  writableBase(moment).confirmed = alarm.shift;
  return { finding };
};

const dropAlarm = (moment: OpenMoment): void => {
  const { alarm: _, ...hot } = moment.hot;
  const { confirmed: __, ...base } = writableBase(moment);
  moment.hot = { ...hot, unbroken: 0, open: 0 };
  moment.own = base;
  moment.base = base;
};

const recover = (moment: OpenMoment): Judged => {
  const finding = reportOn(moment);
  const grown = closeBlock(moment, hasHabit(moment.hot));
  dropAlarm(moment);
  return { finding, ...actOf(grown) };
};

const settle = (moment: OpenMoment, alarm: ValuesAlarm): Judged => {
  const finding = reportAlarm(moment, alarm);
  const why = `the level has stayed since ${new Date(alarm.onsetMs).toISOString()}: it is the level now`;
  dropAlarm(moment);
  const base = writableBase(moment);
  settleAt(base, alarm.shift);
  base.toMs = moment.hot.lastMs;
  return {
    finding: { ...finding, firing: false, reason: `${finding.reason}; ${why}` },
    act: { act: 'settled', ratio: finding.ratio, why },
  };
};

/** One more point: it goes on, or has recovered, or is the level now. */
export const keepIncident = (moment: OpenMoment, before: ValuesAlarm): Judged => {
  const { rule, base, hot, pace } = moment;
  const residual = latestOver(moment, before.expectation);
  const expected = Math.exp((hot.logs.at(-1) ?? 0) - residual);
  const alarm = extendAlarm(before, residual, expected, rule.maxRegression, pace);
  if (hasRecovered(alarm)) return recover(moment);
  if (hasSettled(alarm, pace) && !base.pinned) return settle(moment, alarm);
  hot.alarm = alarm;
  return { finding: reportAlarm(moment, alarm) };
};
