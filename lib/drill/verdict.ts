import { lossCheck } from './ledger-findings.ts';
import type { DrillRecord, Finding, Status } from './record.ts';
import type { DrillState } from './states.ts';

/** Field notes, §B.6. Only the first three end the machine in Succeed. */
export const verdicts = [
  'PASS',
  'DRY_RUN',
  'REFUSED',
  'FAIL_NO_RECOVERY',
  'FAIL_LOST',
  'FAIL_INTEGRITY',
  'FAIL_ORDER',
  'FAIL_PROJECTION',
  'FAIL_LIVENESS',
  'FAIL_RPO',
  'FAIL_RTO',
  'INVALID_NO_RESTART',
  'INVALID_BASELINE',
  'ABORTED',
  'INTERRUPTED',
  'ERROR',
] as const;

export type Verdict = (typeof verdicts)[number];

type Decided = { readonly verdict: Verdict; readonly reasons: readonly string[] };

const areas: readonly (readonly [Verdict, (finding: Finding) => boolean])[] = [
  ['FAIL_LOST', ({ check }) => check === lossCheck],
  ['FAIL_INTEGRITY', ({ area }) => area === 'ledger' || area === 'streams'],
  ['FAIL_ORDER', ({ area }) => area === 'order'],
  ['FAIL_PROJECTION', ({ area }) => area === 'projections'],
  ['FAIL_LIVENESS', ({ area }) => area === 'liveness' || area === 'steady'],
  ['FAIL_RPO', ({ area }) => area === 'rpo'],
  ['FAIL_RTO', ({ area }) => area === 'rto'],
];

/** What must have been looked at before a drill may pass. */
const required: readonly DrillState[] = [
  'ProveRestart',
  'VerifyLedger',
  'VerifyStreams',
  'VerifyProjections',
  'VerifyLiveness',
  'ComputeMetrics',
  'Cleanup',
  'ConfirmSteadyState',
];

/** What was found comes first: most checks say what must not be, and denied once more they would be hard to read. */
const told = ({ check, actual }: Finding): string => `${actual} (check: ${check})`;

/** What the sampler saw of the end. `alive`: it works, whoever it is. `recovered`: it works, and is somebody new. */
export type Comeback = { readonly alive: boolean; readonly recovered: boolean };

/** Verifications that found nothing, or whose last visit threw: what an earlier one found is half a look. */
const unverified = ({ verified, broken }: DrillRecord): readonly DrillState[] =>
  required.filter((state) => !verified.includes(state) || broken.includes(state));

/** What a drill that came to its end found, the gravest first. */
const judge = (record: DrillRecord, { alive, recovered }: Comeback): Decided => {
  const failed = record.findings.filter(({ result }) => result === 'fail');
  if (!alive) return { verdict: 'FAIL_NO_RECOVERY', reasons: ['full function never came back'] };
  if (record.proof && record.proof.proven !== 'PROVEN')
    return { verdict: 'INVALID_NO_RESTART', reasons: record.proof.reasons };
  if (!recovered) return { verdict: 'FAIL_NO_RECOVERY', reasons: ['full function never lasted on the new identity'] };
  for (const [verdict, belongs] of areas) {
    const some = failed.filter((finding) => belongs(finding) && finding.area !== 'cleanup');
    if (some.length > 0) return { verdict, reasons: some.map(told) };
  }
  const missing = unverified(record);
  if (missing.length > 0) return { verdict: 'ERROR', reasons: [`no findings of ${missing.join(', ')}`] };
  const others = failed.map(told);
  return others.length > 0 ? { verdict: 'ERROR', reasons: others } : { verdict: 'PASS', reasons: [] };
};

/** A dry run that leaves something behind, or does not get as far, is no success. */
const judgeDryRun = (record: DrillRecord, reasons: readonly string[]): Decided => {
  const failed = record.findings.filter(
    ({ result, area }) => result === 'fail' && (area === 'cleanup' || area === 'steady'),
  );
  return failed.length === 0
    ? { verdict: 'DRY_RUN', reasons }
    : { verdict: 'ERROR', reasons: [...failed.map(told), ...reasons] };
};

/** Names how a drill ended. What ended it early comes first; then whether it counts at all; then the worst that it found. */
export const decideVerdict = (record: DrillRecord, comeback: Comeback): Decided => {
  const { ending, interruption, reasons, receipt } = record;
  if (interruption !== undefined) return { verdict: 'INTERRUPTED', reasons };
  if (ending) return ending.verdict === 'DRY_RUN' ? judgeDryRun(record, reasons) : { verdict: ending.verdict, reasons };
  if (record.trail.some(({ state }) => state === 'Abort') || !receipt)
    return { verdict: 'ERROR', reasons: reasons.length > 0 ? reasons : ['a state ended without saying why'] };
  const decided = judge(record, comeback);
  return { ...decided, reasons: [...new Set([...decided.reasons, ...reasons])] };
};

const statuses: Partial<Readonly<Record<Verdict, Status>>> = {
  REFUSED: 'refused',
  ABORTED: 'aborted',
  INVALID_BASELINE: 'aborted',
  INTERRUPTED: 'interrupted',
  ERROR: 'failed',
};

export const statusOf = (verdict: Verdict): Status => statuses[verdict] ?? 'completed';

/** Whether the machine ends in Succeed. */
export const isGood = (verdict: Verdict): boolean =>
  verdict === 'PASS' || verdict === 'DRY_RUN' || verdict === 'REFUSED';
