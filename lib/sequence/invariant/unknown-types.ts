import type { Invariant } from '../../config/plan.ts';
import type { CheckOutcome } from '../../result/result.ts';
import type { Message } from '../codec/codec.ts';
import { createFieldReader } from '../field.ts';
import type { Frame } from '../journal.ts';
import { showJson } from '../pattern.ts';
import { plural } from '../words.ts';
import type { InvariantContext, InvariantMonitor } from './observe.ts';

type UnknownTypes = Extract<Invariant, { kind: 'unknownTypes' }>;

/** An unknown message, and what its connection did after it. */
type Sighting = { readonly n: number; readonly type: string };

type Broken = Sighting & { readonly at: number };

type Survived = Sighting & { readonly by: number };

/** Codes of a close that is nobody's fault (RFC 6455 §7.4.1). */
const orderly: ReadonlySet<number> = new Set([1000, 1001, 1005]);

const breaks = (frame: Frame): boolean =>
  frame.direction === 'life' &&
  (frame.life.event === 'error' || (frame.life.event === 'close' && !orderly.has(frame.life.code)));

/**
 * Messages of a type that nobody knows yet. Tolerance is positive evidence: one came, and a known message was still handled
 * on its connection.
 */
export const monitorUnknownTypes = (
  { policy, field, known: names }: UnknownTypes,
  { redact, engines }: InvariantContext,
): InvariantMonitor => {
  const fieldOf = createFieldReader(field, engines.search);
  const known = new Set(names);
  const open = new Map<string, Sighting>();
  const counts = { unknown: 0, readable: 0 };
  let first: Sighting | undefined;
  let broken: Broken | undefined;
  let survived: Survived | undefined;
  const isUnknown = (message: Message, type: string): boolean =>
    known.size > 0 ? !known.has(type) : message.role === 'unknown';
  const observeMessage = (frame: Frame, message: Message) => {
    const value = fieldOf(message);
    if (value === undefined) return;
    counts.readable += 1;
    const type = typeof value === 'string' ? value : showJson(value, redact);
    const waiting = open.get(frame.connection);
    if (!isUnknown(message, type)) {
      if (waiting) survived ??= { ...waiting, by: frame.n };
      open.delete(frame.connection);
      return;
    }
    counts.unknown += 1;
    const sighting: Sighting = { n: frame.n, type: showJson(value, redact) };
    first ??= sighting;
    if (!waiting) open.set(frame.connection, sighting);
  };
  const tolerated = (): Omit<CheckOutcome, 'name'> => {
    const { unknown, readable } = counts;
    if (broken) {
      const actual = `the connection broke (#${broken.at}) after the unknown ${broken.type} (#${broken.n}), before any known message`;
      return { result: 'fail', actual, frames: [broken.n, broken.at] };
    }
    if (!first) {
      const actual = `no unknown type among ${plural(readable, 'message')}: nothing shows that one is tolerated`;
      return { result: 'inconclusive', actual };
    }
    if (!survived) {
      const actual = `no known message came after the unknown ${first.type} (#${first.n})`;
      return { result: 'inconclusive', actual };
    }
    const actual = `${plural(unknown, 'unknown message')}; after ${survived.type} (#${survived.n}) known ones went on (#${survived.by})`;
    return { result: 'pass', actual };
  };
  return {
    observe: (frame) => {
      if (frame.direction === 'in') {
        for (const { message } of frame.entries) if (message) observeMessage(frame, message);
        return;
      }
      // What comes on a connection that was opened again shows nothing of the one before.
      if (frame.direction === 'life' && frame.life.event === 'open') open.delete(frame.connection);
      const waiting = open.get(frame.connection);
      if (!waiting || !breaks(frame)) return;
      broken ??= { ...waiting, at: frame.n };
      open.delete(frame.connection);
    },
    blames: () => (broken ? [broken.n, broken.at] : policy === 'fail' && first ? [first.n] : undefined),
    outcome: () => {
      const name = `unknownTypes ${policy}${field === '$type' ? '' : ` by ${field}`}`;
      if (policy === 'tolerate') return { name, ...tolerated() };
      const seen = plural(counts.readable, 'message');
      if (counts.readable === 0) return { name, result: 'inconclusive', actual: `no message with ${field}` };
      if (!first) return { name, result: 'pass', actual: `none among ${seen}` };
      const found = `${counts.unknown} among ${seen}, the first is ${first.type} (#${first.n})`;
      return policy === 'fail'
        ? { name, result: 'fail', actual: found, frames: [first.n] }
        : { name, result: 'pass', actual: found };
    },
  };
};
