import type { EpochMs, Tick } from '../../../drill/record.ts';
import type { DrillReport } from '../../../drill/report.ts';
import type { ReportedWrite } from '../../../drill/writes.ts';
import { anchorAt } from '../../html/scale.ts';

/** A stretch of a drill as a picture shows it. Times are epoch ms; `at` answers a percentage. */
export type Stretch = {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** What the labels count from. */
  readonly zeroMs: EpochMs;
  readonly at: (atMs: EpochMs) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string; readonly anchor: string }[];
};

const steps = [1, 2, 5];

const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * (steps.find((factor) => factor * power >= rough) ?? 10);
};

/** `+1.5 s`, `−2 s`, `0 s`. */
const labelOf = (ms: number): string => {
  const seconds = Number((Math.abs(ms) / 1000).toPrecision(6));
  return `${ms < 0 ? '−' : ms > 0 ? '+' : ''}${seconds} s`;
};

export const stretchOf = (fromMs: EpochMs, toMs: EpochMs, zeroMs: EpochMs): Stretch => {
  const span = Math.max(1, toMs - fromMs);
  const at = (atMs: EpochMs): number => Math.min(100, Math.max(0, (100 * (atMs - fromMs)) / span));
  const step = niceStep(span / 5);
  const first = Math.ceil((fromMs - zeroMs) / step);
  const last = Math.floor((toMs - zeroMs) / step);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const ms = (first + index) * step;
    const place = at(zeroMs + ms);
    return { at: place, label: labelOf(ms), anchor: anchorAt(place) };
  });
  return { fromMs, toMs, zeroMs, at, ticks };
};

/** Of an ISO stamp; `undefined` when it is none. */
export const timeOf = (iso: string): EpochMs | undefined => {
  const ms = Date.parse(iso);
  return Number.isFinite(ms) ? ms : undefined;
};

/** Acknowledged, and gone; oldest first. */
export const lostWrites = ({ writes }: Pick<DrillReport, 'writes'>): readonly ReportedWrite[] =>
  writes.filter(({ fate }) => fate === 'lost').toSorted((a, b) => a.endedAt - b.endedAt);

/** What the sampler saw, with the oldest lost write in view; `undefined`: it never turned. */
export const aroundRestart = (report: DrillReport): Stretch | undefined => {
  const [first, last] = [report.ticks[0], report.ticks.at(-1)];
  if (!first || !last) return undefined;
  const asked = report.askedAt ?? first.startedAt;
  const oldest = lostWrites(report)[0]?.invokedAt ?? first.startedAt;
  const fromMs = Math.min(first.startedAt, oldest, asked);
  // A client may be back only after the sampler has seen enough.
  const back = report.observed?.connections.at(-1)?.openedAt ?? last.endedAt;
  const toMs = Math.max(last.endedAt, report.receipt?.acceptedAt ?? last.endedAt, back);
  const room = (toMs - fromMs) * 0.015;
  return stretchOf(fromMs - room, toMs + room, asked);
};

/** One cell of the strip: one turn, or several that were alike. It reaches to the next. */
export type Cell = {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly turns: number;
  readonly good: boolean;
  readonly boot?: string;
  readonly problem?: string;
};

/** More are neither seen one by one nor of use. */
const mostCells = 160;

const joined = (cells: readonly Cell[]): Cell | undefined => {
  const [first, last] = [cells[0], cells.at(-1)];
  if (!first || !last) return undefined;
  const telling = cells.find(({ good }) => !good) ?? first;
  return { ...telling, fromMs: first.fromMs, toMs: last.toMs, turns: cells.reduce((sum, { turns }) => sum + turns, 0) };
};

const joinAlike = (cells: readonly Cell[]): readonly Cell[] => {
  const runs: Cell[][] = [];
  for (const cell of cells) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before?.good === cell.good && before.boot === cell.boot) run.push(cell);
    else runs.push([cell]);
  }
  return runs.flatMap((run) => joined(run) ?? []);
};

/** A group with one bad turn in it is bad: a picture may be coarse, but not kind. */
const joinGroups = (cells: readonly Cell[]): readonly Cell[] => {
  const size = Math.ceil(cells.length / mostCells);
  return Array.from(
    { length: Math.ceil(cells.length / size) },
    (_, index) => joined(cells.slice(index * size, (index + 1) * size)) ?? [],
  ).flat();
};

export const cellsOf = (ticks: readonly Tick[]): readonly Cell[] => {
  const cells = ticks.map(
    ({ startedAt, endedAt, ...tick }, index): Cell => ({
      ...tick,
      fromMs: startedAt,
      toMs: ticks[index + 1]?.startedAt ?? endedAt,
      turns: 1,
    }),
  );
  if (cells.length <= mostCells) return cells;
  const alike = joinAlike(cells);
  return alike.length <= mostCells ? alike : joinGroups(alike);
};
