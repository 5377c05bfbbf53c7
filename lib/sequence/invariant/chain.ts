import type { Invariant } from '../../config/plan.ts';
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
type Group = { readonly key: string; readonly text: string };

/** How far one group has come: the link it stands at, and the frame that brought it there. */
type Place = { readonly link: number; readonly n: number; readonly group: Group };

/** Groups as a generation has them, and the first frame that it received. */
type Places = { readonly beganN: number; readonly byKey: ReturnType<typeof createBounded<Place>> };

/** Chains under way at once: more than that, and the oldest are let go. */
const maxGroups = 10_000;

const nameLink = (link: readonly string[] | undefined): string => (link ?? []).join(' or ');

const describeChain = ({ links, groupBy, complete, scope }: Chain): string => {
  const by = groupBy === undefined ? '' : ` by ${groupBy}`;
  return `chain ${links.map(nameLink).join(' < ')}${by}${complete ? ', complete' : ''}${scope === 'scenario' ? ', whole scenario' : ''}`;
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

const one: Group = { key: '', text: '' };

/**
 * How far groups had come when a generation began: one that subscribes late, or from a cursor, meets chains in their
 * middle. A chain in all has no name to know it by, and is not among them.
 */
const createReached = () => {
  const reached = createBounded<readonly (Place | undefined)[]>(maxGroups);
  return {
    note: (place: Place) => {
      const { key } = place.group;
      const known = reached.get(key) ?? [];
      if (place.group !== one && known[place.link] === undefined) {
        reached.set(key, Object.assign([...known], { [place.link]: place }));
      }
    },
    /** The nearest link up to this one. */
    before: (beganN: number, link: number, { key }: Group): Place | undefined =>
      reached.get(key)?.findLast((place) => place !== undefined && place.link <= link && place.n < beganN),
  };
};

/** In each group, links come in their order and none is left out. */
export const monitorChain = (invariant: Chain, { redact, engines }: InvariantContext): InvariantMonitor => {
  const { links, field, groupBy, complete, scope } = invariant;
  const fieldOf = createFieldReader(field, engines.search);
  const groupOf = groupBy === undefined ? undefined : createFieldReader(groupBy, engines.search);
  const linkOf = new Map(links.flatMap((link, index) => link.map((value) => [value, index] as const)));
  const faults = createFaults();
  const counts = { steps: 0, groups: 0, whole: 0, outside: 0 };
  const reached = createReached();
  const of = ({ text }: Group) => (text === '' ? '' : ` of ${groupBy} ${text}`);
  const settle = ({ link, n, group }: Place) => {
    if (link === links.length - 1) counts.whole += 1;
    else if (complete)
      faults.add(
        `the chain${of(group)} ended with ${nameLink(links[link])} (#${n}), before ${nameLink(links[link + 1])}`,
      );
  };
  const scopes = createScopes(
    scope,
    ({ n }): Places => ({ beganN: n, byKey: createBounded<Place>(maxGroups, settle) }),
    ({ byKey }) => byKey.values().forEach(settle),
  );
  const advance = ({ beganN, byKey }: Places, { n }: Frame, link: number, group: Group) => {
    const place = byKey.get(group.key);
    const fault = faultAt(link, place ?? reached.before(beganN, link, group), invariant);
    if (fault !== undefined) faults.add(`${fault}${of(group)} at frame #${n}`);
    if (!place) counts.groups += 1;
    else if (link > place.link) counts.steps += 1;
    else if (link === 0 && place.link > 0) settle(place);
    const next = { link, n, group };
    byKey.set(group.key, next);
    reached.note(next);
  };
  const groupIn = (message: Message): Group | undefined => {
    if (!groupOf) return one;
    const value = groupOf(message);
    const key = value === undefined ? undefined : keyOf(value);
    return key === undefined ? undefined : { key, text: showJson(value, redact) };
  };
  return {
    observe: observing((frame, message) => {
      const places = scopes.of(frame);
      const value = fieldOf(message);
      const link = typeof value === 'string' ? linkOf.get(value) : undefined;
      if (link === undefined) return;
      const group = groupIn(message);
      if (group === undefined) counts.outside += 1;
      else advance(places, frame, link, group);
    }),
    outcome: (): CheckOutcome => {
      const name = describeChain(invariant);
      for (const { byKey } of scopes.open()) byKey.values().forEach(settle);
      const fault = faults.summary();
      const seen = `${plural(counts.groups, 'chain')}, ${counts.whole} whole, ${plural(counts.steps, 'step')}${
        counts.outside > 0 ? `, ${plural(counts.outside, 'message')} without ${groupBy}` : ''
      }`;
      if (fault !== undefined) return { name, result: 'fail', actual: fault };
      if (counts.steps === 0) return { name, result: 'inconclusive', actual: `${seen}: too few to say anything` };
      return { name, result: 'pass', actual: seen };
    },
  };
};
