import type { Random } from '../detection/random.ts';
import type { Pager } from './pager.ts';
import { type Condition, healthy, openService } from './service.ts';

export type Schedule = { readonly cadenceMs: number; readonly samples: number };

const dayMs = 86_400_000;

/** Aligned to every cadence. */
const startMs = 2_800 * 7 * dayMs;

/** A trouble that is not told of for so many runs is never. */
const patienceRuns = 3_000;

export type Healthy = {
  readonly days: number;
  readonly pages: number;
  readonly tickets: number;
  /** As it was at even intervals, once its windows were full. */
  readonly moments: readonly { readonly pager: Pager; readonly atMs: number }[];
};

/** Runs that are warmed up by before anything counts: the windows that page are then full. */
const warmRuns = 400;

/** A service that keeps its promise, for so many days: each alarm is a false one. */
export const watchHealthy = (
  fresh: Pager,
  { cadenceMs, samples }: Schedule,
  days: number,
  moments: number,
  random: Random,
): Healthy => {
  const draw = openService(healthy, samples, random);
  const runs = Math.ceil((days * dayMs) / cadenceMs);
  const every = Math.max(1, Math.floor(runs / moments));
  const kept: { pager: Pager; atMs: number }[] = [];
  let pager = fresh;
  let [pages, tickets] = [0, 0];
  for (let run = 0; run < warmRuns + runs; run++) {
    const atMs = startMs + run * cadenceMs;
    const before = pager.said;
    pager = pager.next({ atMs, bad: draw(), total: samples }, draw);
    if (run < warmRuns) continue;
    if (pager.said === 'page' && before !== 'page') pages++;
    if (pager.said === 'ticket' && before === null) tickets++;
    if ((run - warmRuns) % every === 0 && pager.said === null) kept.push({ pager, atMs });
  }
  return { days: (runs * cadenceMs) / dayMs, pages, tickets, moments: kept };
};

/** Ms from the beginning of a trouble, just after a healthy run, to the first page or ticket; infinite: never. */
export const delayOf = (
  { pager: healthyPager, atMs: lastMs }: Healthy['moments'][number],
  { cadenceMs, samples }: Schedule,
  condition: Condition,
  wanted: readonly Pager['said'][],
  random: Random,
): number => {
  const draw = openService(condition, samples, random);
  let pager = healthyPager;
  for (let run = 1; run <= patienceRuns; run++) {
    pager = pager.next({ atMs: lastMs + run * cadenceMs, bad: draw(), total: samples }, draw);
    // An extra run ends later than the one of the schedule.
    if (wanted.includes(pager.said)) return pager.atMs - lastMs;
  }
  return Number.POSITIVE_INFINITY;
};

/** Pages that one lasting trouble of so many runs makes: those after the first say nothing new. */
export const pagesWithin = (
  { pager: healthyPager, atMs: lastMs }: Healthy['moments'][number],
  { cadenceMs, samples }: Schedule,
  condition: Condition,
  runs: number,
  random: Random,
): number => {
  const draw = openService(condition, samples, random);
  let pager = healthyPager;
  let pages = 0;
  for (let run = 1; run <= runs; run++) {
    const before = pager.said;
    pager = pager.next({ atMs: lastMs + run * cadenceMs, bad: draw(), total: samples }, draw);
    if (pager.said === 'page' && before !== 'page') pages++;
  }
  return pages;
};
