import type { DrillPlan } from '../config/plan.ts';
import { againstDigests } from './digests.ts';
import { idPrefix } from './entry-id.ts';
import { fails, inconclusive } from './finding.ts';
import { identitiesOf } from './identity.ts';
import { holesIn, type LedgerOutcome, type Loss, losesAll, settleLedger } from './ledger.ts';
import { lossCheck } from './ledger-findings.ts';
import type { DrillRecord, EpochMs, Finding } from './record.ts';
import {
  commandToRecovered,
  findOutage,
  type IntervalMs,
  isAlive,
  type Outage,
  recoveredAt,
  recoveryPoint,
  type Since,
} from './recovery.ts';

export const sinceOf = (record: DrillRecord, { streak }: Pick<DrillPlan, 'streak'>): Since => ({
  askedAt: record.askedAt ?? Number.POSITIVE_INFINITY,
  before: new Set(identitiesOf(record.before)),
  streak,
});

/** Settles what a record holds; digests decide where they held still without a restart. */
export const settleRecord = (record: DrillRecord): LedgerOutcome => {
  const readings = record.controls?.digests ? againstDigests(record.readings, record.seedReadings) : record.readings;
  // What is written to see whether it works again has a check of its own.
  const entries = record.entries.filter(({ phase }) => phase !== 'after');
  return settleLedger(entries, readings, record.listing, idPrefix(record.request.runId));
};

/** What the clock says of a drill. */
export type Measured = {
  readonly outage: Outage;
  /** From the interruption to full function; `undefined`: no interruption was seen. */
  readonly rta: IntervalMs | undefined;
  /** Back to the oldest lost write, and at most to the oldest that could not be read; `undefined`: nothing shows it. */
  readonly rpa: IntervalMs | undefined;
  readonly commandToRecovered: IntervalMs | undefined;
  /** From the accepted restart to the end of the verifications. */
  readonly verifiedMs: number | undefined;
  /** The target works at the end, whoever it is. */
  readonly alive: boolean;
  /** Full function was back, and on a new identity. */
  readonly recovered: boolean;
};

/** Of the writes through the restart, those acknowledged so shortly before the interruption could have been lost with it. */
const freshMs = 5_000;

/** Whether there were newest writes to lose: without them only the seeds stand, and they are old. */
export const wroteUntil = ({ entries }: DrillRecord, outage: Outage): boolean =>
  outage.kind === 'seen' &&
  entries.some(
    ({ phase, outcome, endedAt }) =>
      phase === 'through' &&
      outcome === 'acknowledged' &&
      endedAt > outage.interruptedAt.earliest - freshMs &&
      endedAt <= outage.interruptedAt.latest,
  );

const unreadOf = ({ entries }: DrillRecord, { unread }: LedgerOutcome): readonly Loss[] => {
  const ids = new Set(unread);
  return entries.filter(({ id }) => ids.has(id)).map(({ id, endedAt }) => ({ id, acknowledgedAt: endedAt }));
};

/** Nothing is known where nobody came back, or nothing could be read; and where nothing fresh was written, nothing is shown. */
const rpaOf = (record: DrillRecord, outage: Outage): IntervalMs | undefined => {
  const settled = settleRecord(record);
  const isBack = outage.kind === 'seen' && outage.recoveredAt !== undefined;
  if (!isBack || settled.unread.length === settled.acknowledged) return undefined;
  if (settled.lost.length === 0 && !wroteUntil(record, outage)) return undefined;
  const sure = recoveryPoint(settled.lost, outage);
  const most = recoveryPoint([...settled.lost, ...unreadOf(record, settled)], outage);
  const isBoundless = losesAll(settled, record.entries, outage.interruptedAt.earliest);
  return sure && most && { lowerMs: sure.lowerMs, upperMs: isBoundless ? null : most.upperMs };
};

const verifiedAt = ({ trail }: DrillRecord): EpochMs | undefined =>
  trail.findLast(({ state }) => state === 'ComputeMetrics')?.at;

export const measure = (record: DrillRecord, drill: DrillPlan): Measured => {
  const since = sinceOf(record, drill);
  const outage = findOutage(record.ticks, since);
  const acceptedAt = record.receipt?.acceptedAt;
  const endedAt = verifiedAt(record);
  return {
    outage,
    rta: outage.kind === 'seen' ? outage.durationMs : undefined,
    rpa: rpaOf(record, outage),
    commandToRecovered: acceptedAt === undefined ? undefined : commandToRecovered(record.ticks, since, acceptedAt),
    verifiedMs: acceptedAt === undefined || endedAt === undefined ? undefined : endedAt - acceptedAt,
    alive: isAlive(record.ticks, drill.streak),
    recovered: recoveredAt(record.ticks, since) !== undefined,
  };
};

/**
 * The loss finding as the objective sees it: with an RPO above zero the service may fall back to an earlier moment, and then
 * only losses that are no tail, or that cannot be dated, break the ledger.
 */
export const softenLoss = (
  findings: readonly Finding[],
  outcome: LedgerOutcome,
  record: DrillRecord,
  drill: DrillPlan,
) => {
  const outage = findOutage(record.ticks, sinceOf(record, drill));
  if (drill.rpoMs === 0 || outage.kind !== 'seen') return findings;
  const { earliest } = outage.interruptedAt;
  const holes = holesIn(outcome, record.entries, earliest).map(({ id }) => id);
  const isBoundless = losesAll(outcome, record.entries, earliest);
  return findings.map((finding): Finding => {
    if (finding.check !== lossCheck || finding.result !== 'fail') return finding;
    if (isBoundless) {
      const actual = `${finding.actual}, and none of before is left: nothing bounds the loss`;
      return fails(finding, actual, finding.witnesses);
    }
    if (holes.length > 0)
      return fails(finding, `${finding.actual}; newer ones than ${holes.length} of them are still there`, holes);
    return inconclusive(finding, `${finding.actual}, the newest ones: the RPO decides`, finding.witnesses);
  });
};
