import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstAskedAt } from '../../lib/aws/dynamodb/demands.ts';
import { newToken, timeInToken } from '../../lib/cli/aws/token.ts';
import { outputNames } from '../../lib/names.ts';
import { driveClock } from '../support/driven-clock.ts';
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack } from '../support/small-stack.ts';

const at = '2026-11-17T13:00:00.000Z';
const dayMs = 86_400_000;

describeWithEmulator('what a client token was first asked with', () => {
  let emulator: Emulator;
  let table: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    table = (await makeSmallStack(emulator, 'plimsoll-shop')).outputs[outputNames.table] ?? '';
  });
  afterAll(() => emulator?.stop());

  const setUp = () => {
    const clock = driveClock(Date.parse(at));
    const dynamo = new DynamoDBClient(emulator.clientConfig);
    return { clock, ask: (token: string) => firstAskedAt({ dynamo, table, clock }, token) };
  };

  it('is remembered for seven days, each token by itself', async () => {
    const { clock, ask } = setUp();
    expect(await ask('deploy-42')).toBe(at);
    await clock.pass(7 * dayMs - 1);
    expect(await ask('deploy-42')).toBe(at);
    expect(await ask('deploy-43')).not.toBe(at);
    await clock.pass(1);
    expect(await ask('deploy-42')).toBe('2026-11-24T13:00:00.000Z');
  });

  it('is one time for all who ask at once', async () => {
    const { clock, ask } = setUp();
    const answers = Array.from({ length: 8 }, async (_, n) => {
      clock.step(n);
      return ask('at-once');
    });
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });
});

describe('a token of our own', () => {
  it('says when it was made', () => {
    const token = newToken(Date.parse(at), '1f2e3d4c-aaaa');
    expect(token).toBe('20261117T130000000Z-1f2e3d4c');
    expect(timeInToken(token)).toBe(at);
  });

  it.each(['deploy-42', '20261317T130000000Z-1f2e3d4c', '20261117T130000000Z', '', '20261117T130000000Z-1f2e3d4c-2'])(
    'is not taken for one when it is %j',
    (token) => {
      expect(timeInToken(token)).toBeUndefined();
    },
  );
});
