import type { Cursor } from '../../config/plan.ts';
import type { Answer, Message } from '../codec/codec.ts';
import type { Entry } from '../journal.ts';
import { type Place, placeOf } from './place.ts';

/** Where a replay ends: at a cursor, with a message, or when nothing more comes, which others must know. */
export type ReplayEnd =
  | { readonly cursor: Cursor }
  | { readonly matches: (message: Message) => boolean }
  | { readonly quiet: true };

/** What has come of one stream. */
export type Gathered = {
  readonly stream: string;
  /** Up to the end and not beyond; but what repeats an event of these, however late. */
  readonly events: readonly Entry[];
  /** The last cursor asked for. */
  readonly to?: Cursor;
  /** What it ended with. */
  readonly end?: Entry;
  readonly refused?: { readonly code: string; readonly entry: Entry };
};

export type Collector = {
  /** Takes the next message of the connection; answers whether it is the replay's: an event of it, an answer, its end. */
  take(entry: Entry): boolean;
  /** Whether each stream has come to its end, or was refused. */
  ended(): boolean;
  /** When the latest event or answer came, monotonic. */
  lastMs(): number | undefined;
  gathered(): readonly Gathered[];
};

/** Neither an answer nor housekeeping; an event of a type that the protocol has not yet is one. */
export const isEventOf = (stream: string, { role, problem, ...message }: Message): boolean =>
  message.stream === stream && problem === undefined && (role === undefined || role === 'event' || role === 'unknown');

const asIs = (text: string) => text;

const placed = ({ cursor }: Message): Place | undefined =>
  cursor === undefined || cursor === null ? undefined : placeOf(cursor, asIs);

const isBeyond = (place: Place | undefined, last: Place | undefined): boolean =>
  place?.ordinal !== undefined && last?.ordinal !== undefined && place.ordinal > last.ordinal;

type Gathering = {
  readonly stream: string;
  readonly events: Entry[];
  readonly keys: Set<string>;
  to?: Cursor;
  end?: Entry;
  refused?: { readonly code: string; readonly entry: Entry };
};

/** Behind the end only what should have come before it: what came already, what lies below the last cursor. */
const belongs = ({ end, keys, to }: Gathering, place: Place | undefined): boolean => {
  const last = to === undefined ? undefined : placeOf(to, asIs);
  if (isBeyond(place, last)) return false;
  if (!end) return true;
  if (!place) return false;
  return keys.has(place.key) || (place.ordinal !== undefined && last?.ordinal !== undefined);
};

/** What a message says to the subscription to a stream. */
type AnswerTo = (stream: string, message: Message) => Answer | undefined;

const takeAnswer = (entry: Entry, message: Message, unanswered: Set<Gathering>, answerTo: AnswerTo): boolean => {
  let taken = false;
  for (const gathering of unanswered) {
    const answer = answerTo(gathering.stream, message);
    if (!answer) continue;
    unanswered.delete(gathering);
    if (!answer.accepted) gathering.refused = { code: answer.code, entry };
    taken = true;
  }
  return taken;
};

/** `goal`: the place of the last cursor asked for, which ends its stream. */
const takeEvent = (entry: Entry, message: Message, all: readonly Gathering[], goal: string | undefined): boolean => {
  const gathering = all.find(({ stream }) => isEventOf(stream, message));
  const place = placed(message);
  if (!gathering || !belongs(gathering, place)) return false;
  gathering.events.push(entry);
  if (place) gathering.keys.add(place.key);
  if (place && place.key === goal) gathering.end ??= entry;
  return true;
};

/** An event of a stream ends that stream, and is its last one; any other message ends all that are still open. */
const takeEnd = (entry: Entry, message: Message, all: readonly Gathering[], until: ReplayEnd): boolean => {
  if (!('matches' in until) || !until.matches(message)) return false;
  const named = all.filter(({ stream }) => stream === message.stream);
  const open = (named.length > 0 ? named : all).filter(({ end }) => !end);
  for (const gathering of open) {
    gathering.end = entry;
    if (message.cursor !== undefined && isEventOf(gathering.stream, message)) gathering.to = message.cursor;
  }
  return open.length > 0;
};

/** Gathers a replay out of what comes on a connection: each stream by itself, whatever lies between. */
export const createCollector = (streams: readonly string[], until: ReplayEnd, answerTo: AnswerTo): Collector => {
  const to = 'cursor' in until ? { to: until.cursor } : {};
  const all = streams.map((stream): Gathering => ({ stream, events: [], keys: new Set(), ...to }));
  const unanswered = new Set(all);
  const goal = 'cursor' in until ? placeOf(until.cursor, asIs).key : undefined;
  let lastMs: number | undefined;
  return {
    take: (entry) => {
      const { message } = entry;
      if (!message) return false;
      const heard = takeAnswer(entry, message, unanswered, answerTo) || takeEvent(entry, message, all, goal);
      if (heard) lastMs = entry.frame.at;
      return takeEnd(entry, message, all, until) || heard;
    },
    ended: () => all.every(({ end, refused }) => end !== undefined || refused !== undefined),
    lastMs: () => lastMs,
    gathered: () => all,
  };
};
