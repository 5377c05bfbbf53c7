import { describe, expect, it } from 'vitest';
import { publishPage } from '../../lib/aws/pages/publish.ts';
import { SNSClient } from '../../lib/aws/sdk/sns.ts';
import { createRedactor } from '../../lib/result/redact.ts';
import { makeEvent } from '../support/alarms.ts';

/** What SNS is asked for. */
const publish = async (topicArn: string, dedupKey: string) => {
  const sns = new SNSClient({ region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const inputs: object[] = [];
  sns.middlewareStack.add(
    () => async (given) => {
      inputs.push(given.input);
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: 'initialize' },
  );
  const answer = await publishPage(topicArn, makeEvent('breach', { dedupKey }), {
    sns: async () => sns,
    redact: createRedactor(),
  });
  sns.destroy();
  return { answer, input: inputs[0] };
};

describe('a page on a topic', () => {
  it('has a group that SNS takes where the topic is FIFO, whatever its alarm is called', async () => {
    const key = `plimsoll-alarm-111122223333/eu-west-1/${'Latenz über '.repeat(16)}`;
    const { answer, input } = await publish('arn:aws:sns:eu-west-1:111122223333:pages.fifo', key);
    expect(answer.result).toBe('sent');
    expect(input).toMatchObject({
      MessageDeduplicationId: 'breach',
      // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
      MessageGroupId: expect.stringMatching(/^[!-~]{1,128}$/),
    });
  });

  it('has none where the topic is not', async () => {
    const { input } = await publish('arn:aws:sns:eu-west-1:111122223333:pages', 'key');
    expect(input).not.toHaveProperty('MessageGroupId');
  });
});
