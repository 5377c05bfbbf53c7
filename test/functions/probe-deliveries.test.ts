import { expect, it } from 'vitest';
import { createProbeHandler } from '../../functions/probe.ts';
import { DynamoDBClient } from '../../lib/aws/sdk/dynamodb.ts';
import {
  type CloudGround,
  cloudPlan,
  deliveryOf,
  longLife,
  makeCloudGround,
  messageOf,
  without,
} from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

type Command = { readonly commandName?: string; readonly input: Readonly<Record<string, unknown>> };

describeWithEmulator('a message that AWS delivers as it does', () => {
  const emulator = sharedEmulator();
  const target = fresh(() => startHttpTarget((_, response) => json(response, 200, { ok: true })));
  const ground = fresh(() => makeCloudGround(emulator()));

  const planOf = () =>
    cloudPlan({
      probes: [
        {
          id: 'write',
          kind: 'http',
          schedule: { every: '1h' },
          steps: [{ name: 'post', request: { method: 'POST', url: target().url }, expect: { status: 200 } }],
        },
      ],
    });

  const posts = () => target().requests.filter(({ method }) => method === 'POST').length;

  /** DynamoDB with an answer of its own to some commands; `undefined` leaves them to the emulator. */
  const meddle = (answer: (command: Command) => object | undefined): CloudGround => {
    const dynamo = new DynamoDBClient({ ...emulator().clientConfig, maxAttempts: 1 });
    dynamo.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (given) => {
          const output = answer({ commandName, input: given.input as Command['input'] });
          return output ? { output: { $metadata: {}, ...output }, response: undefined } : next(given);
        },
      { step: 'initialize' },
    );
    return { ...ground(), clients: { ...ground().clients, dynamo: async () => dynamo } };
  };

  it('has its side effects once, when the index is behind what was stored a moment ago', async () => {
    const behind = meddle(({ input }) => (input.IndexName === undefined ? undefined : { Items: [] }));
    const message = messageOf(planOf());
    await createProbeHandler(behind)(deliveryOf(message), longLife);
    await createProbeHandler(behind)(deliveryOf(message), longLife);
    expect(posts()).toBe(1);
    expect(await ground().delayed()).toBe(1);
  });

  it('is made at its next turn when the store failed between its claim and its run', async () => {
    const message = messageOf(planOf());
    const failing = meddle(({ input }) => {
      if (input.IndexName !== undefined) throw new Error('cut');
      return undefined;
    });
    await createProbeHandler(failing)(deliveryOf(message), longLife);
    expect([posts(), await ground().delayed()]).toEqual([0, 1]);
    await createProbeHandler(ground())(deliveryOf(message), longLife);
    expect(posts()).toBe(1);
  });

  /** One run that is due, and one whose slot comes in a minute. */
  const dueAndEarly = () => {
    const slot = new Date(Date.now() + 60_000).toISOString();
    return messageOf(planOf(), [{}, { slot, dueAt: slot }]);
  };

  it('has what was put off in the queue again before it waits for the bucket or for CloudWatch', async () => {
    const queued: (readonly [string, number])[] = [];
    const note = async (name: string) => void queued.push([name, await ground().delayed()]);
    // The store opens the bucket's client long before it writes.
    (await ground().clients.s3()).middlewareStack.add(
      (next) => async (given) => {
        await note('s3');
        return next(given);
      },
      { step: 'initialize' },
    );
    const cloudwatch = async () => {
      await note('cloudwatch');
      return ground().clients.cloudwatch();
    };
    const clients = { ...ground().clients, cloudwatch };
    await createProbeHandler({ ...ground(), clients })(deliveryOf(dueAndEarly()), longLife);
    expect(queued).toEqual([
      ['s3', 1],
      ['cloudwatch', 1],
    ]);
  });

  it('writes what was measured where the queue does not take what was put off, and comes again', async () => {
    const message = dueAndEarly();
    const mute = without(ground(), 'sqs');
    await expect(createProbeHandler(mute)(deliveryOf(message), longLife)).rejects.toThrow(/ECONNREFUSED/);
    expect(await ground().place.open().list()).toMatchObject([{ probe: 'write', verdict: 'pass' }]);
    expect(await ground().place.objects()).toHaveLength(1);
  });
});
