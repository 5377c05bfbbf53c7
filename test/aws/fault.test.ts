import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AwsFault, faultOf } from '../../lib/aws/fault.ts';

const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

/** What the SDK itself rejects with when this is the answer: in the query protocol of CloudFormation. */
const errorOf = async (config: object): Promise<unknown> => {
  const client = new CloudFormationClient({ region: 'eu-central-1', credentials, maxAttempts: 1, ...config });
  return client.send(new DescribeStacksCommand({})).then(
    () => undefined,
    (error: unknown) => error,
  );
};

const answerWith = async (status: number, code: string, message: string): Promise<unknown> => {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/xml' }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return errorOf({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
};

const tell = (error: unknown) => {
  const fault = faultOf(error, { region: 'eu-central-1' });
  return [fault?.blame, fault?.message];
};

describe('trouble with AWS is one sentence that says whose it is:', () => {
  it.each<[code: string, message: string, blame: AwsFault['blame'], sentence: RegExp]>([
    [
      'ExpiredToken',
      'The security token included in the request is expired',
      'setUp',
      /^the AWS credentials have expired: sign in/,
    ],
    [
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      'setUp',
      /^AWS does not take these credentials \(the security token included in the request is invalid\): sign in/,
    ],
    [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match',
      'setUp',
      /^AWS does not take these credentials \(the request signature/,
    ],
    [
      'AccessDenied',
      'User: arn:aws:iam::1:user/a is not authorized to perform: cloudformation:DescribeStacks',
      'setUp',
      /^AWS does not allow that: user: arn:aws:iam::1:user\/a is not authorized to perform: cloudformation:DescribeStacks$/,
    ],
    ['Throttling', 'Rate exceeded.', 'aws', /^AWS in eu-central-1 answered Throttling: rate exceeded$/],
    [
      'InternalFailure',
      'Something&#10;  went wrong.',
      'aws',
      /^AWS in eu-central-1 answered InternalFailure: something went wrong$/,
    ],
  ])('%s', async (code, message, blame, sentence) => {
    expect(tell(await answerWith(400, code, message))).toEqual([blame, expect.stringMatching(sentence)]);
  });

  it('nobody listens there', async () => {
    const error = await errorOf({ endpoint: 'http://127.0.0.1:1' });
    const sentence = 'AWS in eu-central-1 cannot be reached (ECONNREFUSED): check the network and the region';
    expect(tell(error)).toEqual(['aws', sentence]);
    const named = faultOf(error, { region: 'eu-central-1', endpoint: 'http://127.0.0.1:1' });
    expect(named?.message).toMatch(/^http:\/\/127\.0\.0\.1:1 cannot be reached/);
  });

  it('there is no region, or one that cannot be', async () => {
    const endpoint = 'http://127.0.0.1:1';
    expect(
      tell(await errorOf({ endpoint, region: async () => Promise.reject(new Error('Region is missing')) })),
    ).toEqual(['setUp', expect.stringMatching(/^no AWS region: set AWS_REGION/)]);
    expect(faultOf(await errorOf({ endpoint, region: 'not a region' }), {})?.message).toMatch(/^no such AWS region: /);
  });

  it('there are no credentials, or an SSO session that has ended', async () => {
    const endpoint = 'http://127.0.0.1:1';
    const failing = (message: string) => async () => {
      throw Object.assign(new Error(message), { name: 'CredentialsProviderError' });
    };
    const none = failing('Could not load credentials from any providers');
    expect(tell(await errorOf({ endpoint, credentials: none }))).toEqual([
      'setUp',
      expect.stringMatching(/^no AWS credentials: sign in/),
    ]);
    const ended = failing('The SSO session associated with this profile has expired. To refresh, run aws sso login');
    expect(tell(await errorOf({ endpoint, credentials: ended }))).toEqual([
      'setUp',
      expect.stringMatching(/^the AWS credentials have expired: sign in/),
    ]);
    const profile = failing('Could not resolve credentials using profile: [nix] in configuration/credentials file(s).');
    expect(tell(await errorOf({ endpoint, credentials: profile }))).toEqual([
      'setUp',
      expect.stringMatching(/^no AWS credentials \(could not resolve credentials using profile: \[nix\]/),
    ]);
  });

  it('a fault of our own is none of AWS', () => {
    expect(faultOf(new TypeError('x is undefined'), {})).toBeUndefined();
    expect(faultOf('text', {})).toBeUndefined();
    const fault = new AwsFault('no stack a', 'setUp');
    expect(faultOf(fault, {})).toBe(fault);
  });
});
