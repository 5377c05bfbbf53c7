import { openZone } from '../../config/zone.ts';

/** Local time counted as if it were UTC, in ms: what a clock on the wall shows in this stretch is no time, or two. */
export type Doubtful = { readonly fromMs: number; readonly toMs: number };

export type ZoneChanges = {
  /** Local minus UTC, in ms: each that the zone has in these years. */
  readonly offsetsMs: readonly number[];
  /** What its changes skip or show twice. */
  readonly doubtful: readonly Doubtful[];
};

const dayMs = 86_400_000;
const minuteMs = 60_000;

/*
 * The years that decide. Fixed, and not from today on: the same plan gives the same schedules whenever it is synthesised.
 * Twenty of them show every date on which a rule such as `last Sunday of March` can fall.
 */
const firstMs = Date.UTC(2026, 0, 1);
const endMs = Date.UTC(2046, 0, 1);

/** Two changes are never nearer than Ramadan is long (Morocco). */
const stepMs = 14 * dayMs;

const changeBetween = (offsetAt: (ms: number) => number, fromMs: number, toMs: number): number => {
  let low = fromMs;
  let high = toMs;
  const before = offsetAt(low);
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
};

/** All changes of a zone's offset from 2026 to 2045. @throws RangeError for an unknown zone. */
export const changesOf = (timezone: string): ZoneChanges => {
  const { offsetAt } = openZone(timezone);
  let before = offsetAt(firstMs);
  const offsets = new Set([before]);
  const doubtful: Doubtful[] = [];
  for (let untilMs = firstMs + stepMs; untilMs < endMs; untilMs += stepMs) {
    const after = offsetAt(untilMs);
    if (after === before) continue;
    const changeMs = changeBetween(offsetAt, untilMs - stepMs, untilMs);
    offsets.add(after);
    doubtful.push({ fromMs: changeMs + Math.min(before, after), toMs: changeMs + Math.max(before, after) });
    before = after;
  }
  return { offsetsMs: [...offsets], doubtful };
};
