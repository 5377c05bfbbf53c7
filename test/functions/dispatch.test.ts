import { describe, expect, it } from 'vitest';
import { createDispatchHandler } from '../../functions/dispatch.ts';
import { createProbeHandler } from '../../functions/probe.ts';
import { cadenceKey } from '../../lib/dispatch/cadence.ts';
import type { WorkMessage } from '../../lib/dispatch/message.ts';
import { readWorkMessage } from '../../lib/dispatch/read-message.ts';
import { cloudPlan, deliveryOf, longLife, makeCloudGround, without } from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';

describeWithEmulator('the dispatch function', () => {
  const emulator = sharedEmulator();
  const ground = fresh(() => makeCloudGround(emulator()));

  const weekly = { kind: 'cron', expression: '0 13 * * 2', timezone: 'UTC' } as const;
  const planOf = (count: number) =>
    cloudPlan({
      probes: Array.from({ length: count }, (_, n) => ({
        id: `read-${n}`,
        kind: 'http',
        schedule: { cron: weekly.expression, timezone: weekly.timezone },
        steps: [{ name: 'get', request: { url: 'http://127.0.0.1:1/' } }],
      })),
    });

  const demand = { kind: 'demand', probes: [], clientToken: 'one', askedAt: '2026-01-31T13:00:00Z' };

  it('puts what is asked for into the queue, in messages that the probe function reads', async () => {
    await ground().deploy(planOf(123));
    const answer = await createDispatchHandler(ground())(demand);
    expect(answer.runs).toHaveLength(123);
    const messages = await ground().take('work');
    expect(messages).toHaveLength(answer.messages);
    expect(messages.map((message) => readWorkMessage(JSON.stringify(message)).ok)).not.toContain(false);
    const items = messages.flatMap((message) => (message as unknown as WorkMessage).items);
    expect(items.map(({ probe }) => probe.id).toSorted()).toEqual(answer.runs.map(({ probe }) => probe).toSorted());
  });

  it('answers the ids under which the runs are stored', async () => {
    await ground().deploy(planOf(1));
    const at = '2026-01-31T13:00:00Z';
    const answer = await createDispatchHandler(ground())({ ...demand, at });
    const [message] = await ground().take('work');
    await createProbeHandler(ground())(deliveryOf(JSON.stringify(message)), longLife);
    const [run] = await ground().place.open().list();
    expect(run?.runId).toBe(answer.runs[0]?.runId);
  });

  it('fails, and says which runs, when the queue does not take them', async () => {
    await ground().deploy(planOf(12));
    const broken = without(ground(), 'sqs');
    await expect(createDispatchHandler(broken)(demand)).rejects.toThrow(
      /^these runs could not be put into the work queue: read-0 of 2026-01-31T13:00:00\.000Z, .* and 7 more: .*ECONNREFUSED/,
    );
  });

  describe('asked with a client token and no time', () => {
    const ask = { kind: 'demand', probes: ['read-0'], clientToken: 'deploy-42' };

    it('answers the same runs however often it is asked, and they are made once', async () => {
      await ground().deploy(planOf(2));
      const first = await createDispatchHandler(ground())(ask);
      const hour = { ...ground(), clock: { ...ground().clock, now: () => Date.now() + 3_600_000 } };
      // Another instance of the function knows nothing but what is in the table.
      expect(await createDispatchHandler(hour)(ask)).toEqual(first);
      const messages = await ground().take('work');
      expect(messages).toHaveLength(2);
      for (const message of messages) {
        await createProbeHandler(ground())(deliveryOf(JSON.stringify(message)), longLife);
      }
      expect((await ground().place.open().list()).map(({ runId }) => runId)).toEqual([first.runs[0]?.runId]);
    });

    it('makes other runs for another token', async () => {
      await ground().deploy(planOf(1));
      const dispatch = createDispatchHandler(ground());
      const [first, other] = [await dispatch(ask), await dispatch({ ...ask, clientToken: 'deploy-43' })];
      expect(other.runs[0]?.runId).not.toBe(first.runs[0]?.runId);
    });

    it('refuses a token that was first used for other probes, and queues none of them', async () => {
      await ground().deploy(planOf(2));
      const dispatch = createDispatchHandler(ground());
      const [run] = (await dispatch(ask)).runs;
      await ground().take('work');
      const words = `the client token deploy-42 was first used at ${run?.slot}, for other probes than these: ask for`;
      const refusal = { runs: [], messages: 0, refused: expect.stringContaining(words) };
      expect(await dispatch({ ...ask, probes: [] })).toEqual(refusal);
      expect(await dispatch({ ...ask, probes: ['read-1'] })).toEqual(refusal);
      expect(await ground().take('work')).toEqual([]);
    });

    it('remembers nothing of a demand that it refuses', async () => {
      await ground().deploy(planOf(2));
      const dispatch = createDispatchHandler(ground());
      // An answer, and no error: a slip of a person's is nothing for the alarm over this function.
      const { refused } = await dispatch({ ...ask, probes: ['nix'] });
      expect(refused).toMatch(/^no such probe is deployed: nix; /);
      expect((await dispatch(ask)).runs).toHaveLength(1);
    });

    it('queues nothing while it cannot look whether it was asked before', async () => {
      await ground().deploy(planOf(1));
      await expect(createDispatchHandler(without(ground(), 'dynamo'))(ask)).rejects.toThrow(/ECONNREFUSED/);
      expect(await ground().take('work')).toEqual([]);
    });
  });

  it('needs no table for what the schedules ask', async () => {
    await ground().deploy(planOf(3));
    const tick = { kind: 'tick', scheduledTime: '2026-06-02T13:00:00Z' };
    const cadence = { ...tick, kind: 'cadence', cadence: cadenceKey(weekly) };
    const dispatch = createDispatchHandler(without(ground(), 'dynamo'));
    expect((await dispatch(cadence)).runs).toHaveLength(3);
    expect((await dispatch(tick)).runs).toHaveLength(0);
    expect((await dispatch(demand)).runs).toHaveLength(3);
  });

  it('refuses an input that it does not know', async () => {
    await ground().deploy(planOf(1));
    await expect(createDispatchHandler(ground())({ kind: 'all' })).rejects.toThrow(/the input has no kind/);
  });

  it('says which names its stack has not set', () => {
    expect(() => createDispatchHandler({ ...ground(), env: {} })).toThrow(
      'PLIMSOLL_PLAN_PARAMETER, PLIMSOLL_WORK_QUEUE_URL, PLIMSOLL_TABLE, AWS_REGION must be set',
    );
  });
});
