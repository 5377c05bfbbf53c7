/*
 * The runs of a window, coarser with age. Runs of the same minute share a cell; two neighbours that share a cell of the
 * dyadic grid of minutes (aligned to the epoch) merge once that cell is eight times as old as it is wide. What a cell
 * holds thus depends on the runs and the time alone, never on when or how often somebody looked. A window takes whole
 * cells that begin inside it: it is exact over the latest runs, never longer than asked, and at most an eighth shorter.
 */

/**
 * Minutes from its first run to that of the next newer cell (0 for the newest), its events, those that were bad, its bad
 * runs, and the most bad events of one run; the last three are left out while there are none. An array, because a
 * memory of thirty days at minute cadence has more than a hundred of them.
 */
export type Cell = readonly [gapMin: number, total: number, bad?: number, badRuns?: number, worst?: number];

export type History = {
  /** Minutes, since the epoch, of the first run that is still held and of the last. */
  readonly firstMin: number;
  readonly lastMin: number;
  /** Oldest first. */
  readonly cells: readonly Cell[];
};

/** What a window holds. */
export type Tally = {
  readonly total: number;
  readonly bad: number;
  /** Runs that spent more than their own share of the budget. */
  readonly badRuns: number;
  /** Most bad events of one run. */
  readonly worst: number;
};

export const minuteMs = 60_000;
export const minuteOf = (atMs: number): number => Math.floor(atMs / minuteMs);

/** A cell is at most this share of its age wide: 1 / 8. */
const widthsOld = 8;

/** And at most this share of the longest window, whose oldest cells would be the widest. */
const widestShare = 1 / 32;

export type Reach = {
  /** Longest window that will be asked for. */
  readonly longestMs: number;
};

/** The smallest cell of the grid that holds both minutes is as wide as the highest bit in which they differ says. */
const sharedWidth = (olderMin: number, newerMin: number): number =>
  olderMin === newerMin ? 1 : 2 ** (32 - Math.clz32(olderMin ^ newerMin));

const isRipe = (olderMin: number, widthMin: number, nowMin: number): boolean =>
  nowMin - (Math.floor(olderMin / widthMin) + 1) * widthMin >= widthsOld * widthMin;

const merge = (older: Cell, newer: Cell): Cell => {
  const [gap, total, bad = 0, badRuns = 0, worst = 0] = older;
  const [newerGap, newerTotal, newerBad = 0, newerBadRuns = 0, newerWorst = 0] = newer;
  const [gapMin, totals, bads] = [gap + newerGap, total + newerTotal, bad + newerBad];
  return bads === 0 ? [gapMin, totals] : [gapMin, totals, bads, badRuns + newerBadRuns, Math.max(worst, newerWorst)];
};

/** Merges, in place, what has become ripe since `beforeMin`: a cell of some width does so when time crosses its grid. */
const coarsen = (cells: Cell[], beforeMin: number, nowMin: number, widestMin: number): void => {
  const crossed = Math.min(widestMin, sharedWidth(beforeMin, nowMin) / 2);
  const oldestMin = beforeMin - (widthsOld + 1) * crossed;
  let startMin = nowMin;
  for (let index = cells.length - 2; index >= 0 && startMin >= oldestMin; index--) {
    const [older, newer] = [cells[index], cells[index + 1]];
    if (older === undefined || newer === undefined) return;
    const newerMin = startMin;
    startMin -= older[0];
    const widthMin = sharedWidth(startMin, newerMin);
    if (startMin === newerMin || (widthMin <= widestMin && isRipe(startMin, widthMin, nowMin))) {
      cells.splice(index, 2, merge(older, newer));
    }
  }
};

export type CountedRun = {
  readonly atMs: number;
  readonly total: number;
  readonly bad: number;
  /** It spent more than its own share of the budget. */
  readonly isBad: boolean;
};

/** Takes in a run that is not older than the last. */
export const addRun = (before: History | undefined, run: CountedRun, reach: Reach): History => {
  const lastMin = minuteOf(run.atMs);
  const history = before && expire(before, run.atMs, reach);
  const newest: Cell = run.bad === 0 ? [0, run.total] : [0, run.total, run.bad, run.isBad ? 1 : 0, run.bad];
  const cells = history ? history.cells.slice() : [];
  const last = cells.at(-1);
  if (!history || !last) return { firstMin: lastMin, lastMin, cells: [newest] };
  const [, total, ...bads] = last;
  cells[cells.length - 1] = [lastMin - history.lastMin, total, ...bads];
  cells.push(newest);
  coarsen(cells, history.lastMin, lastMin, Math.max(1, (reach.longestMs / minuteMs) * widestShare));
  return { firstMin: history.firstMin, lastMin, cells };
};

/** Forgets what no window can hold any more. The very same object when that is nothing. */
export const expire = (history: History, nowMs: number, { longestMs }: Reach): History => {
  const oldestMin = minuteOf(nowMs) - longestMs / minuteMs;
  let { firstMin } = history;
  let dropped = 0;
  for (; dropped < history.cells.length && firstMin <= oldestMin; dropped++)
    firstMin += history.cells[dropped]?.[0] ?? 0;
  return dropped === 0 ? history : { ...history, firstMin, cells: history.cells.slice(dropped) };
};

/** The cells that begin in (`nowMs` - `lengthMs`, `nowMs`], and after `afterMin`, as one. */
export const tallyOf = (
  { lastMin, cells }: History,
  nowMs: number,
  lengthMs: number,
  afterMin = Number.NEGATIVE_INFINITY,
): Tally => {
  const edgeMin = Math.max(minuteOf(nowMs) - lengthMs / minuteMs, afterMin);
  let startMin = lastMin;
  let [total, bad, badRuns, worst] = [0, 0, 0, 0];
  for (let index = cells.length - 1; index >= 0; index--) {
    const cell = cells[index];
    if (cell === undefined) break;
    startMin -= cell[0];
    if (startMin <= edgeMin) break;
    total += cell[1];
    if (cell[2] === undefined) continue;
    bad += cell[2];
    badRuns += cell[3] ?? 0;
    worst = Math.max(worst, cell[4] ?? 0);
  }
  return { total, bad, badRuns, worst };
};
