import { idPrefix } from '../entry-id.ts';
import { lossCheck } from '../ledger-findings.ts';
import { connectionFindings, eventFinding } from '../live-client.ts';
import { settleRecord, sinceOf } from '../measure.ts';
import { parts, put } from '../parts.ts';
import { each } from '../patience.ts';
import type { StreamCheck, Watched } from '../ports.ts';
import type { DrillRecord } from '../record.ts';
import { recoveredAt } from '../recovery.ts';
import type { Step } from '../step.ts';

/** What the streams owe to the writes, as the ledger was found. */
const watchedOf = (record: DrillRecord): Watched => {
  const lost = settleRecord(record).lost.map(({ id }) => id);
  const isAllowed = record.findings.some(({ check, result }) => check === lossCheck && result === 'inconclusive');
  const owed = record.entries.filter(({ phase, outcome }) => phase === 'through' && outcome === 'acknowledged');
  const isLost = new Set(lost);
  return {
    observations: record.observations,
    idPrefix: idPrefix(record.request.runId),
    owed: owed.map(({ id }) => id).filter((id) => !isLost.has(id)),
    allowed: isAllowed ? lost : [],
  };
};

/** Nothing where a stream could not be replayed: it may name any. */
const namedIn = (checks: readonly StreamCheck[]): readonly string[] | undefined =>
  checks.some(({ named }) => named === undefined) ? undefined : checks.flatMap(({ named = [] }) => named);

/** Replays each stream and holds it against what it was before the restart, and what a live client saw. */
export const verifyStreams: Step = async (record, { store, target, drill }, signal) => {
  const { heads, observations, askedAt } = record;
  const watched = watchedOf(record);
  const checks = await each(heads, signal, (head) => target.checkStream(head, watched, signal));
  const recovered = recoveredAt(record.ticks, sinceOf(record, drill)) !== undefined;
  const findings = [
    ...checks.flatMap((check) => check.findings),
    ...eventFinding(observations, watched.owed, namedIn(checks)),
    ...connectionFindings(observations, askedAt, { recovered, losesAllowed: watched.allowed.length > 0 }),
  ];
  await put(store, record.request.runId, parts.findings('VerifyStreams'), findings);
  return { next: 'go' };
};
