import type { RunCount } from './service.ts';

const minuteMs = 60_000;

/** The pages of the workbook's table 5-8 as they are printed. */
const pairs = [
  { longMs: 60 * minuteMs, shortMs: 5 * minuteMs, factor: 14.4 },
  { longMs: 360 * minuteMs, shortMs: 30 * minuteMs, factor: 6 },
] as const;

const longestMs = 360 * minuteMs;

/** The runs that its windows may hold, oldest first. */
export type WorkbookMemory = readonly RunCount[];

const burnOf = (runs: WorkbookMemory, nowMs: number, lengthMs: number, budget: number): number => {
  let [bad, total] = [0, 0];
  for (let index = runs.length - 1; index >= 0; index--) {
    const run = runs[index];
    if (!run || run.atMs <= nowMs - lengthMs) break;
    bad += run.bad;
    total += run.total;
  }
  return total === 0 ? 0 : bad / total / budget;
};

/** Multi-window, multi-burn-rate, with exact windows and no guard: what the peers ship. */
export const advanceWorkbook = (before: WorkbookMemory, run: RunCount, budget: number) => {
  const first = before.findIndex(({ atMs }) => atMs > run.atMs - longestMs);
  const memory = [...(first < 0 ? [] : before.slice(first)), run];
  const pages = pairs.some(
    ({ longMs, shortMs, factor }) =>
      burnOf(memory, run.atMs, shortMs, budget) > factor && burnOf(memory, run.atMs, longMs, budget) > factor,
  );
  return { memory, pages };
};
