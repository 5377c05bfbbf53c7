import { inconclusive, passes, without } from './finding.ts';
import type { Finding, Sighting, StreamHead } from './record.ts';

type Events = StreamHead['events'];

const show = (value: unknown): string => JSON.stringify(value);

/** A number, or a text of digits as those send that outgrow a double; `undefined`: it has no order that is known. */
const ordinal = (cursor: unknown): number | bigint | undefined => {
  if (typeof cursor === 'number') return cursor;
  return typeof cursor === 'string' && /^\d{1,40}$/.test(cursor) ? BigInt(cursor) : undefined;
};

const isBefore = (cursor: unknown, other: unknown): boolean => {
  const [a, b] = [ordinal(cursor), ordinal(other)];
  return a !== undefined && b !== undefined && a < b;
};

const prefixFinding = (stream: string, before: Events, after: Events): Finding => {
  const told = { area: 'order', check: `the log of ${stream} before the restart is how it begins after it` } as const;
  if (before.length === 0) return inconclusive(told, 'it showed no event before the restart');
  const at = before.findIndex(({ cursor, digest }, index) => {
    const now = after[index];
    return show(now?.cursor) !== show(cursor) || now?.digest !== digest;
  });
  const was = before[at];
  if (!was) return passes(told, `all ${before.length} events of before, then ${after.length - before.length} more`);
  const now = after[at];
  const found = now ? `cursor ${show(now.cursor)}, digest ${now.digest}` : 'nothing';
  const witness = `event ${at + 1}: cursor ${show(was.cursor)}, digest ${was.digest}, is now ${found}`;
  return without(told, [witness], '', `it differs from event ${at + 1} of ${before.length} on`);
};

const orderFinding = (stream: string, after: Events): Finding => {
  const told = { area: 'order', check: `no cursor of ${stream} is used again, and numbers only go up` } as const;
  const seen = new Set<string>();
  const wrong = after.flatMap(({ cursor }, index) => {
    const text = show(cursor);
    const last = after[index - 1]?.cursor;
    const falls = isBefore(cursor, last);
    const again = seen.has(text);
    seen.add(text);
    if (again) return [`event ${index + 1} has cursor ${text} again`];
    return falls ? [`event ${index + 1} has cursor ${text} after ${show(last)}`] : [];
  });
  return without(told, wrong, `${after.length} events in order`, `${wrong.length} of ${after.length} events break it`);
};

const ackFinding = (stream: string, before: StreamHead, after: StreamHead): readonly Finding[] => {
  if (before.acked === undefined) return [];
  const told = { area: 'streams', check: `what was acknowledged of ${stream} still is` } as const;
  const kept =
    ordinal(before.acked) !== undefined && ordinal(after.acked) !== undefined
      ? !isBefore(after.acked, before.acked)
      : show(after.acked) === show(before.acked);
  const moved = `from ${show(before.acked)} to ${after.acked === undefined ? 'nothing' : show(after.acked)}`;
  return [without(told, kept ? [] : [moved], moved, 'the acknowledged cursor went back')];
};

/** Holds a log against what it was (field notes, §B.5): a prefix, no cursor used again, acknowledgements kept. */
export const compareHeads = (before: StreamHead, after: StreamHead): readonly Finding[] => [
  prefixFinding(before.stream, before.events, after.events),
  orderFinding(before.stream, after.events),
  ...ackFinding(before.stream, before, after),
];

const epochsOf = (sightings: readonly Sighting[]): readonly string[] => [
  ...new Set(sightings.flatMap(({ epoch }) => epoch ?? [])),
];

/** Whether the history is the same one; nothing where the target names none. */
export const epochFindings = (before: readonly Sighting[], after: readonly Sighting[]): readonly Finding[] => {
  const told = { area: 'streams', check: 'the history is the same one: its epoch is unchanged' } as const;
  const old = epochsOf(before);
  if (old.length === 0) return [];
  const now = epochsOf(after);
  if (now.length === 0) return [inconclusive(told, 'after the restart the target named no epoch')];
  const strange = now.filter((epoch) => !old.includes(epoch));
  return [without(told, strange, now.join(', '), `it was ${old.join(', ')}`)];
};
