import { join } from 'node:path';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { root, start } from '../support/cli.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack } from '../support/small-stack.ts';

const url = { PLIMSOLL_REAL_AWS_URL: 'https://shop.example/' };

/** The real test itself, as npm starts it. */
const run = (env: Readonly<Record<string, string>>) =>
  start(process.execPath, [join(root, 'test/real-aws/main.ts')], { cwd: root, env }).finished;

describe('the test in a real account', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'nobody said which',
      url,
      /^test:real-aws: PLIMSOLL_REAL_AWS is not set: .* PLIMSOLL_REAL_AWS=<account id> PLIMSOLL_REAL_AWS_URL=https:.* npm run test:real-aws\n$/,
    ],
    [
      'it is no account',
      { ...url, PLIMSOLL_REAL_AWS: 'yes' },
      /^test:real-aws: PLIMSOLL_REAL_AWS is "yes": .*12 digits/,
    ],
    ['it has nothing to watch', { PLIMSOLL_REAL_AWS: '111122223333' }, /^test:real-aws: PLIMSOLL_REAL_AWS_URL is ""/],
    [
      'what it would watch is not https',
      { PLIMSOLL_REAL_AWS: '111122223333', PLIMSOLL_REAL_AWS_URL: 'http://shop.example/' },
      /^test:real-aws: PLIMSOLL_REAL_AWS_URL is "http:\/\/shop\.example\/": it is a public https:/,
    ],
  ])('does not start where %s, and says what to set', async (_, env, sentence) => {
    const { code, stdout, stderr } = await run(env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });
});

describeWithEmulator('the test in a real account, with credentials', () => {
  const emulator = sharedEmulator();

  const stacks = async () => {
    const { StackSummaries = [] } = await new CloudFormationClient(emulator().clientConfig).send(
      new ListStacksCommand(),
    );
    return StackSummaries.map(({ StackName }) => StackName);
  };

  it('asks for cdk bootstrap first', async () => {
    const { code, stderr } = await run({ ...emulator().env, ...url, PLIMSOLL_REAL_AWS: emulator().accountId });
    expect([code, stderr]).toEqual([2, 'test:real-aws: no stack CDKToolkit in us-east-1: npx cdk bootstrap first\n']);
  });

  it('does nothing in another account than the one that was named', async () => {
    await makeSmallStack(emulator(), 'CDKToolkit');
    const { code, stdout, stderr } = await run({ ...emulator().env, ...url, PLIMSOLL_REAL_AWS: '111122223333' });
    const sentence = 'PLIMSOLL_REAL_AWS is 111122223333, and these credentials are of 000000000000: nothing was done';
    expect([code, stdout, stderr]).toEqual([2, '', `test:real-aws: ${sentence}\n`]);
    expect(await stacks()).toEqual(['CDKToolkit']);
  });
});
