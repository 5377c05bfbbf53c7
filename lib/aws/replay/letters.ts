import type { Message, SQSClient } from '../sdk/sqs.ts';

export type Attributes = Readonly<Record<string, string>>;

/** A message of the dead-letter queue, hidden from others while we have it. */
export type Held = {
  readonly id: string;
  readonly body: string;
  /** When it was sent, ISO: by whom wrote the letter, or to the work queue, which it was moved from. */
  readonly sentAt: string;
  /** Of its attributes, those that are texts: EventBridge and its Scheduler say in them what went wrong. */
  readonly attributes: Attributes;
  remove(): Promise<void>;
  /** Lets others see it again at once. */
  giveBack(): Promise<void>;
};

/** For writing what a call brings, through a slow minute of the store. */
const hiddenSeconds = 300;

const attributesOf = ({ MessageAttributes = {} }: Message): Attributes =>
  Object.fromEntries(
    Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
      StringValue === undefined ? [] : [[name, StringValue]],
    ),
  );

const holderOf =
  (sqs: SQSClient, queueUrl: string) =>
  async (message: Message): Promise<Held> => {
    const { ChangeMessageVisibilityCommand, DeleteMessageCommand } = await import('../sdk/sqs.ts');
    const place = { QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle ?? '' };
    return {
      id: message.MessageId ?? '',
      body: message.Body ?? '',
      sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
      attributes: attributesOf(message),
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
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
    if (fresh.length === 0) return;
    for (const message of fresh) {
      seen.add(message.MessageId ?? '');
      yield hold(message);
    }
  }
}
