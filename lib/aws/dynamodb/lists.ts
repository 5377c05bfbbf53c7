import { tableShape } from '../../names.ts';
import type { Run } from '../../result/result.ts';
import type { RunQuery, Store } from '../../result/store.ts';
import { assertLimit, boundOf, usualLimit } from '../../result/values.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Condition } from './expressions.ts';
import { type Item, number, text, textIn } from './items.ts';
import { between, runPk, slotIn } from './keys.ts';
import { lanes, type Parts } from './parts.ts';
import type { Probes } from './probes.ts';
import type { Question } from './query.ts';
import { bySlot, readWhole } from './run-item.ts';
import type { Table } from './table.ts';

type Order = 'newest' | 'oldest';

const oneOf = (attribute: string, values: readonly string[]): Condition => ({
  expression: `#${attribute} IN (${values.map((_, n) => `:${attribute}${n}`).join(', ')})`,
  values: Object.fromEntries(values.map((value, n) => [`:${attribute}${n}`, text(value)])),
});

/** What is asked for, of what has not outlived its use: AWS takes days to delete that. */
const filterOf = ({ trigger, notGood }: RunQuery, nowMs: number): Condition => {
  const conditions = [
    { expression: `#${tableShape.expiry} > :now`, values: { ':now': number(Math.floor(nowMs / 1000)) } },
    ...(trigger === undefined ? [] : [oneOf('trigger', [trigger].flat())]),
    ...(notGood ? [oneOf('verdict', ['degraded', 'fail', 'inconclusive'])] : []),
  ];
  return {
    expression: conditions.map(({ expression }) => expression).join(' AND '),
    values: Object.assign({}, ...conditions.map(({ values }) => values)),
  };
};

const slotOf = (item: Item): string => slotIn(textIn(item, tableShape.sortKey) ?? '');

/** Runs of one probe in order. The table has them by slot; those of one slot are sorted here. */
async function* inOrder(table: Table, question: Question, order: Order): AsyncGenerator<Item, undefined> {
  const compare = order === 'oldest' ? bySlot : (a: Item, b: Item) => bySlot(b, a);
  let slot: Item[] = [];
  for await (const page of table.pages({ ...question, order })) {
    for (const item of page) {
      if (slot[0] && slotOf(slot[0]) !== slotOf(item)) {
        yield* slot.sort(compare);
        slot = [];
      }
      slot.push(item);
    }
  }
  yield* slot.sort(compare);
  return undefined;
}

type Stream = { readonly rest: AsyncGenerator<Item, undefined>; head: Item | undefined };

const firstOf = (streams: readonly Stream[], order: Order): Stream | undefined => {
  const sign = order === 'oldest' ? 1 : -1;
  let first: Stream | undefined;
  for (const stream of streams) {
    if (stream.head && (!first?.head || sign * bySlot(stream.head, first.head) < 0)) first = stream;
  }
  return first;
};

/** The first so many of several streams that are in order. */
const merge = async (all: readonly AsyncGenerator<Item, undefined>[], limit: number, order: Order): Promise<Item[]> => {
  const next = async (rest: Stream['rest']): Promise<Item | undefined> => (await rest.next()).value;
  const streams = await sideBySide(all, lanes, async (rest): Promise<Stream> => ({ rest, head: await next(rest) }));
  const items: Item[] = [];
  while (items.length < limit) {
    const first = firstOf(streams, order);
    if (!first?.head) break;
    items.push(first.head);
    first.head = await next(first.rest);
  }
  return items;
};

const rangeOf = ({ from, to }: RunQuery) =>
  between(from === undefined ? undefined : boundOf('from', from), to === undefined ? undefined : boundOf('to', to));

export const listsOf = ({ table, samples, clock }: Parts, probes: Probes): Pick<Store, 'list' | 'latest'> => {
  const list = async (query: RunQuery): Promise<readonly Run[]> => {
    const { probe, limit = usualLimit, order = 'newest' } = query;
    assertLimit(limit);
    const range = rangeOf(query);
    if (!range || limit === 0 || query.trigger?.length === 0) return [];
    const ids = probe === undefined ? await probes.list() : [probe];
    const filter = filterOf(query, clock.now());
    // One more than its share: whether the last has another beside it in its slot must be known.
    const pageSize = Math.ceil(limit / Math.max(1, ids.length)) + 1;
    const streams = ids.map((id) => inOrder(table, { pk: runPk(id), range, filter, pageSize }, order));
    const found = await merge(streams, limit, order);
    return sideBySide(found, lanes, async (item) => (await readWhole(item, samples)).run);
  };
  return {
    list: (query = {}) => list(query),
    latest: async () => {
      const each = await sideBySide(await probes.list(), lanes, (probe) => list({ probe, limit: 1 }));
      return each.flat();
    },
  };
};
