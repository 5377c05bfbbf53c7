import type { SQSClient } from '../sdk/sqs.ts';

/** A message of the dead-letter queue, hidden from others while we have it. */
export type Held = {
  readonly id: string;
  readonly body: string;
  remove(): Promise<void>;
  /** Lets others see it again at once. */
  giveBack(): Promise<void>;
};

/** For writing what a call brings, through a slow minute of the store. */
const hiddenSeconds = 300;

const holderOf =
  (sqs: SQSClient, queueUrl: string) =>
  async (id: string, body: string, handle: string): Promise<Held> => {
    const { ChangeMessageVisibilityCommand, DeleteMessageCommand } = await import('../sdk/sqs.ts');
    const place = { QueueUrl: queueUrl, ReceiptHandle: handle };
    return {
      id,
      body,
      remove: async () => void (await sqs.send(new DeleteMessageCommand(place))),
      giveBack: async () =>
        void (await sqs.send(new ChangeMessageVisibilityCommand({ ...place, VisibilityTimeout: 0 }))),
    };
  };

/** All messages that are there, each once: one that comes a second time, because it was kept for long, ends it. */
export async function* readLetters(sqs: SQSClient, queueUrl: string): AsyncGenerator<Held> {
  const { ReceiveMessageCommand } = await import('../sdk/sqs.ts');
  const hold = holderOf(sqs, queueUrl);
  const seen = new Set<string>();
  for (;;) {
    // A long poll asks all of SQS's servers; a short one may find nothing where there is something.
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: hiddenSeconds,
        WaitTimeSeconds: 1,
      }),
    );
    const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
    if (fresh.length === 0) return;
    for (const { MessageId = '', Body = '', ReceiptHandle = '' } of fresh) {
      seen.add(MessageId);
      yield hold(MessageId, Body, ReceiptHandle);
    }
  }
}
