import type { Json } from '../config/plan.ts';
import { cutText } from '../result/redact.ts';
import type { Leftover } from '../result/result.ts';
import type { Message } from './codec/codec.ts';
import { type Entry, isHousekeeping } from './journal/frame.ts';
import type { Redact } from './pattern.ts';

/** Received messages that no step claimed, counted by what they are; its size does not grow with their number. */
export type Leftovers = {
  /** Takes an unclaimed message; heartbeats and housekeeping are passed over. */
  add(entry: Entry): void;
  /** A tally of its own that goes on from here. */
  copy(): Leftovers;
  /** Most frequent first. Labels are redacted and cut. */
  list(redact: Redact): readonly Leftover[];
};

const maxLabels = 20;
const others = 'others';
/** Messages that begin alike are counted together. */
const keyChars = 80;
/** What is redacted reaches further than what is kept: a secret cut in half would escape. */
const maxSampleChars = 4_096;

/** Objects by their keys: values differ from message to message, and say less of what it is. */
const shapeOf = (body: Json): string => {
  if (typeof body === 'string') return body;
  if (Array.isArray(body)) return `an array of ${body.length}`;
  if (typeof body !== 'object' || body === null) return String(body);
  const keys = Object.keys(body).slice(0, maxLabels);
  return `{${keys.join(', ')}}`;
};

const nameOf = ({ type, code, problem, body }: Message): string => {
  if (problem !== undefined) return `unreadable: ${problem}`;
  if (type === undefined) return code ?? shapeOf(body);
  return code === undefined || code === type ? type : `${type} ${code}`;
};

type Tallied = { readonly sample: string; count: number; readonly first: number };

const createTally = (tallies: Map<string, Tallied>): Leftovers => {
  const count = (key: string, sample: string, n: number) => {
    const known = tallies.get(key);
    if (known) known.count += 1;
    else tallies.set(key, { sample, count: 1, first: n });
  };
  return {
    add: (entry) => {
      if (!entry.message || isHousekeeping(entry)) return;
      const name = nameOf(entry.message);
      const key = name.slice(0, keyChars);
      const known = tallies.has(key) || tallies.size < maxLabels;
      // With a blank before it, no message's own name is taken for the rest of them.
      if (known) count(key, name.slice(0, maxSampleChars), entry.frame.n);
      else count(` ${others}`, others, entry.frame.n);
    },
    copy: () => createTally(new Map([...tallies].map(([key, tallied]) => [key, { ...tallied }]))),
    list: (redact) =>
      [...tallies.values()]
        .map(({ sample, count, first }) => ({ label: cutText(redact(sample), keyChars), count, first }))
        .toSorted((a, b) => b.count - a.count || a.first - b.first),
  };
};

export const createLeftovers = (): Leftovers => createTally(new Map());
