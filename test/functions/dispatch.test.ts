import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDispatchHandler } from '../../functions/dispatch.ts';
import { createProbeHandler } from '../../functions/probe.ts';
import type { WorkMessage } from '../../lib/dispatch/message.ts';
import { readWorkMessage } from '../../lib/dispatch/read-message.ts';
import {
  type CloudGround,
  cloudPlan,
  deliveryOf,
  longLife,
  makeCloudGround,
  without,
} from '../support/cloud-ground.ts';
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';

describeWithEmulator('the dispatch function', () => {
  let emulator: Emulator;
  let ground: CloudGround;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator?.stop());

  beforeEach(async () => {
    ground = await makeCloudGround(emulator);
  });
  afterEach(() => ground.close());

  const planOf = (count: number) =>
    cloudPlan({
      probes: Array.from({ length: count }, (_, n) => ({
        id: `read-${n}`,
        kind: 'http',
        schedule: { cron: '0 13 * * 2', timezone: 'UTC' },
        steps: [{ name: 'get', request: { url: 'http://127.0.0.1:1/' } }],
      })),
    });

  const demand = { kind: 'demand', probes: [], clientToken: 'one', askedAt: '2026-01-31T13:00:00Z' };

  it('puts what is asked for into the queue, in messages that the probe function reads', async () => {
    await ground.deploy(planOf(123));
    const answer = await createDispatchHandler(ground)(demand);
    expect(answer.runs).toHaveLength(123);
    const messages = await ground.take('work');
    expect(messages).toHaveLength(answer.messages);
    expect(messages.map((message) => readWorkMessage(JSON.stringify(message)).ok)).not.toContain(false);
    const items = messages.flatMap((message) => (message as unknown as WorkMessage).items);
    expect(items.map(({ probe }) => probe.id).toSorted()).toEqual(answer.runs.map(({ probe }) => probe).toSorted());
  });

  it('answers the ids under which the runs are stored', async () => {
    await ground.deploy(planOf(1));
    const at = '2026-01-31T13:00:00Z';
    const answer = await createDispatchHandler(ground)({ ...demand, at });
    const [message] = await ground.take('work');
    await createProbeHandler(ground)(deliveryOf(JSON.stringify(message)), longLife);
    const [run] = await ground.place.open().list();
    expect(run?.runId).toBe(answer.runs[0]?.runId);
  });

  it('fails, and says which runs, when the queue does not take them', async () => {
    await ground.deploy(planOf(12));
    const broken = without(ground, 'sqs');
    await expect(createDispatchHandler(broken)(demand)).rejects.toThrow(
      /^these runs could not be put into the work queue: read-0 of 2026-01-31T13:00:00\.000Z, .* and 7 more: .*ECONNREFUSED/,
    );
  });

  it('refuses an input that it does not know', async () => {
    await ground.deploy(planOf(1));
    await expect(createDispatchHandler(ground)({ kind: 'all' })).rejects.toThrow(/the input has no kind/);
  });

  it('says which names its stack has not set', () => {
    expect(() => createDispatchHandler({ ...ground, env: {} })).toThrow(
      'PLIMSOLL_PLAN_PARAMETER, PLIMSOLL_WORK_QUEUE_URL, AWS_REGION must be set',
    );
  });
});
