import { createHash } from 'node:crypto';
import type { Invariant, InvariantScope, Json } from '../config/plan.ts';
import { compilePath, findFirst, type Search } from '../match/json-path.ts';
import { cutText } from '../result/redact.ts';
import type { CheckOutcome } from '../result/result.ts';
import type { Message } from './codec/codec.ts';
import type { Frame } from './journal.ts';
import { readOrdinal } from './ordinal.ts';
import { type Redact, showJson } from './pattern.ts';
import { type Track, trackGaps, trackMonotonic } from './track.ts';

/** One invariant over the whole journal, evaluated as frames come: constant work for each. */
export type InvariantMonitor = {
  observe(frame: Frame): void;
  /** The check as it stands; its actual value names the first fault, or says what was seen. */
  outcome(): CheckOutcome;
};

type SequenceInvariant = Exclude<Invariant, { kind: 'noDuplicates' }>;
type UniqueInvariant = Extract<Invariant, { kind: 'noDuplicates' }>;

const number = new Intl.NumberFormat('en-US');
const plural = (count: number, noun: string): string => `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;

const nameOf = (invariant: Invariant): string => {
  const scope = invariant.scope === 'scenario' ? ', whole scenario' : '';
  if (invariant.kind === 'noDuplicates') return `noDuplicates ${invariant.key}${scope}`;
  const strict = invariant.kind === 'monotonic' && invariant.strict ? ', strict' : '';
  return `${invariant.kind} ${invariant.field} of ${invariant.stream}${strict}${scope}`;
};

/** Reads a top-level field by its name, or what a JSONPath finds first. `null` is no value. */
const createReader = (field: string, search: Search | undefined): ((message: Message) => Json | undefined) => {
  if (field.startsWith('$')) {
    const query = compilePath(field, search);
    return ({ body }) => (findFirst(query, body) as Json | undefined) ?? undefined;
  }
  return ({ body }) => {
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    return isObject && Object.hasOwn(body, field)
      ? ((body as { readonly [key: string]: Json })[field] ?? undefined)
      : undefined;
  };
};

/** What is to hold together: a connection as opened once, or everything. */
const scopeOf = (scope: InvariantScope, frame: Frame): string =>
  scope === 'generation' ? `${frame.connection}\n${frame.generation}` : '';

/** Counts what an invariant saw and keeps its first fault. */
const createTally = (field: string) => {
  let relevant = 0;
  let outside = 0;
  let faults = 0;
  let firstFault: string | undefined;
  let inexact: string | undefined;
  return {
    relevant: () => {
      relevant += 1;
    },
    outside: () => {
      outside += 1;
    },
    fault: (sentence: string) => {
      faults += 1;
      firstFault ??= sentence;
    },
    inexact: (n: number) => {
      inexact ??= `${field} at frame #${n} is beyond 2^53, where JSON numbers are rounded: only a string of digits can be compared`;
    },
    /** `late`: faults that only the end tells. `thin`: why there is too little to say anything. */
    outcome: (name: string, late: readonly string[], thin: boolean, where: string): CheckOutcome => {
      const seen = `${plural(relevant, 'frame')} with ${field}${where}`;
      const total = faults + late.length;
      const first = firstFault ?? late[0];
      if (first)
        return { name, result: 'fail', actual: total > 1 ? `${first} (and ${number.format(total - 1)} more)` : first };
      if (inexact) return { name, result: 'inconclusive', actual: inexact };
      if (thin) return { name, result: 'inconclusive', actual: `${seen}: too few to say anything` };
      return { name, result: 'pass', actual: outside > 0 ? `${seen}, ${number.format(outside)} without` : seen };
    },
  };
};

/** A frame observer from one of its messages. */
const observing =
  (observeMessage: (frame: Frame, message: Message) => void): InvariantMonitor['observe'] =>
  (frame) => {
    if (frame.direction !== 'in') return;
    for (const { message } of frame.entries) if (message) observeMessage(frame, message);
  };

const monitorSequence = (invariant: SequenceInvariant, redact: Redact, search?: Search): InvariantMonitor => {
  const { field, stream, scope } = invariant;
  const fieldOf = createReader(field, search);
  const tally = createTally(field);
  const tracks = new Map<string, Track>();
  let compared = false;
  const labelOf = ({ stream: name }: Message): string =>
    name === undefined ? field : `${field} of ${cutText(redact(name), 80)}`;
  const trackOf = (frame: Frame, message: Message): Track => {
    const key = `${scopeOf(scope, frame)}\n${message.stream ?? ''}`;
    const known = tracks.get(key);
    compared ||= known !== undefined;
    if (known) return known;
    const label = labelOf(message);
    const track = invariant.kind === 'monotonic' ? trackMonotonic(label, invariant.strict) : trackGaps(label);
    tracks.set(key, track);
    return track;
  };
  return {
    observe: observing((frame, message) => {
      if (stream !== '*' && message.stream !== stream) return;
      const value = fieldOf(message);
      if (value === undefined) return tally.outside();
      tally.relevant();
      const { n } = frame;
      const read = readOrdinal(value);
      if ('ordinal' in read) {
        const fault = trackOf(frame, message).next({ ordinal: read.ordinal, n });
        if (fault) tally.fault(fault);
      } else if (read.problem === 'inexact') tally.inexact(n);
      else tally.fault(`${labelOf(message)} is ${showJson(value, redact)} at frame #${n}, not a number`);
    }),
    outcome: () => {
      const late = [...tracks.values()].flatMap((track) => track.remaining());
      return tally.outcome(nameOf(invariant), late, !compared, ` in ${plural(tracks.size, 'stream')}`);
    },
  };
};

/** A value as a key of a map, of bounded length; nothing where it is nested too deeply to be one. */
const keyOf = (value: Json): string | undefined => {
  try {
    const text = JSON.stringify(value);
    return text.length <= 64 ? text : createHash('sha256').update(text).digest('base64');
  } catch {
    return undefined;
  }
};

const monitorUnique = (invariant: UniqueInvariant, redact: Redact, search?: Search): InvariantMonitor => {
  const { key: field, scope } = invariant;
  const read = createReader(field, search);
  const tally = createTally(field);
  const scopes = new Map<string, Map<string, number>>();
  const scopeSeen = (name: string): Map<string, number> => {
    const known = scopes.get(name) ?? new Map<string, number>();
    scopes.set(name, known);
    return known;
  };
  return {
    observe: observing((frame, message) => {
      const value = read(message);
      const key = value === undefined ? undefined : keyOf(value);
      if (value === undefined || key === undefined) return tally.outside();
      tally.relevant();
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) return tally.inexact(frame.n);
      const seen = scopeSeen(scopeOf(scope, frame));
      const before = seen.get(key);
      if (before === undefined) seen.set(key, frame.n);
      else tally.fault(`${field} ${showJson(value, redact)} came twice: frames #${before} and #${frame.n}`);
    }),
    outcome: () => tally.outcome(nameOf(invariant), [], scopes.size === 0, ''),
  };
};

/** Starts an invariant; `search` for a path that searches texts. @throws SyntaxError for a path that is not JSONPath. */
export const createInvariant = (invariant: Invariant, redact: Redact, search?: Search): InvariantMonitor =>
  invariant.kind === 'noDuplicates'
    ? monitorUnique(invariant, redact, search)
    : monitorSequence(invariant, redact, search);
