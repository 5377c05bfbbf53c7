import { describe, expect, it } from 'vitest';
import { naming } from '../../lib/aws/errors.ts';
import { ConditionalCheckFailedException, DynamoDBClient } from '../../lib/aws/sdk/dynamodb.ts';

const asked = { operation: 'PutItem', resource: 'the table notes' };
const config = new DynamoDBClient({ region: 'eu-central-1' }).config;

const answer = (name: string, message: string) =>
  Object.assign(new ConditionalCheckFailedException({ message, $metadata: { attempts: 3 } }), { name });

const failing = (error: unknown): Promise<unknown> =>
  naming(asked, config, () => Promise.reject(error)).then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('an error of the SDK', () => {
  it('becomes one sentence: what was asked of whom, how often, and what came of it', async () => {
    const error = answer('ThrottlingException', 'Rate of requests exceeds the allowed throughput.');
    expect(await failing(error)).toMatchObject({
      name: 'StoreUnreachableError',
      blame: 'aws',
      ...asked,
      cause: error,
      message:
        'PutItem on the table notes failed after 3 attempts: AWS in eu-central-1 answered ThrottlingException: rate of requests exceeds the allowed throughput',
    });
  });

  it('says whose it is to mend: rights and credentials are ours', async () => {
    for (const name of ['AccessDeniedException', 'ExpiredTokenException', 'UnrecognizedClientException']) {
      expect(await failing(answer(name, 'no'))).toMatchObject({ name: 'StoreUnreachableError', blame: 'setUp' });
    }
  });

  it('is cut where AWS quotes the whole request', async () => {
    const { message } = (await failing(answer('ValidationException', `Value ${'x'.repeat(5000)}`))) as Error;
    expect(message.length).toBeLessThan(600);
    expect(message.endsWith('x…')).toBe(true);
  });

  it('keeps its name when it passes twice', async () => {
    const once = await failing(answer('InternalServerError', 'oops'));
    expect(await failing(once)).toBe(once);
  });

  it('is left as it is when it is none of the SDK: a fault of our own', async () => {
    const ours = new TypeError('undefined is not a function');
    expect(await failing(ours)).toBe(ours);
    expect(await failing('a word')).toBe('a word');
  });
});
