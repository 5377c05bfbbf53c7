import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, expect, it } from 'vitest';
import { createJudgeHandler } from '../../functions/judge.ts';
import { createProbeHandler } from '../../functions/probe.ts';
import { metricNames, metricNamespace, verdictChanged } from '../../lib/names.ts';
import { deliveryOf, longLife, makeCloudGround, messageOf, readPlan, without } from '../support/cloud-ground.ts';
import { openMetricReader } from '../support/emulator/metric-reader.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

describeWithEmulator('the judge function', () => {
  const emulator = sharedEmulator();
  const target = fresh(() => startHttpTarget((_, response) => json(response, 500, {})));
  const ground = fresh(() => makeCloudGround(emulator()));
  let service: string;
  beforeEach(() => {
    service = `service-${crypto.randomUUID().slice(0, 8)}`;
  });

  const plan = (probe: object = {}) => readPlan(target().url, { samples: 1, ...probe }, { service });

  const changed = { 'detail-type': verdictChanged, source: 'plimsoll', detail: {} };

  const tick = (at?: string) => ({
    kind: 'tick',
    scheduledTime: new Date().toISOString(),
    ...(at === undefined ? {} : { at }),
  });

  /** Maximum of a metric of this service over the last minutes; absent where nothing was published. */
  const seen = async (name: string): Promise<number | undefined> => {
    const reader = openMetricReader(emulator());
    const { Datapoints = [] } = await reader.send(
      new GetMetricStatisticsCommand({
        Namespace: metricNamespace,
        MetricName: name,
        Dimensions: [{ Name: 'Service', Value: service }],
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 600_000),
        Period: 3600,
        Statistics: ['Maximum'],
      }),
    );
    reader.destroy();
    return Datapoints.map(({ Maximum }) => Maximum).at(-1);
  };

  it('says at each tick that it is alive, and how many probes are in trouble', async () => {
    await ground().deploy(plan());
    await createJudgeHandler(ground())(tick(), longLife);
    expect(await seen(metricNames.judgeHeartbeat)).toBe(1);
    expect(await seen(metricNames.breachedPage)).toBe(0);
    await createProbeHandler(ground())(deliveryOf(messageOf(plan())), longLife);
    await createJudgeHandler(ground())(tick(), longLife);
    expect(await seen(metricNames.breachedPage)).toBe(1);
    expect(await seen(metricNames.breachedTicket)).toBe(0);
  });

  it('publishes the gauges after a change of a verdict, and no heartbeat', async () => {
    await ground().deploy(plan());
    await createProbeHandler(ground())(deliveryOf(messageOf(plan())), longLife);
    await createJudgeHandler({ ...ground(), sleep: async () => {} })(changed, longLife);
    expect(await seen(metricNames.breachedPage)).toBe(1);
    expect(await seen(metricNames.judgeHeartbeat)).toBeUndefined();
  });

  it('publishes them once for all that changed within some seconds, the last of them too', async () => {
    await ground().deploy(plan());
    let nowMs = Date.now();
    let published = 0;
    const cloudwatch = () => {
      published++;
      return ground().clients.cloudwatch();
    };
    // While the first waits, a probe breaches.
    const sleep = async () => {
      await createProbeHandler(ground())(deliveryOf(messageOf(plan())), longLife);
    };
    const clock = { ...ground().clock, now: () => nowMs };
    const judge = createJudgeHandler({ ...ground(), clock, sleep, clients: { ...ground().clients, cloudwatch } });
    await Promise.all(Array.from({ length: 10 }, () => judge(changed, longLife)));
    expect([published, await seen(metricNames.breachedPage)]).toEqual([1, 1]);
    nowMs += 5_000;
    await judge(changed, longLife);
    expect(published).toBe(2);
  });

  it('puts an event once more that could not be put when it came', async () => {
    const message = messageOf(plan(), [{ slot: new Date(Date.now() - 120_000).toISOString() }]);
    await ground().deploy(plan());
    await createProbeHandler(without(ground(), 'eventbridge'))(deliveryOf(message), longLife);
    expect(await ground().takeEvents()).toEqual([]);
    await createJudgeHandler(ground())(tick(), longLife);
    expect(await ground().takeEvents()).toMatchObject([{ kind: 'breached', probe: 'read' }]);
  });

  it('leaves an event alone that came just now', async () => {
    await ground().deploy(plan());
    await createProbeHandler(ground())(deliveryOf(messageOf(plan())), longLife);
    expect(await ground().takeEvents()).toHaveLength(1);
    await createJudgeHandler(ground())(tick(), longLife);
    expect(await ground().takeEvents()).toEqual([]);
  });

  it('tells once of a probe whose runs do not come, from when it was first waited for', async () => {
    await ground().deploy(plan());
    const judge = createJudgeHandler(ground());
    const in3h = new Date(Date.now() + 3 * 3_600_000 + 600_000).toISOString();
    await judge(tick(), longLife);
    await judge(tick(in3h), longLife);
    expect(await ground().takeEvents()).toMatchObject([{ kind: 'breached', rule: 'overdue', route: 'monitoring' }]);
    await judge(tick(), longLife);
    // It is still in the outbox, and put again; but it is the same.
    expect((await ground().place.open().pendingEvents()).map(({ rule }) => rule)).toEqual(['overdue']);
    expect(await seen(metricNames.overdue)).toBe(1);
  });

  it('asks for an extra run that should have come and did not', async () => {
    const config = plan({ alarm: { confirmAfter: '1m' } });
    await ground().deploy(config);
    const mute = without(ground(), 'sqs');
    await createProbeHandler(mute)(deliveryOf(messageOf(config)), longLife);
    const judge = createJudgeHandler(ground());
    await judge(tick(), longLife);
    expect(await ground().take('work')).toEqual([]);
    await judge(tick(new Date(Date.now() + 240_000).toISOString()), longLife);
    expect(await ground().take('work')).toMatchObject([
      { items: [{ trigger: 'confirm', token: 'confirm', probe: { id: 'read' } }], shiftMs: expect.any(Number) },
    ]);
  });

  it('refuses what it does not know, and to set the clock outside dev', async () => {
    await ground().deploy(plan());
    const judge = createJudgeHandler(ground());
    await expect(judge({ kind: 'look' }, longLife)).rejects.toThrow('neither a tick nor an event ProbeVerdictChanged');
    await expect(judge({ ...tick(), force: true }, longLife)).rejects.toThrow('has a key force');
  });

  it('is not alive when the store cannot be read', async () => {
    await ground().deploy(plan());
    await expect(createJudgeHandler(without(ground(), 'dynamo'))(tick(), longLife)).rejects.toThrow(
      /cannot be reached/,
    );
    expect(await seen(metricNames.judgeHeartbeat)).toBeUndefined();
  });
});
