import type { Episode } from '../backtest.ts';

/** One alert under both rule sets, at another time or severity. */
export type Moved = { readonly before: Episode; readonly after: Episode };

/** What a change of the rules would do to the alerts. */
export type EpisodeDiff = {
  /** Only under the changed rules. */
  readonly gained: readonly Episode[];
  /** Only under the rules as they are. */
  readonly lost: readonly Episode[];
  readonly moved: readonly Moved[];
  readonly same: number;
};

const endOf = (episode: Episode): number => episode.untilMs ?? Number.POSITIVE_INFINITY;

const isSame = (before: Episode, after: Episode): boolean =>
  before.atMs === after.atMs && before.severity === after.severity;

/** The lower the nearer: of the same subject first, then by time, then of the same severity. */
const nearness = (before: Episode, after: Episode): readonly [number, number, number] => [
  Number(before.subject !== after.subject),
  Math.abs(before.atMs - after.atMs),
  Number(before.severity !== after.severity),
];

const isNearer = (a: readonly number[], b: readonly number[]): boolean => {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
};

/** Episodes that overlap a stretch of time, of a list by their beginning that is walked once. */
const overlapping = (episodes: readonly Episode[]) => {
  let first = 0;
  return function* ({ atMs, untilMs }: Episode): Generator<Episode> {
    const isOver = (episode: Episode | undefined) => episode !== undefined && endOf(episode) < atMs;
    while (isOver(episodes[first])) first += 1;
    for (let index = first; index < episodes.length; index += 1) {
      const episode = episodes[index];
      if (episode === undefined || episode.atMs > (untilMs ?? Number.POSITIVE_INFINITY)) return;
      if (endOf(episode) >= atMs) yield episode;
    }
  };
};

/**
 * Pairs each alert with at most one of the changed rules, both by their beginning. Two are one when rules of the same kind
 * fire at the same time: their subject may be the very thing that was changed.
 */
export const diffEpisodes = (before: readonly Episode[], after: readonly Episode[]): EpisodeDiff => {
  const taken = new Set<Episode>();
  const candidates = overlapping(after);
  const lost: Episode[] = [];
  const moved: Moved[] = [];
  let same = 0;
  for (const episode of before) {
    let match: Episode | undefined;
    for (const one of candidates(episode)) {
      if (one.rule !== episode.rule || taken.has(one)) continue;
      if (!match || isNearer(nearness(episode, one), nearness(episode, match))) match = one;
    }
    if (!match) {
      lost.push(episode);
      continue;
    }
    taken.add(match);
    if (isSame(episode, match)) same += 1;
    else moved.push({ before: episode, after: match });
  }
  return { gained: after.filter((episode) => !taken.has(episode)), lost, moved, same };
};
