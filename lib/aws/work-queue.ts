import { mostMessageBytes } from '../dispatch/message.ts';
import type { PackedMessage } from '../dispatch/pack.ts';
import type { SQSClient } from './sdk/sqs.ts';
import { type Batching, type Refusal, type SendDeps, sendBatches } from './send-batches.ts';

export type WorkQueue = {
  /** @throws Error that says which runs could not be put into the queue, and why; the others are in it. */
  send(work: readonly PackedMessage[]): Promise<void>;
};

/** Of one call. */
const mostEntries = 10;
const mostNamed = 5;

type Entry = { readonly work: PackedMessage; readonly body: string };

const batchingOf = (sqs: () => Promise<SQSClient>, queueUrl: string): Batching<Entry> => ({
  mostEntries,
  // All messages of one call together, as one alone.
  mostBytes: mostMessageBytes,
  bytesOf: ({ body }) => Buffer.byteLength(body),
  send: async (entries) => {
    const { SendMessageBatchCommand } = await import('./sdk/sqs.ts');
    const Entries = entries.map(({ work, body }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: work.delayS,
    }));
    const { Failed = [] } = await (await sqs()).send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    return Failed.map(
      ({ Id, Code = 'an error', Message, SenderFault }): Refusal => ({
        index: Number(Id),
        reason: Message === undefined ? Code : `${Code}: ${Message}`,
        final: SenderFault === true,
      }),
    );
  },
});

const nameItems = (entries: readonly Entry[]): string => {
  const items = entries.flatMap(({ work }) => work.message.items);
  const named = items.slice(0, mostNamed).map(({ probe, slot }) => `${probe.id} of ${slot}`);
  return `${named.join(', ')}${items.length > mostNamed ? ` and ${items.length - mostNamed} more` : ''}`;
};

export const openWorkQueue = (
  { sqs, queueUrl }: { readonly sqs: () => Promise<SQSClient>; readonly queueUrl: string },
  deps: SendDeps,
): WorkQueue => ({
  send: async (work) => {
    const entries = work.map((one) => ({ work: one, body: JSON.stringify(one.message) }));
    const unsent = await sendBatches(entries, batchingOf(sqs, queueUrl), deps);
    if (unsent.length === 0) return;
    const reasons = [...new Set(unsent.map(({ reason }) => reason))].join('; ');
    const runs = nameItems(unsent.map(({ entry }) => entry));
    throw new Error(`these runs could not be put into the work queue: ${runs}: ${reasons}`);
  },
});
