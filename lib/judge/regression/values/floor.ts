import { middle } from '../middle.ts';
import { rescaleDrift } from './drift.ts';
import type { OpenBase, OpenHot, ValuesBase } from './memory.ts';

/** Share of the median that counts as nothing: below a twentieth of the usual, differences are not ratios any more. */
const share = 0.05;
/** The same of the median of what is not 0, for a series that mostly is. */
const sparseShare = 0.2;
/** A floor is left alone until it is wrong by this factor. */
const slack = 1.5;
/** What is left of rounding when a value was 0, as a share of the floor. */
const rounding = 0.02;

/** ln(1 + value / floor), so that nothing depends on the unit of the values. 0 while there is no floor. */
export const toLog = (value: number, floor: number): number => (floor > 0 ? Math.log1p(value / floor) : 0);

/** The value that a log stands for. */
export const fromLog = (log: number, floor: number): number => {
  const inFloors = Math.expm1(log);
  return inFloors < rounding ? 0 : floor * inFloors;
};

/** A floor by the first value that is not 0: the series has been 0 until then if it has been anything. */
export const firstFloor = ({ points }: ValuesBase, value: number): number =>
  value > 0 ? (points > 0 ? sparseShare : share) * value : 0;

/** The floor that suits these logs; the present one unless it is clearly wrong. */
export const floorFor = (logs: readonly number[], floor: number): number => {
  const median = fromLog(middle(logs), floor);
  const positive = median > 0 ? [] : logs.filter((log) => fromLog(log, floor) > 0);
  const wanted =
    median > 0 ? share * median : sparseShare * (positive.length > 0 ? fromLog(middle(positive), floor) : 0);
  return wanted > 0 && (wanted > slack * floor || wanted < floor / slack) ? wanted : floor;
};

/** Makes a memory what it would be with another floor. `scale`: what whole hourly logs are multiplied by. */
export const moveFloor = (base: OpenBase, hot: OpenHot, floor: number, scale: number): void => {
  const from = base.floor;
  const move = (log: number) => toLog(fromLog(log, from), floor);
  base.floor = floor;
  if (base.accepted !== undefined) base.accepted = move(base.accepted);
  for (const one of base.expectations) if (one.seen > 0) one.level = move(one.level);
  for (const one of base.days) {
    one.logs = one.logs.map((log) => (log === null ? null : Math.round(scale * move(log / scale))));
  }
  rescaleDrift(base.drift, move);
  const logs = hot.logs.map(move);
  hot.seasonless = hot.seasonless.map((log, index) => log - (hot.logs[index] ?? 0) + (logs[index] ?? 0));
  hot.logs = logs;
};
