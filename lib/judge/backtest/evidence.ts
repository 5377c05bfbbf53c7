import type { RegressionFinding } from '../regression.ts';
import type { SloFinding } from '../slo.ts';
import type { Evidence } from './ledger.ts';

const isoOf = (atMs: number | undefined): string | null => (atMs === undefined ? null : new Date(atMs).toISOString());

/** The figures of a regression, by the names of its finding. */
export const regressionEvidence = (finding: RegressionFinding): Evidence => ({
  arm: finding.arm ?? null,
  against: finding.against ?? null,
  ratio: finding.ratio,
  interval: finding.interval,
  n: finding.n,
  runs: finding.runs,
  onset: isoOf(finding.onsetMs),
  score: finding.score,
  limit: finding.limit,
});

/** The figures of a burning budget, by the names of its finding. */
export const sloEvidence = ({ firing, budgetLeft, bad, total }: SloFinding): Evidence => ({
  pair: firing?.pair ?? null,
  longMs: firing?.longMs ?? null,
  shortMs: firing?.shortMs ?? null,
  factor: firing?.factor ?? null,
  burn: firing?.burn ?? null,
  since: isoOf(firing?.sinceMs),
  budgetLeft,
  bad,
  total,
});
