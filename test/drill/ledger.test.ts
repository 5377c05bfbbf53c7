import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holesIn, type LedgerOutcome, settleLedger } from '../../lib/drill/ledger.ts';
import { ledgerFindings } from '../../lib/drill/ledger-findings.ts';
import type { Entry, Reading } from '../../lib/drill/record.ts';

const prefix = 'drill-1-';

const entryOf = (n: number, more: Partial<Entry> = {}): Entry => ({
  id: `${prefix}${n}`,
  phase: 'seed',
  invokedAt: n * 10,
  endedAt: n * 10 + 5,
  outcome: 'acknowledged',
  captures: {},
  ...more,
});

const readingOf = (n: number, found: Reading['found'], at = 1_000): Reading => ({ id: `${prefix}${n}`, at, found });

const settle = (entries: readonly Entry[], readings: readonly Reading[], listing?: readonly string[]): LedgerOutcome =>
  settleLedger(entries, readings, listing, prefix);

describe('a ledger', () => {
  test('has lost what was acknowledged and is absent at the last', () => {
    const { lost } = settle([entryOf(1)], [readingOf(1, 'present'), readingOf(1, 'absent')]);
    expect(lost).toEqual([{ id: `${prefix}1`, acknowledgedAt: 15 }]);
  });

  test('takes what comes late for stale, and not for lost', () => {
    const { lost, stale } = settle([entryOf(1)], [readingOf(1, 'absent'), readingOf(1, 'present')]);
    expect([lost, stale]).toEqual([[], [`${prefix}1`]]);
  });

  test('never takes what nobody acknowledged for lost', () => {
    const { lost, recovered } = settle([entryOf(1, { outcome: 'unknown' })], [readingOf(1, 'absent')]);
    expect([lost, recovered]).toEqual([[], []]);
  });

  test('learns from the list that an unanswered write was done', () => {
    const entry = entryOf(1, { outcome: 'unknown' });
    expect(settle([entry], [readingOf(1, 'unreadable')], [entry.id]).recovered).toEqual([entry.id]);
  });

  test('says that it cannot tell where nothing could be read', () => {
    const outcome = settle([entryOf(1)], [readingOf(1, 'unreadable')]);
    expect(outcome).toMatchObject({ lost: [], unread: [`${prefix}1`] });
    const [loss] = ledgerFindings(outcome, undefined);
    expect(loss?.result).toBe('inconclusive');
  });

  test('does not pass for want of writes', () => {
    const [loss] = ledgerFindings(settle([], []), undefined);
    expect(loss).toMatchObject({ check: 'no acknowledged write is lost', result: 'inconclusive' });
  });

  test.each([
    ['a refused write', entryOf(1, { outcome: 'refused' }), [readingOf(1, 'present')], undefined],
    ['a ghost', entryOf(1, { phase: 'ghost', outcome: 'refused' }), [readingOf(1, 'present')], undefined],
    ['a listed ghost', entryOf(1, { phase: 'ghost', outcome: 'refused' }), [], [`${prefix}1`]],
    ['an id of ours that nobody sent', entryOf(1), [readingOf(1, 'present')], [`${prefix}1`, `${prefix}2`]],
  ])('finds %s that is there unexpected', (_, entry, readings, listing) => {
    expect(settle([entry], readings, listing).unexpected).toHaveLength(1);
  });

  test('lets ids of others alone', () => {
    const outcome = settle([entryOf(1)], [readingOf(1, 'present')], [`${prefix}1`, 'other', 'other']);
    expect(outcome).toMatchObject({ unexpected: [], duplicated: [], unlisted: [] });
  });

  test('finds what is listed twice, and what reads though the list lacks it', () => {
    const readings = [readingOf(1, 'present'), readingOf(2, 'present')];
    const outcome = settle([entryOf(1), entryOf(2)], readings, [`${prefix}1`, `${prefix}1`]);
    expect(outcome).toMatchObject({ duplicated: [`${prefix}1`], unlisted: [`${prefix}2`] });
  });
});

describe('a loss', () => {
  const lossesOf = (...lost: readonly number[]) => ({
    lost: lost.map((n) => ({ id: `${prefix}${n}`, acknowledgedAt: n * 10 + 5 })),
    unread: [],
  });
  const entries = [entryOf(1), entryOf(2), entryOf(3), entryOf(9, { phase: 'through' })];

  test('of the newest before the interruption is a tail, whatever was written after the recovery', () => {
    expect(holesIn(lossesOf(2, 3), entries, 50)).toEqual([]);
  });

  test('of one with a newer one still there is a hole', () => {
    expect(holesIn(lossesOf(2), entries, 50)).toHaveLength(1);
  });
});

/** The definitions read word by word, entry by entry: slow, and with nothing shared with what it checks. */
const bruteForce = (
  entries: readonly Entry[],
  readings: readonly Reading[],
  listing: readonly string[] | undefined,
): Readonly<Record<keyof LedgerOutcome, readonly string[] | number>> => {
  const sent = entries.filter(({ phase }) => phase !== 'ghost');
  const told = (id: string) => readings.filter((reading) => reading.id === id && reading.found !== 'unreadable');
  const endsAs = (id: string, found: Reading['found']): boolean => {
    const all = told(id);
    return all.length > 0 && all[all.length - 1]?.found === found;
  };
  const shows = (id: string): number => (listing ?? []).filter((listed) => listed === id).length;
  const isThere = (id: string): boolean => endsAs(id, 'present') || endsAs(id, 'different') || shows(id) > 0;
  const where = (some: readonly Entry[], holds: (entry: Entry) => boolean): readonly string[] =>
    some.filter(holds).map(({ id }) => id);
  const ack = ({ outcome }: Entry): boolean => outcome === 'acknowledged';
  const ours = [...new Set((listing ?? []).filter((id) => id.startsWith(prefix)))];
  return {
    attempted: sent.length,
    acknowledged: sent.filter(ack).length,
    // Absent in every reading since it was last known to be there.
    lost: where(sent, (entry) => {
      const all = told(entry.id);
      const lastSeen = all.findLastIndex(({ found }) => found !== 'absent');
      return (
        ack(entry) && all.length > lastSeen + 1 && all.slice(lastSeen + 1).every(({ found }) => found === 'absent')
      );
    }),
    corrupt: where(sent, ({ id, outcome }) => outcome !== 'refused' && endsAs(id, 'different')),
    stale: where(
      sent,
      (entry) => ack(entry) && endsAs(entry.id, 'present') && told(entry.id).some(({ found }) => found !== 'present'),
    ),
    recovered: where(sent, ({ id, outcome }) => outcome === 'unknown' && isThere(id)),
    unexpected: [
      ...where(entries, ({ id, phase, outcome }) => (phase === 'ghost' || outcome === 'refused') && isThere(id)),
      ...ours.filter((id) => !entries.some((entry) => entry.id === id)),
    ],
    duplicated: ours.filter((id) => shows(id) > 1),
    unread: where(sent, (entry) => ack(entry) && told(entry.id).length === 0),
    unlisted: where(
      sent,
      (entry) => listing !== undefined && ack(entry) && endsAs(entry.id, 'present') && shows(entry.id) === 0,
    ),
  };
};

const sorted = (outcome: LedgerOutcome) =>
  Object.fromEntries(
    Object.entries({ ...outcome, lost: outcome.lost.map(({ id }) => id) }).map(([key, value]) => [
      key,
      typeof value === 'number' ? value : [...value].toSorted(),
    ]),
  );

const ledgers = fc.record({
  entries: fc
    .array(
      fc.record({
        phase: fc.constantFrom('seed' as const, 'through' as const, 'ghost' as const),
        outcome: fc.constantFrom('acknowledged' as const, 'refused' as const, 'unknown' as const),
      }),
      { maxLength: 6 },
    )
    .map((kinds) => kinds.map((kind, index) => entryOf(index, kind))),
  readings: fc.array(
    fc
      .record({
        n: fc.nat(6),
        found: fc.constantFrom('present' as const, 'absent' as const, 'different' as const, 'unreadable' as const),
      })
      .map(({ n, found }) => readingOf(n, found)),
    { maxLength: 20 },
  ),
  listing: fc.option(fc.array(fc.constantFrom(...[0, 1, 2, 3, 7].map((n) => `${prefix}${n}`), 'other')), {
    nil: undefined,
  }),
});

test('a settled ledger agrees with the definitions read word by word', () => {
  fc.assert(
    fc.property(ledgers, ({ entries, readings, listing }) => {
      const expected = bruteForce(entries, readings, listing);
      expect(sorted(settle(entries, readings, listing))).toEqual(
        Object.fromEntries(
          Object.entries(expected).map(([key, value]) => [
            key,
            typeof value === 'number' ? value : [...value].toSorted(),
          ]),
        ),
      );
    }),
    { numRuns: 1_000 },
  );
});
