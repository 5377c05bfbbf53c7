import { tableShape } from '../../names.ts';
import type { Answer, Claims } from '../../page/deliver.ts';
import { expirySeconds, type Item, newWriteId, number, text, textIn } from '../dynamodb/items.ts';
import { pageClaimKey } from '../dynamodb/keys.ts';
import type { Table } from '../dynamodb/table.ts';

type ClaimDeps = {
  readonly table: Pick<Table, 'update' | 'remove'>;
  /** Epoch ms. */
  readonly nowMs: () => number;
  /** Longer than one sending takes: what its owner has not concluded by then is anybody's. */
  readonly holdMs: number;
};

/** Longer than an event may wait in the outbox, and than AWS delivers a message again. */
const lifeMs = 7 * 86_400_000;

/** Holds of what anybody may take; ours already: an answer was lost, and the SDK asked again. */
const free =
  'attribute_not_exists(#result) AND (attribute_not_exists(#holder) OR #holder = :holder OR #heldUntil <= :now)';

const concludedIn = (item: Item | undefined): Answer | undefined => {
  const result = textIn(item, 'result');
  if (result !== 'sent' && result !== 'refused') return undefined;
  return { result, detail: textIn(item, 'detail') ?? '' };
};

/**
 * Claims in the table, one item for each page and channel, for one invocation of the page function. A claim that its owner
 * did not live to conclude is taken over: that channel may then hear of the page twice, with the same keys.
 */
export const openPageClaims = ({ table, nowMs, holdMs }: ClaimDeps): Claims => {
  const holder = newWriteId();
  const expiry = () => number(expirySeconds(nowMs() + lifeMs));
  const mine = { expression: '#holder = :holder', values: { ':holder': text(holder) } };
  return {
    take: async (pageId, channel) => {
      const taken = await table.update(
        pageClaimKey(pageId, channel),
        `SET #holder = :holder, #heldUntil = :heldUntil, #${tableShape.expiry} = :expiry`,
        {
          expression: free,
          values: {
            ...mine.values,
            ':heldUntil': number(nowMs() + holdMs),
            ':now': number(nowMs()),
            ':expiry': expiry(),
          },
        },
      );
      return taken.done ? 'ours' : (concludedIn(taken.there) ?? 'busy');
    },
    conclude: async (pageId, channel, { result, detail }) => {
      await table.update(
        pageClaimKey(pageId, channel),
        `SET #result = :result, #detail = :detail, #${tableShape.expiry} = :expiry`,
        {
          expression: 'attribute_not_exists(#result)',
          values: { ':result': text(result), ':detail': text(detail), ':expiry': expiry() },
        },
      );
    },
    release: async (pageId, channel) => {
      await table.remove(pageClaimKey(pageId, channel), {
        ...mine,
        expression: `${mine.expression} AND attribute_not_exists(#result)`,
      });
    },
  };
};
