import type { Json } from '../../../config/plan.ts';
import { idsIn } from '../../../drill/entry-id.ts';
import { keyOf, nameOf, type Redact } from '../../../drill/observation.ts';
import type { Finding, StreamEvent as LoggedEvent, StreamHead } from '../../../drill/record.ts';
import { placeOf, type StreamEvent } from '../../../sequence/replay.ts';
import { plural } from '../../../sequence/words.ts';
import { digestJson } from '../digest.ts';

/** The events of a stream as they are remembered: where each stood, and what it said. */
export type Log = StreamHead['events'];

export const logOf = (events: readonly StreamEvent[]): Log =>
  events.map(({ message }) => ({ cursor: message.cursor ?? null, digest: digestJson(message.body) }));

/** The same, with the writes of a drill that each of them names. */
export const eventsOf = (events: readonly StreamEvent[], idPrefix: string): readonly LoggedEvent[] =>
  events.map(({ message }) => ({
    cursor: message.cursor ?? null,
    digest: digestJson(message.body),
    entries: idsIn(JSON.stringify(message.body), idPrefix),
  }));

export type Told = Pick<Finding, 'result' | 'actual' | 'witnesses'>;

const maxWitnesses = 5;

const asIs = (text: string) => text;

const named = (events: Log, redact: Redact): readonly string[] => events.map((event) => nameOf(event, redact));

const fault = (events: Log, what: string, redact: Redact) => {
  const witnesses = named(events, redact).slice(0, maxWitnesses);
  const more = events.length > witnesses.length ? ', …' : '';
  return { sentence: `${what}: ${witnesses.join(', ')}${more}`, witnesses };
};

const faultsOf = (before: Log, after: Log, redact: Redact) => {
  const there = new Map(after.map((event) => [keyOf(event), event]));
  const known = new Set(before.map(keyOf));
  const gone = before.filter((event) => !there.has(keyOf(event)));
  const changed = before.filter((event) => (there.get(keyOf(event))?.digest ?? event.digest) !== event.digest);
  const last = before.at(-1);
  const end = last ? after.findIndex((event) => keyOf(event) === keyOf(last)) : -1;
  const between = after.slice(0, Math.max(0, end)).filter((event) => !known.has(keyOf(event)));
  return [
    ...(gone.length > 0 ? [fault(gone, `${gone.length} of ${plural(before.length, 'event')} gone`, redact)] : []),
    ...(changed.length > 0 ? [fault(changed, `${plural(changed.length, 'event')} with other content`, redact)] : []),
    ...(between.length > 0
      ? [fault(between, `${plural(between.length, 'event')} in between that nobody had seen`, redact)]
      : []),
  ];
};

const isSame = (a: Log[number] | undefined, b: Log[number]): boolean =>
  a !== undefined && keyOf(a) === keyOf(b) && a.digest === b.digest;

/** Whether a log begins with exactly another: every event, in its place, with the same words. */
export const judgePrefix = (was: Log, after: Log, redact: Redact): Told => {
  // A stream without an event may still tell who is here: that is of the moment where its events have cursors.
  const before = after.some(({ cursor }) => cursor !== null) ? was.filter(({ cursor }) => cursor !== null) : was;
  if (before.length === 0) return { result: 'inconclusive', actual: 'there was no event before', witnesses: [] };
  const odd = before.findIndex((event, index) => !isSame(after[index], event));
  if (odd < 0) {
    const since = plural(after.length - before.length, 'event');
    return { result: 'pass', actual: `${plural(before.length, 'event')} as before, ${since} since`, witnesses: [] };
  }
  const faults = faultsOf(before, after, redact);
  if (faults.length > 0) {
    const witnesses = faults.flatMap((one) => one.witnesses).slice(0, maxWitnesses);
    return { result: 'fail', actual: faults.map(({ sentence }) => sentence).join('; '), witnesses };
  }
  const witnesses = named(before.slice(odd, odd + 1), redact);
  return { result: 'fail', actual: `the order is another from ${witnesses.join()} on`, witnesses };
};

/** Whether what was replayed from a cursor on is the end of the whole log. The event at the cursor may be part of it. */
export const judgeResumption = (cursor: Json, resumed: Log, whole: Log, redact: Redact): Told => {
  const key = placeOf(cursor, asIs).key;
  const at = whole.findIndex((event) => keyOf(event) === key);
  const owed = whole.slice(at + 1);
  if (at < 0) return { result: 'fail', actual: `cursor ${placeOf(cursor, redact).text} is gone`, witnesses: [] };
  if (owed.length === 0)
    return { result: 'inconclusive', actual: 'no event has come since: there was nothing to resume', witnesses: [] };
  const came = resumed.filter((event) => keyOf(event) !== key);
  const told = judgePrefix(owed, came, redact);
  return told.result === 'pass' ? { ...told, actual: `${plural(owed.length, 'event')} as in the whole log` } : told;
};
