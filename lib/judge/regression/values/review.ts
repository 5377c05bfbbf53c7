import { middle, sortFew } from '../middle.ts';
import { fitSeason, type SeasonPoint } from '../season.ts';
import { judgeDrift, recordLevel, type Standing } from './drift.ts';
import { learn, slowPlain } from './expectation.ts';
import { floorFor, moveFloor } from './floor.ts';
import type { Day, OpenBase, ValuesBase, ValuesHot } from './memory.ts';
import { forgetBase, type OpenMoment, writableBase } from './moment.ts';
import type { Pace } from './pace.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const rememberedDays = 28;

/** Hourly medians are kept to 1 %. */
const logScale = 100;

const seasonPoints = (days: readonly Day[]): readonly SeasonPoint[] => {
  const points: SeasonPoint[] = [];
  for (const { day, logs } of days) {
    for (let hour = 0; hour < logs.length; hour++) {
      const log = logs[hour] ?? null;
      if (log !== null) points.push({ atMs: day * dayMs + hour * hourMs, log: log / logScale });
    }
  }
  return points;
};

/** The day before, when this is the first value of another. */
const recordDay = (base: OpenBase, atMs: number, log: number): Day | undefined => {
  const day = Math.floor(atMs / dayMs);
  const hour = Math.floor(atMs / hourMs) - day * 24;
  const before = base.days.at(-1);
  let today = before;
  if (today?.day !== day) {
    today = { day, logs: new Array<null>(24).fill(null) };
    base.days = base.days.filter((one) => one.day > day - rememberedDays);
    base.days.push(today);
  }
  const held = today.logs[hour] ?? null;
  today.logs[hour] = Math.round(logScale * (held === null ? log : (held / logScale + log) / 2));
  return today === before ? undefined : before;
};

/** A day that lacks more of its hours is none to compare with others. */
const wholeDay = 0.75;

/** The mean of its middle half: the hours of the day do not show, and a bad one of them hardly does. */
const levelOfDay = ({ logs }: Day, { pointsPerDay }: Pace): number | undefined => {
  const sorted = sortFew(logs.filter((log) => log !== null));
  if (sorted.length < wholeDay * Math.min(24, pointsPerDay)) return undefined;
  const [from, to] = [Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4)];
  return sorted.subarray(from, to).reduce((sum, log) => sum + log, 0) / (to - from) / logScale;
};

/** Slow growth is looked for when a day has ended, or with each value that stands for one. */
const reviewDrift = ({ rule, pace }: OpenMoment, base: OpenBase, atMs: number, log: number): Standing | undefined => {
  const { drift } = base;
  if (!pace.withinDay) recordLevel(drift, pace.weekly ? Math.floor(atMs / dayMs) : drift.unit + 1, log);
  else {
    const ended = recordDay(base, atMs, log);
    const level = ended && levelOfDay(ended, pace);
    if (!ended || level === undefined) return undefined;
    recordLevel(drift, ended.day, level);
  }
  return judgeDrift(drift, rule, pace.weekly, atMs);
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

/** Whether it was looked at. */
const reviewSeason = (base: OpenBase, atMs: number, pace: Pace): boolean => {
  const [first] = base.days;
  if (!pace.withinDay || !first || atMs - base.learntMs < learnEveryMs(atMs / dayMs - first.day)) return false;
  const season = fitSeason(seasonPoints(base.days));
  base.learntMs = atMs;
  if (season) base.season = season;
  return true;
};

const learnBlock = (moment: OpenMoment, base: OpenBase, open: number): Standing | undefined => {
  const { hot, pace } = moment;
  const log = open === 1 ? (hot.logs.at(-1) ?? 0) : middle(hot.logs.slice(-open));
  base.settledPoints += open;
  base.toMs = hot.lastMs;
  const settled = reviewDrift(moment, base, hot.lastMs, log);
  if (base.accepted === undefined && base.settledPoints >= pace.warmUp) {
    base.accepted = base.expectations[slowPlain]?.level ?? log;
  }
  const reviewed = reviewSeason(base, hot.lastMs, pace);
  const floor = reviewFloor(base, hot, reviewed);
  if (floor !== base.floor) moveFloor(base, hot, floor, logScale);
  return settled;
};

/**
 * Takes the open points into the base: the expectations learn, the hour is recorded, and now and then season and floor are
 * looked at again. While an alarm is on nothing is learnt, unless alarms have become a habit: then what is usual is.
 *
 * @returns slow growth that has become the level
 */
export const closeBlock = (moment: OpenMoment, habit: boolean): Standing | undefined => {
  const { hot } = moment;
  const { open, alarm } = hot;
  if (open === 0 || moment.base.pinned) {
    hot.open = 0;
    return undefined;
  }
  const base = writableBase(moment);
  if (!alarm || habit) {
    learn(base, { hot, pace: moment.pace, seen: base.points, levels: alarm === undefined });
    base.points += open;
    forgetBase(moment);
  }
  hot.open = 0;
  if (!alarm) return learnBlock(moment, base, open);
  base.confirmed = alarm.shift;
  return undefined;
};
