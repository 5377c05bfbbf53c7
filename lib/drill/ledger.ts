import type { Entry, EpochMs, Reading } from './record.ts';

/**
 * What became of the writes, in Jepsen's words (checker.clj, set-full). `lost`: acknowledged, and absent in every reading
 * since it was last seen. `stale`: acknowledged, absent or another once, and right later. `recovered`: nobody answered, and
 * yet it is there, by reading or by the list; no fault. `unexpected`: there, by reading or by the list, though it was refused,
 * removed or never attempted. `unread`: acknowledged, and no reading could tell. `unlisted`: it reads, and the list lacks it.
 */
export type LedgerOutcome = {
  readonly attempted: number;
  readonly acknowledged: number;
  readonly lost: readonly Loss[];
  readonly corrupt: readonly string[];
  readonly stale: readonly string[];
  readonly recovered: readonly string[];
  readonly unexpected: readonly string[];
  readonly duplicated: readonly string[];
  readonly unread: readonly string[];
  readonly unlisted: readonly string[];
};

export type Loss = { readonly id: string; readonly acknowledgedAt: EpochMs };

/** How the readings of one entry end. */
type Fate = 'present' | 'different' | 'absent' | 'stale' | 'unread';

/** What cannot be read says nothing: the last that says something decides. */
const fateOf = (readings: readonly Reading[]): Fate => {
  const telling = readings.filter(({ found }) => found !== 'unreadable');
  const last = telling.at(-1);
  if (!last) return 'unread';
  if (last.found === 'present') return telling.some(({ found }) => found !== 'present') ? 'stale' : 'present';
  return last.found === 'different' ? 'different' : 'absent';
};

/** Ids that a listing shows, each as often as it does; absent where the target has none. */
export type Listing = readonly string[] | undefined;

/** How often the list shows each id of ours. */
const countOurs = (listing: Listing, entries: readonly Entry[], prefix: string): ReadonlyMap<string, number> => {
  const ours = new Set(entries.map(({ id }) => id));
  const counts = new Map<string, number>();
  for (const id of listing ?? []) if (ours.has(id) || id.startsWith(prefix)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

const idsOf = (entries: readonly Entry[]): readonly string[] => entries.map(({ id }) => id);

const there: ReadonlySet<Fate> = new Set<Fate>(['present', 'stale', 'different']);

/** Settles a ledger. `prefix`: what all ids of this drill begin with. Readings are those after the restart, oldest first. */
export const settleLedger = (
  entries: readonly Entry[],
  readings: readonly Reading[],
  listing: Listing,
  prefix: string,
): LedgerOutcome => {
  const byId = Map.groupBy(readings, ({ id }) => id);
  const counts = countOurs(listing, entries, prefix);
  const fate = ({ id }: Entry): Fate => fateOf(byId.get(id) ?? []);
  const isThere = (entry: Entry): boolean => there.has(fate(entry)) || counts.has(entry.id);
  const attempted = entries.filter(({ phase }) => phase !== 'ghost');
  const acknowledged = attempted.filter(({ outcome }) => outcome === 'acknowledged');
  const unwanted = entries.filter(({ phase, outcome }) => phase === 'ghost' || outcome === 'refused');
  const known = new Set(idsOf(entries));
  const strangers = [...counts.keys()].filter((id) => !known.has(id));
  const reads = acknowledged.filter((entry) => fate(entry) === 'present' || fate(entry) === 'stale');
  return {
    attempted: attempted.length,
    acknowledged: acknowledged.length,
    lost: acknowledged
      .filter((entry) => fate(entry) === 'absent')
      .map(({ id, endedAt }) => ({ id, acknowledgedAt: endedAt })),
    corrupt: idsOf(attempted.filter((entry) => entry.outcome !== 'refused' && fate(entry) === 'different')),
    stale: idsOf(acknowledged.filter((entry) => fate(entry) === 'stale')),
    recovered: idsOf(attempted.filter((entry) => entry.outcome === 'unknown' && isThere(entry))),
    unexpected: [...idsOf(unwanted.filter(isThere)), ...strangers],
    duplicated: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    unread: idsOf(acknowledged.filter((entry) => fate(entry) === 'unread')),
    unlisted: listing === undefined ? [] : idsOf(reads.filter(({ id }) => !counts.has(id))),
  };
};

/** Acknowledged writes that were begun before a moment and are still there. */
const keptOf = (
  outcome: Pick<LedgerOutcome, 'lost' | 'unread'>,
  entries: readonly Entry[],
  before: EpochMs,
): readonly Entry[] => {
  const gone = new Set([...outcome.lost.map(({ id }) => id), ...outcome.unread]);
  return entries.filter(
    ({ id, outcome: answer, phase, invokedAt }) =>
      answer === 'acknowledged' && phase !== 'ghost' && !gone.has(id) && invokedAt < before,
  );
};

/**
 * Writes were lost, and of those before the interruption not one is left. Then nothing tells a service that fell back by
 * the age of the first from one that has lost all that it ever had: the loss has no upper bound.
 */
export const losesAll = (
  outcome: Pick<LedgerOutcome, 'lost' | 'unread'>,
  entries: readonly Entry[],
  interruptedAt: EpochMs,
): boolean => outcome.lost.length > 0 && keptOf(outcome, entries, interruptedAt).length === 0;

/**
 * Lost writes that are no tail: a write that was begun once the lost one was acknowledged, and before the interruption, is
 * still there. To fall back to an earlier moment loses a tail, which an RPO may allow; no moment ever looked like this.
 */
export const holesIn = (
  outcome: Pick<LedgerOutcome, 'lost' | 'unread'>,
  entries: readonly Entry[],
  interruptedAt: EpochMs,
): readonly Loss[] => {
  const kept = keptOf(outcome, entries, interruptedAt);
  const newest = kept.reduce((latest, { invokedAt }) => Math.max(latest, invokedAt), Number.NEGATIVE_INFINITY);
  return outcome.lost.filter(({ acknowledgedAt }) => acknowledgedAt < newest);
};
