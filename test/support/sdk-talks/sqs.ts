import { fault, json, type Talk } from './talk.ts';

const queue = 'https://sqs.eu-central-1.amazonaws.com/123456789012/work';
const hello = { Id: '1', MessageId: 'm', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' };

export const sqsTalks: readonly Talk[] = [
  {
    says: 'SendMessage',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(new sqs.SendMessageCommand({ QueueUrl: queue, MessageBody: 'hello', DelaySeconds: 5 })),
    answers: [json(hello)],
  },
  {
    says: 'SendMessage, of which something was lost',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(new sqs.SendMessageCommand({ QueueUrl: queue, MessageBody: 'hallo' })),
    answers: [json(hello)],
  },
  {
    says: 'SendMessageBatch',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(
        new sqs.SendMessageBatchCommand({ QueueUrl: queue, Entries: [{ Id: '1', MessageBody: 'hello' }] }),
      ),
    answers: [json({ Successful: [hello], Failed: [{ Id: '2', SenderFault: true, Code: 'c', Message: 'm' }] })],
  },
  {
    says: 'ReceiveMessage',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(new sqs.ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 })),
    answers: [
      json({ Messages: [{ MessageId: 'm', ReceiptHandle: 'h', Body: 'hello', MD5OfBody: hello.MD5OfMessageBody }] }),
    ],
  },
  {
    says: 'DeleteMessage',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(new sqs.DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: 'h' })),
    answers: [json({})],
  },
  {
    says: 'ChangeMessageVisibility, refused',
    ask: ({ sqs }, open) =>
      open(sqs.SQSClient).send(
        new sqs.ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: 'h', VisibilityTimeout: 0 }),
      ),
    answers: [fault('QueueDoesNotExist')],
  },
];
