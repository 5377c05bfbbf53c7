import type { LedgerOutcome } from './ledger.ts';
import { seenTimes } from './live-client.ts';
import type { DrillRecord, Entry, EpochMs } from './record.ts';

/**
 * What became of one write, in the ledger's words, the gravest that holds. `present`: acknowledged, and there. `absent`: not
 * there, and nobody said that it would be. `unread`: nobody could tell.
 */
export const fates = [
  'lost',
  'corrupt',
  'unexpected',
  'duplicated',
  'stale',
  'recovered',
  'unread',
  'absent',
  'present',
] as const;

export type Fate = (typeof fates)[number];

/** One write of the ledger, as a report shows it. */
export type ReportedWrite = Pick<Entry, 'id' | 'phase' | 'invokedAt' | 'endedAt' | 'outcome'> & {
  readonly fate: Fate;
  /** When an event first told a live client of it. */
  readonly seenAt?: EpochMs;
};

/** A report is read by people; beyond so many only lost ones are kept. */
const mostWrites = 2_000;

const fateIn = (record: DrillRecord, outcome: LedgerOutcome): ((entry: Entry) => Fate) => {
  const sets: readonly (readonly [Fate, ReadonlySet<string>])[] = [
    ['lost', new Set(outcome.lost.map(({ id }) => id))],
    ['corrupt', new Set(outcome.corrupt)],
    ['unexpected', new Set(outcome.unexpected)],
    ['duplicated', new Set(outcome.duplicated)],
    ['stale', new Set(outcome.stale)],
    ['recovered', new Set(outcome.recovered)],
    ['unread', new Set(outcome.unread)],
  ];
  const missed = new Set(record.readings.filter(({ found }) => found === 'absent').map(({ id }) => id));
  return ({ id, outcome: answer }) => {
    const known = sets.find(([, ids]) => ids.has(id))?.[0];
    if (known) return known;
    if (answer === 'acknowledged') return 'present';
    return missed.has(id) || record.listing !== undefined ? 'absent' : 'unread';
  };
};

/**
 * Every write that the ledger counts, in the order in which they were begun. Of more than 2,000 the lost ones are kept, and
 * those nearest to the moment at which the restart was asked for.
 */
export const writesOf = (record: DrillRecord, outcome: LedgerOutcome): readonly ReportedWrite[] => {
  const fateOf = fateIn(record, outcome);
  const seen = seenTimes(record.observations);
  const writes = record.entries
    .filter(({ phase }) => phase === 'seed' || phase === 'through')
    .map((entry): ReportedWrite => {
      const { id, phase, invokedAt, endedAt, outcome: answer } = entry;
      const seenAt = seen.get(id);
      const told = { id, phase, invokedAt, endedAt, outcome: answer, fate: fateOf(entry) };
      return seenAt === undefined ? told : { ...told, seenAt };
    });
  return nearest(writes, record.askedAt ?? record.startedAt).toSorted((a, b) => a.invokedAt - b.invokedAt);
};

const nearest = (writes: readonly ReportedWrite[], at: EpochMs): readonly ReportedWrite[] => {
  const lost = writes.filter(({ fate }) => fate === 'lost');
  const others = writes.filter(({ fate }) => fate !== 'lost');
  const awayMs = ({ invokedAt }: ReportedWrite): number => Math.abs(invokedAt - at);
  const room = Math.max(0, mostWrites - lost.length);
  return [...lost, ...others.toSorted((a, b) => awayMs(a) - awayMs(b)).slice(0, room)];
};
