import type { Invariant } from '../../config/plan.ts';
import { cutText } from '../../result/redact.ts';
import type { CheckOutcome } from '../../result/result.ts';
import type { Message } from '../codec/codec.ts';
import { createFieldReader } from '../field.ts';
import type { Frame } from '../journal.ts';
import { showJson } from '../pattern.ts';
import { plural } from '../words.ts';
import { keyOf } from './key-set.ts';
import { createFaults, type InvariantContext, type InvariantMonitor, observing } from './observe.ts';
import { createBounded, createScopes } from './scopes.ts';

type Chain = Extract<Invariant, { kind: 'chain' }>;

/** What a message belongs to: of equal ones the key is the same, whatever is shown of them. */
type Group = {
  readonly key: string;
  /** The group whatever the stream; nothing of a chain that has no name to know it by. */
  readonly name?: string;
  /** As a sentence speaks of it; empty, or with a blank before it. */
  readonly text: string;
};

/** How far one group has come: the link it stands at, and the frame that brought it there. */
type Place = { readonly link: number; readonly n: number; readonly group: Group };

/** Groups as a generation has them, the first frame that it received, and the first of each stream. */
type Places = {
  readonly beganN: number;
  readonly byKey: ReturnType<typeof createBounded<Place>>;
  readonly streams: ReturnType<typeof createBounded<number>>;
};

/** Chains under way at once, and streams: more than that, and the oldest are let go. */
const maxGroups = 10_000;

const nameLink = (link: readonly string[] | undefined): string => (link ?? []).join(' or ');

const describeChain = ({ links, groupBy, acrossStreams, complete, scope }: Chain): string => {
  const by = groupBy === undefined ? '' : ` by ${groupBy}`;
  const more = `${acrossStreams ? ', across streams' : ''}${complete ? ', complete' : ''}${scope === 'scenario' ? ', whole scenario' : ''}`;
  return `chain ${links.map(nameLink).join(' < ')}${by}${more}`;
};

/**
 * What is wrong with a link after where its chain stands. The same link may repeat (progress is told again and again), and
 * the first begins a chain anew.
 */
const faultAt = (link: number, place: Place | undefined, { links, complete }: Chain): string | undefined => {
  const name = nameLink(links[link]);
  if (!place) return link === 0 ? undefined : `${name} came before ${nameLink(links[0])}`;
  if (link === place.link || link === place.link + 1) return undefined;
  const stood = `${nameLink(links[place.link])} (#${place.n})`;
  if (link === 0)
    return complete && place.link < links.length - 1
      ? `${name} began anew after ${stood}, before ${nameLink(links[place.link + 1])}`
      : undefined;
  if (link < place.link) return `${name} came after ${stood}`;
  return `${name} came after ${stood}, without ${nameLink(links[place.link + 1])}`;
};

/**
 * How far groups had come, on whatever stream, when a stream of a generation began: one that is subscribed late, or from
 * a cursor, meets chains in their middle.
 */
const createReached = () => {
  const reached = createBounded<readonly (Place | undefined)[]>(maxGroups);
  return {
    note: (place: Place) => {
      const { name } = place.group;
      const known = (name === undefined ? undefined : reached.get(name)) ?? [];
      if (name !== undefined && known[place.link] === undefined) {
        reached.set(name, Object.assign([...known], { [place.link]: place }));
      }
    },
    /** The nearest link up to this one. */
    before: (beganN: number, link: number, { name }: Group): Place | undefined =>
      name === undefined
        ? undefined
        : reached.get(name)?.findLast((place) => place !== undefined && place.link <= link && place.n < beganN),
  };
};

/** Tells what a message belongs to; nothing where it has no value to go by. */
const createGrouping = ({ groupBy, acrossStreams }: Chain, { redact, engines }: InvariantContext) => {
  const read = groupBy === undefined ? undefined : createFieldReader(groupBy, engines.search);
  const streamIn = ({ stream }: Message): string | undefined => (acrossStreams ? undefined : stream);
  const groupIn = (message: Message): Group | undefined => {
    const stream = streamIn(message);
    const on = stream === undefined ? '' : ` on ${cutText(redact(stream), 80)}`;
    if (!read) return { key: keyOf([stream ?? null]) ?? '', text: on };
    const value = read(message);
    const name = value === undefined ? undefined : keyOf(value);
    if (value === undefined || name === undefined) return undefined;
    const key = keyOf([stream ?? null, name]) ?? name;
    return { key, name, text: ` of ${groupBy} ${showJson(value, redact)}${on}` };
  };
  return { streamIn, groupIn };
};

const describeFault = (fault: string, group: Group, n: number): string => `${fault}${group.text} at frame #${n}`;

/** In each group of each stream, links come in their order and none is left out. */
export const monitorChain = (invariant: Chain, context: InvariantContext): InvariantMonitor => {
  const { links, field, groupBy, complete, scope } = invariant;
  const fieldOf = createFieldReader(field, context.engines.search);
  const { streamIn, groupIn } = createGrouping(invariant, context);
  const linkOf = new Map(links.flatMap((link, index) => link.map((value) => [value, index] as const)));
  const faults = createFaults();
  const counts = { steps: 0, groups: 0, whole: 0, outside: 0 };
  const reached = createReached();
  const settle = ({ link, n, group }: Place) => {
    if (link === links.length - 1) counts.whole += 1;
    else if (complete) {
      const where = `ended with ${nameLink(links[link])} (#${n}), before ${nameLink(links[link + 1])}`;
      faults.add(`the chain${group.text} ${where}`, n);
    }
  };
  const scopes = createScopes(
    scope,
    ({ n }): Places => ({
      beganN: n,
      byKey: createBounded<Place>(maxGroups, settle),
      streams: createBounded(maxGroups),
    }),
    ({ byKey }) => byKey.values().forEach(settle),
  );
  /** The first frame of the stream, where it is one; else that of the generation. */
  const beginning = ({ beganN, streams }: Places, { n }: Frame, message: Message): number => {
    const stream = streamIn(message);
    if (stream === undefined) return beganN;
    const first = streams.get(stream) ?? n;
    if (first === n) streams.set(stream, n);
    return first;
  };
  const advance = ({ byKey }: Places, beganN: number, { n }: Frame, link: number, group: Group) => {
    const place = byKey.get(group.key);
    const before = place ?? reached.before(beganN, link, group);
    const fault = faultAt(link, before, invariant);
    if (fault !== undefined) faults.add(describeFault(fault, group, n), ...(before ? [before.n] : []), n);
    if (!place) counts.groups += 1;
    else if (link > place.link) counts.steps += 1;
    else if (link === 0 && place.link > 0) settle(place);
    const next = { link, n, group };
    byKey.set(group.key, next);
    reached.note(next);
  };
  return {
    observe: observing((frame, message) => {
      const places = scopes.of(frame);
      const beganN = beginning(places, frame, message);
      const value = fieldOf(message);
      const link = typeof value === 'string' ? linkOf.get(value) : undefined;
      if (link === undefined) return;
      const group = groupIn(message);
      if (group === undefined) counts.outside += 1;
      else advance(places, beganN, frame, link, group);
    }),
    blames: () => faults.first()?.frames,
    outcome: (): CheckOutcome => {
      const name = describeChain(invariant);
      for (const { byKey } of scopes.open()) byKey.values().forEach(settle);
      const fault = faults.outcome();
      const seen = `${plural(counts.groups, 'chain')}, ${counts.whole} whole, ${plural(counts.steps, 'step')}${
        counts.outside > 0 ? `, ${plural(counts.outside, 'message')} without ${groupBy}` : ''
      }`;
      if (fault) return { name, ...fault };
      if (counts.steps === 0) return { name, result: 'inconclusive', actual: `${seen}: too few to say anything` };
      return { name, result: 'pass', actual: seen };
    },
  };
};
