import type { Answer } from '../../page/deliver.ts';
import type { Page } from '../../page/page.ts';
import { topicMessage } from '../../page/topic-message.ts';
import type { Redactor } from '../../probe/prober.ts';
import { wordsOf } from '../log.ts';
import type { SNSClient } from '../sdk/sns.ts';

/** What SNS says of a topic or a message that it will never take. */
const lasting: readonly string[] = [
  'AuthorizationError',
  'AuthorizationErrorException',
  'InvalidParameter',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'InvalidSecurity',
  'InvalidSecurityException',
  'NotFound',
  'NotFoundException',
  'ValidationException',
];

/** Of a FIFO topic: 128 characters at most, and no blanks, which the name of an alarm may have. */
const groupOf = ({ dedupKey }: Page): string => dedupKey.replaceAll(/[^!-~]/g, '_').slice(-128);

type PublishDeps = { readonly sns: () => Promise<SNSClient>; readonly redact: Redactor };

/** Publishes a page, with the SDK's own retries. Never rejects. */
export const publishPage = async (topicArn: string, page: Page, { sns, redact }: PublishDeps): Promise<Answer> => {
  const { PublishCommand } = await import('../sdk/sns.ts');
  const { subject, message, attributes } = topicMessage(page);
  const command = new PublishCommand({
    TopicArn: topicArn,
    Subject: subject,
    Message: message,
    MessageStructure: 'json',
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
    ...(topicArn.endsWith('.fifo') ? { MessageGroupId: groupOf(page), MessageDeduplicationId: page.id } : {}),
  });
  try {
    await (await sns()).send(command);
    return { result: 'sent', detail: 'published' };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    return {
      result: lasting.includes(name) ? 'refused' : 'failed',
      detail: redact(`${topicArn.split(':').at(-1) ?? 'the topic'}: ${name}: ${wordsOf(error)}`),
    };
  }
};
