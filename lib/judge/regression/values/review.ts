import { fitSeason, type SeasonPoint } from '../season.ts';
import { learn, slowPlain } from './expectation.ts';
import { floorFor, moveFloor } from './floor.ts';
import type { Day, ValuesBase, ValuesHot } from './memory.ts';
import { type Pace, paceOf } from './pace.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const rememberedDays = 28;

/** Hourly medians are kept to 1 %. */
const logScale = 100;

const seasonPoints = (days: readonly Day[]): readonly SeasonPoint[] =>
  days.flatMap(({ day, logs }) =>
    logs.flatMap((log, hour) => (log === null ? [] : [{ atMs: day * dayMs + hour * hourMs, log: log / logScale }])),
  );

const recordDay = (days: readonly Day[], atMs: number, log: number): readonly Day[] => {
  const day = Math.floor(atMs / dayMs);
  const hour = Math.floor(atMs / hourMs) - day * 24;
  const last = days.at(-1);
  const today = last?.day === day ? last : { day, logs: new Array<null>(24).fill(null) };
  const held = today.logs[hour];
  const rounded = Math.round(logScale * (held === null || held === undefined ? log : (held / logScale + log) / 2));
  const kept = today === last ? days.slice(0, -1) : days.filter((one) => one.day > day - rememberedDays);
  return [...kept, { day, logs: today.logs.with(hour, rounded) }];
};

/** Daily while the season is young, weekly later. */
const learnEveryMs = (history: number): number => (history < rememberedDays - 1 ? dayMs : 7 * dayMs);

/** Early on the floor follows the points at hand, later the days. */
const reviewFloor = (base: ValuesBase, hot: ValuesHot, reviewed: boolean): number => {
  const due = base.points < 24 || (base.points < 200 && base.points % 24 === 0);
  if (!due && !reviewed) return base.floor;
  const history = reviewed ? seasonPoints(base.days).map(({ log }) => log) : [];
  return floorFor(history.length < 24 ? hot.logs : history, base.floor);
};

const reviewSeason = (base: ValuesBase, atMs: number, pace: Pace): ValuesBase => {
  const [first] = base.days;
  if (!pace.withinDay || !first || atMs - base.learntMs < learnEveryMs(atMs / dayMs - first.day)) return base;
  const season = fitSeason(seasonPoints(base.days));
  return { ...base, learntMs: atMs, ...(season ? { season } : {}) };
};

const median = (logs: readonly number[]): number => new Float64Array(logs).sort()[logs.length >> 1] ?? 0;

/**
 * Takes the open points into the base: the expectations learn, the hour is recorded, and now and then season and floor are
 * looked at again. While an alarm is on nothing is learnt, unless alarms have become a habit: then what is usual is.
 */
export const closeBlock = (
  before: ValuesBase,
  hot: ValuesHot,
  habit: boolean,
): { base: ValuesBase; hot: ValuesHot } => {
  const closed = { ...hot, open: 0 };
  if (hot.open === 0 || before.pinned) return { base: before, hot: closed };
  if (hot.alarm && !habit) return { base: { ...before, confirmed: hot.alarm.shift }, hot: closed };
  const pace = paceOf(before.cadenceMs);
  const levels = hot.alarm === undefined;
  const expectations = learn(before, { hot, pace, levels });
  const points = before.points + hot.open;
  if (hot.alarm) return { base: { ...before, expectations, points, confirmed: hot.alarm.shift }, hot: closed };
  const log = hot.open === 1 ? (hot.logs.at(-1) ?? 0) : median(hot.logs.slice(-hot.open));
  const settledPoints = before.settledPoints + hot.open;
  const ready = settledPoints >= pace.warmUp && before.accepted === undefined;
  const learnt: ValuesBase = {
    ...before,
    expectations,
    points,
    settledPoints,
    toMs: hot.lastMs,
    days: pace.withinDay ? recordDay(before.days, hot.lastMs, log) : before.days,
    ...(ready ? { accepted: expectations[slowPlain]?.level ?? log } : {}),
  };
  const base = reviewSeason(learnt, hot.lastMs, pace);
  const floor = reviewFloor(base, closed, base.learntMs !== before.learntMs);
  return floor === base.floor ? { base, hot: closed } : moveFloor(base, closed, floor, logScale);
};
