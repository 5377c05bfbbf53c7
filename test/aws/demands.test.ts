import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, it } from 'vitest';
import { firstAsked } from '../../lib/aws/dynamodb/demands.ts';
import { outputNames } from '../../lib/names.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack } from '../support/small-stack.ts';

const at = '2026-11-17T13:00:00.000Z';
const atMs = Date.parse(at);
const weekMs = 7 * 86_400_000;

describeWithEmulator('what a client token was first asked with', () => {
  const emulator = sharedEmulator();
  let ask: (token: string, nowMs: number, probes?: readonly string[]) => ReturnType<typeof firstAsked>;

  beforeAll(async () => {
    const table = (await makeSmallStack(emulator(), 'plimsoll-shop')).outputs[outputNames.table] ?? '';
    const dynamo = new DynamoDBClient(emulator().clientConfig);
    ask = (token, nowMs, probes = ['a', 'b']) => firstAsked(dynamo, table, { token, nowMs, probes });
  });

  it('is remembered for seven days, each token by itself', async () => {
    expect(await ask('deploy-42', atMs)).toEqual({ askedAt: at, isSame: true });
    expect(await ask('deploy-42', atMs + weekMs - 1)).toEqual({ askedAt: at, isSame: true });
    expect((await ask('deploy-43', atMs + weekMs - 1)).askedAt).not.toBe(at);
    expect(await ask('deploy-42', atMs + weekMs)).toEqual({ askedAt: '2026-11-24T13:00:00.000Z', isSame: true });
  });

  it('is one time for all who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => ask('at-once', atMs + n)));
    expect(new Set(answers.map(({ askedAt }) => askedAt)).size).toBe(1);
  });

  it('tells other probes from the same ones in another order, however many they are', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `a-probe-with-a-name-of-some-length-${n}`);
    await ask('many', atMs, many);
    expect(await ask('many', atMs + 1, many.toReversed())).toEqual({ askedAt: at, isSame: true });
    expect(await ask('many', atMs + 1, many.slice(1))).toEqual({ askedAt: at, isSame: false });
  });
});
