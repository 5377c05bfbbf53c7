import { bytesOf, type FunctionBundle, staticOf } from './bundle.ts';

export type Budget = {
  /** Bytes of all files, minified. */
  readonly total: number;
  /** Bytes that are evaluated at the start: of the probe function, before the first sample. */
  readonly atStart: number;
};

/** DESIGN.md, "Measures that hold everywhere", for the probe; the others start as fast as they can and measure nothing. */
export const budgets: Readonly<Record<string, Budget>> = {
  dispatch: { total: 600_000, atStart: 200_000 },
  drill: { total: 900_000, atStart: 600_000 },
  judge: { total: 700_000, atStart: 600_000 },
  page: { total: 800_000, atStart: 700_000 },
  probe: { total: 900_000, atStart: 200_000 },
  restart: { total: 900_000, atStart: 600_000 },
};

const largest = 5;

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const largestOf = (files: FunctionBundle['files']): string =>
  files
    .flatMap(({ inputs }) => inputs)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, largest)
    .map(({ path, bytes }) => `${path.replace(/^.*node_modules\//, '')} ${kB(bytes)}`)
    .join(', ');

/** What a function has too much of, in one sentence each; a function without a budget is one. */
export const overBudget = ({ name, files }: FunctionBundle, known = budgets): readonly string[] => {
  const budget = known[name];
  if (!budget) return [`the function ${name} has no size budget: give it one in build/functions/budget.ts`];
  const weigh = (what: string, some: FunctionBundle['files'], most: number): readonly string[] => {
    const bytes = bytesOf(some);
    if (bytes <= most) return [];
    return [`the function ${name} ${what} ${kB(bytes)}, over its budget of ${kB(most)}; largest: ${largestOf(some)}`];
  };
  return [...weigh('has', files, budget.total), ...weigh('evaluates at its start', staticOf(files), budget.atStart)];
};
