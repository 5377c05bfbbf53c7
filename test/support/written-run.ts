import type { StoredRun } from '../../lib/result/store.ts';
import { makeStoredRun } from './runs.ts';

/** The n-th run that `store-writer.ts` writes; several pages large, so that a torn write would show. */
export const writtenRun = (prefix: string, n: number): StoredRun =>
  makeStoredRun({
    probe: prefix,
    slot: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString(),
    latencies: Array.from({ length: 20 }, (_, index) => 1 + ((n * 31 + index * 17) % 997)),
    run: { reasons: [`run ${n} `.repeat(500)] },
  });
