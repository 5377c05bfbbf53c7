import { HistoryError } from './error.ts';
import type { SkipTally } from './tally.ts';

/** A point, and the line that it stood on. */
export type Placed<Point> = { readonly point: Point; readonly line: number };

type Timed = { readonly atMs: number };

/** How far one reads ahead to find the place of a point: until there are so many points, or they weigh so much. */
export type Reach<Point> = {
  readonly points: number;
  readonly weight: number;
  /** What a point weighs in memory, in numbers that it holds. */
  readonly weigh: (point: Point) => number;
};

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

/** Points that wait for those before them. */
type Held<Point> = { placed: Placed<Point>[]; weight: number; sorted: boolean };

const hold = <Point extends Timed>(held: Held<Point>, placed: Placed<Point>, weight: number): void => {
  const last = held.placed[held.placed.length - 1];
  if (last !== undefined && placed.point.atMs < last.point.atMs) held.sorted = false;
  held.placed.push(placed);
  held.weight += weight;
};

/** The first `count` by time. Points of one time stay in the order of the file: the sort is stable. */
const release = <Point extends Timed>(
  held: Held<Point>,
  count: number,
  { weigh }: Reach<Point>,
): readonly Placed<Point>[] => {
  if (!held.sorted) held.placed.sort((a, b) => a.point.atMs - b.point.atMs);
  const released = held.placed.slice(0, count);
  held.placed = held.placed.slice(count);
  for (const { point } of released) held.weight -= weigh(point);
  held.sorted = true;
  return released;
};

/**
 * Points by time, each time once (the first in the file stays, the others are told to the tally), in constant memory.
 * What comes out does not depend on the size of the batches. A history of up to twice the reach is sorted whole.
 *
 * @param advice How to sort the file, for the sentence that ends it.
 * @throws HistoryError at a point that is farther from its place than the reach.
 */
export async function* inOrder<Point extends Timed>(
  batches: AsyncIterable<readonly Placed<Point>[]>,
  tally: SkipTally,
  reach: Reach<Point>,
  name: string,
  advice: string,
): AsyncGenerator<readonly Point[]> {
  const held: Held<Point> = { placed: [], weight: 0, sorted: true };
  let lastMs = Number.NEGATIVE_INFINITY;
  const settle = (released: readonly Placed<Point>[]): readonly Point[] => {
    const points: Point[] = [];
    for (const { point, line } of released) {
      if (point.atMs < lastMs) {
        const place = `line ${line.toLocaleString('en-US')} of ${name} (${isoOf(point.atMs)})`;
        throw new HistoryError(`${place} is too far from its place, which is before ${isoOf(lastMs)}: ${advice}`);
      }
      if (point.atMs === lastMs) tally.skip('duplicate', line, isoOf(point.atMs));
      else points.push(point);
      lastMs = point.atMs;
    }
    return points;
  };
  for await (const batch of batches) {
    for (const placed of batch) {
      hold(held, placed, reach.weigh(placed.point));
      if (held.placed.length < 2 * reach.points && held.weight < 2 * reach.weight) continue;
      yield settle(release(held, Math.ceil(held.placed.length / 2), reach));
    }
  }
  yield settle(release(held, held.placed.length, reach));
}
