import type { Reading } from './record.ts';

const digestsOf = (readings: readonly Reading[]): ReadonlyMap<string, string> =>
  new Map(readings.flatMap(({ id, digest }) => (digest === undefined ? [] : [[id, digest]])));

/** Whether content can be held against a digest at all: a second look, with nothing between, gave the same ones. */
export const areSteady = (first: readonly Reading[], second: readonly Reading[]): boolean => {
  const before = digestsOf(first);
  const after = digestsOf(second);
  return before.size > 0 && [...before].every(([id, digest]) => after.get(id) === digest);
};

/** Readings that what was read before the restart contradicts are `different`, though they hold what the plan expects. */
export const againstDigests = (readings: readonly Reading[], before: readonly Reading[]): readonly Reading[] => {
  const digests = digestsOf(before);
  return readings.map((reading) => {
    const was = digests.get(reading.id);
    const changed =
      reading.found === 'present' && was !== undefined && reading.digest !== undefined && reading.digest !== was;
    return changed
      ? { ...reading, found: 'different' as const, problem: 'its content has another digest than before' }
      : reading;
  });
};
