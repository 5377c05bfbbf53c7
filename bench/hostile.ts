import { faultsOf, type HostileCase, meet } from '../test/hostile/case.ts';
import { hostileTable } from '../test/hostile/table.ts';
import type { Bench } from './bench.ts';
import { renderTable } from './table.ts';

/** What one case took: its time, and the most that the process held meanwhile, target and all. */
type Cost = {
  readonly what: string;
  readonly ms: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly faults: readonly string[];
};

const pollMs = 5;

/** The most that the process holds while `work` goes on, as far as its event loop lets us look. */
const watchMemory = async <T>(work: () => Promise<T>) => {
  let heapBytes = 0;
  let rssBytes = 0;
  const look = () => {
    const { heapUsed, external, rss } = process.memoryUsage();
    heapBytes = Math.max(heapBytes, heapUsed + external);
    rssBytes = Math.max(rssBytes, rss);
  };
  const timer = setInterval(look, pollMs);
  look();
  try {
    const answer = await work();
    look();
    return { answer, heapBytes, rssBytes };
  } finally {
    clearInterval(timer);
  }
};

const costOf = async (row: HostileCase): Promise<Cost> => {
  const start = performance.now();
  const { answer: faults, ...peaks } = await watchMemory(async () => faultsOf(row, await meet(row)));
  return { what: row.what, ms: Math.round(performance.now() - start), ...peaks, faults };
};

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);

/** So many of the hungriest are shown. */
const shownRows = 10;

const tableOf = (costs: readonly Cost[]): readonly string[] =>
  renderTable([
    ['case', 'ms', 'heap and buffers, MB', 'RSS, MB'],
    ...costs
      .toSorted((a, b) => b.heapBytes - a.heapBytes)
      .slice(0, shownRows)
      .map(({ what, ms, heapBytes, rssBytes }) => [what.slice(0, 70), ms, megabytes(heapBytes), megabytes(rssBytes)]),
  ]);

/**
 * Meets the whole table of the hostile world in this one process, a case after the other, each with its target in the
 * same process: what is held is an upper bound of what a monitor holds.
 */
export const benchHostile: Bench = async (tell) => {
  const chapters = hostileTable();
  const start = performance.now();
  const costs: Cost[] = [];
  for (const { title, rows } of chapters) {
    tell(`${title} … (${rows.length} cases)`);
    for (const row of rows) costs.push(await costOf(row));
  }
  const wallMs = performance.now() - start;
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  const heapBytes = Math.max(...costs.map((cost) => cost.heapBytes));
  const wrong = costs.filter(({ faults }) => faults.length > 0);
  return {
    text: [
      `${costs.length} cases in ${Math.round(wallMs / 1_000)} s; peak RSS ${megabytes(rssBytes)} MB, peak heap and buffers ${megabytes(heapBytes)} MB, targets included`,
      '',
      `the ${shownRows} that held most:`,
      ...tableOf(costs),
      ...wrong.flatMap(({ what, faults }) => faults.map((fault) => `WRONG  ${what}: ${fault}`)),
    ],
    limits: [
      { what: 'cases with another verdict, reason or time than theirs', actual: wrong.length, atMost: 0, unit: '' },
      { what: 'peak RSS over all cases', actual: rssBytes, atMost: 800_000_000, unit: 'B' },
    ],
    figures: { cases: costs.length, wallMs, rssBytes, heapBytes, costs },
  };
};
