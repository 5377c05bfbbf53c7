import { advanceSlo, needsConfirmation, type SloMemory, type SloRule } from '../../lib/judge/slo.ts';
import type { RunCount } from './service.ts';
import { advanceWorkbook, type WorkbookMemory } from './workbook.ts';

export type Said = 'page' | 'ticket' | null;

/** A way to decide, forked at will: what it knows is never changed in place. */
export type Pager = {
  readonly said: Said;
  /** A run is taken in. `again` makes an extra run of the same service. */
  readonly next: (run: RunCount, again: () => number) => Pager;
  /** Of the last run or its extra one. */
  readonly atMs: number;
};

export const workbookPager = (budget: number, memory: WorkbookMemory = [], said: Said = null): Pager => ({
  said,
  atMs: memory.at(-1)?.atMs ?? 0,
  next: (run) => {
    const step = advanceWorkbook(memory, run, budget);
    return workbookPager(budget, step.memory, step.pages ? 'page' : null);
  },
});

type Known = { readonly memory: SloMemory; readonly said: Said; readonly failed: boolean };

/** Ours, with the extra run after a first total failure or without it. */
export const ourPager = (rule: SloRule, confirmAfterMs: number | null, known?: Known): Pager => {
  const take = (before: Known | undefined, run: RunCount): Known => {
    const { memory, finding } = advanceSlo(rule, before?.memory, run);
    return { memory, said: finding.firing?.severity ?? null, failed: run.bad === run.total };
  };
  return {
    said: known?.said ?? null,
    atMs: known?.memory.lastMs ?? 0,
    next: (run, again) => {
      const taken = take(known, run);
      const asked = needsConfirmation({
        confirmAfterMs,
        samples: run.total,
        good: run.total - run.bad,
        isConfirmation: false,
        failedBefore: known?.failed ?? false,
      });
      if (!asked || confirmAfterMs === null) return ourPager(rule, confirmAfterMs, taken);
      const extra = { atMs: run.atMs + confirmAfterMs, bad: again(), total: run.total };
      return ourPager(rule, confirmAfterMs, take(taken, extra));
    },
  };
};
