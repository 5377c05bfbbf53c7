import { setTimeout as sleep } from 'node:timers/promises';
import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, expect, it } from 'vitest';
import { createProbeHandler } from '../../functions/probe.ts';
import { unzipRun } from '../../lib/aws/dead-letters.ts';
import type { ProbePlan } from '../../lib/config/plan.ts';
import { metricNames, metricNamespace } from '../../lib/names.ts';
import {
  deliveryOf,
  lifeOf,
  longLife,
  makeCloudGround,
  messageOf,
  readPlan,
  without,
} from '../support/cloud-ground.ts';
import { openMetricReader } from '../support/emulator/metric-reader.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

describeWithEmulator('the probe function', () => {
  let status = 200;
  beforeEach(() => {
    status = 200;
  });

  const emulator = sharedEmulator();
  const target = fresh(() => startHttpTarget((_, response) => json(response, status, { ok: status < 400 })));
  const ground = fresh(() => makeCloudGround(emulator()));

  const planOf = (...more: readonly [probe?: object, config?: object]) => readPlan(target().url, ...more);

  const runs = () => ground().place.open().list();

  it('measures, stores and judges a run, with its samples in one object of the bucket', async () => {
    const probe = createProbeHandler(ground());
    expect(await probe(deliveryOf(messageOf(planOf())), longLife)).toEqual({ batchItemFailures: [] });
    const [run] = await runs();
    expect(run).toMatchObject({
      probe: 'read',
      verdict: 'pass',
      samples: 2,
      region: emulator().region,
      environment: 'dev',
    });
    expect(
      (
        await ground()
          .place.open()
          .get(run?.runId ?? '')
      )?.passes,
    ).toHaveLength(2);
    expect(await ground().place.objects()).toHaveLength(1);
    expect(await ground().takeEvents()).toEqual([]);
    expect(ground().lines).toMatchObject([{ what: 'run', probe: 'read', verdict: 'pass', outcome: 'stored' }]);
  });

  it('stores a slot that is delivered twice once, and puts its event once', async () => {
    status = 500;
    const message = messageOf(planOf());
    const probe = createProbeHandler(ground());
    await Promise.all([probe(deliveryOf(message), longLife), probe(deliveryOf(message), longLife)]);
    await probe(deliveryOf(message, 2), longLife);
    expect(await runs()).toHaveLength(1);
    expect(await ground().takeEvents()).toMatchObject([{ kind: 'breached', probe: 'read', route: 'page' }]);
    expect(ground().lines.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
  });

  it('does not measure what a message asks for that was delivered before and is on record', async () => {
    const message = messageOf(planOf());
    await createProbeHandler(ground())(deliveryOf(message), longLife);
    const before = target().requests.length;
    await createProbeHandler(ground())(deliveryOf(message, 2), longLife);
    expect(target().requests).toHaveLength(before);
  });

  it('takes the step of a run that was stored and not judged when whoever made it was killed', async () => {
    status = 500;
    const message = messageOf(planOf());
    await createProbeHandler(ground())(deliveryOf(message), longLife);
    const [run] = await runs();
    const stored = await ground()
      .place.open()
      .get(run?.runId ?? '');
    const other = await makeCloudGround(emulator());
    if (stored) await other.place.open().put(stored);
    await createProbeHandler(other)(deliveryOf(message, 2), longLife);
    expect(await other.takeEvents()).toMatchObject([{ kind: 'breached' }]);
    other.close();
  });

  it('puts a run that comes too late on record as late, and measures nothing', async () => {
    const slot = new Date(Date.now() - 2 * 3_600_000).toISOString();
    await createProbeHandler(ground())(deliveryOf(messageOf(planOf(), [{ slot }])), longLife);
    expect(await runs()).toMatchObject([{ slot, status: 'late', verdict: null }]);
    expect(target().requests).toEqual([]);
  });

  it('gives a run back whose slot has not come', async () => {
    const slot = new Date(Date.now() + 300_000).toISOString();
    await createProbeHandler(ground())(deliveryOf(messageOf(planOf(), [{ slot }])), longLife);
    expect(await runs()).toEqual([]);
    expect(await ground().delayed()).toBe(1);
  });

  it.each([
    ['no JSON', 'hello', 'it is no JSON'],
    ['of an unknown schema', JSON.stringify({ schema: 2 }), 'its schema must be 1, which this version knows, and is 2'],
  ])('puts a message that is %s where poison goes, with its reason', async (_, body, reason) => {
    expect(await createProbeHandler(ground())(deliveryOf(body), longLife)).toEqual({ batchItemFailures: [] });
    expect(await ground().take('deadLetters')).toMatchObject([{ schema: 1, kind: 'poison', reason, message: body }]);
  });

  it('takes a message of another environment, or one that sets the clock of another than dev, for poison', async () => {
    const prod = { ...ground(), env: { ...ground().env, PLIMSOLL_ENVIRONMENT: 'prod' } };
    const message = messageOf(planOf());
    await createProbeHandler(prod)(deliveryOf(message), longLife);
    const service = { ...message.service, environment: 'prod' } as const;
    await createProbeHandler(prod)(deliveryOf({ ...message, service, shiftMs: 1 }), longLife);
    expect((await ground().take('deadLetters')).map(({ reason }) => reason)).toEqual([
      'it is for the environment dev, and this is prod',
      'it sets the clock forward, which only dev allows, and this is prod',
    ]);
    expect(target().requests).toEqual([]);
  });

  it('sends a probe with side effects once when two deliveries come at once', async () => {
    const steps = [{ name: 'post', request: { method: 'POST', url: target().url }, expect: { status: 200 } }];
    const message = messageOf(planOf({ steps, samples: 1 }));
    const probe = createProbeHandler(ground());
    await Promise.all([probe(deliveryOf(message), longLife), probe(deliveryOf(message), longLife)]);
    expect(target().requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    // Whoever came second may have put it off until the first is done, and recognises it then.
    for (const again of await ground().take('work')) await probe(deliveryOf(JSON.stringify(again)), longLife);
    expect(await runs()).toHaveLength(1);
    expect(target().requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('keeps no run from a store that cannot be reached: it is in the dead-letter queue, whole', async () => {
    status = 500;
    const dead = without(ground(), 'dynamo');
    expect(await createProbeHandler(dead)(deliveryOf(messageOf(planOf())), longLife)).toEqual({
      batchItemFailures: [],
    });
    const [letter] = await ground().take('deadLetters');
    expect(letter).toMatchObject({
      kind: 'run',
      item: { probe: { id: 'read' } },
      reason: expect.stringMatching(/cannot be reached/),
    });
    const { run, passes } = await unzipRun(String(letter?.run));
    expect(run).toMatchObject({ verdict: 'fail', samples: 2 });
    expect(passes[0]?.steps[0]?.evidence).toBeDefined();
  });

  it('asks for the message again when neither the store nor the dead-letter queue takes a run', async () => {
    const dead = without(ground(), 'dynamo', 'sqs');
    await expect(createProbeHandler(dead)(deliveryOf(messageOf(planOf())), longLife)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('stores a run whose event cannot be put, and leaves the event in the outbox', async () => {
    status = 500;
    const mute = without(ground(), 'eventbridge', 'cloudwatch');
    await createProbeHandler(mute)(deliveryOf(messageOf(planOf())), longLife);
    expect(await runs()).toHaveLength(1);
    expect(await ground().place.open().pendingEvents()).toMatchObject([{ kind: 'breached' }]);
    const said = ground().lines.map(({ what }) => what);
    expect(said).toEqual(expect.arrayContaining(['event not put', 'metrics not published']));
  });

  it('begins nothing for which there is no time to measure and write, and puts it into the queue again', async () => {
    const message = messageOf(planOf());
    await createProbeHandler(ground())(deliveryOf(message), lifeOf(30_000));
    expect(target().requests).toEqual([]);
    expect(await ground().take('work')).toEqual([message]);
  });

  it('cuts a run in time to hand it on: it is none, and is made again', async () => {
    const silent = await startHttpTarget(() => {});
    const steps = [{ name: 'get', request: { url: 'http://127.0.0.1:1/' } }];
    const control = { url: silent.url, timeout: '10s' };
    const message = messageOf(planOf({ samples: 1, timeout: '500ms', steps }, { control }));
    await createProbeHandler(ground())(deliveryOf(message), lifeOf(31_200));
    expect(silent.requests).toHaveLength(1);
    expect(await runs()).toEqual([]);
    expect(await ground().take('work')).toEqual([message]);
    await silent.close();
  });

  it('publishes metrics of what is new on record, and of no duplicate', async () => {
    const service = `service-${crypto.randomUUID()}`;
    const message = messageOf(planOf({}, { service }));
    const probe = createProbeHandler(ground());
    await probe(deliveryOf(message), longLife);
    await probe(deliveryOf(message), longLife);
    const reader = openMetricReader(emulator());
    const { Datapoints = [] } = await reader.send(
      new GetMetricStatisticsCommand({
        Namespace: metricNamespace,
        MetricName: metricNames.latencyMs,
        Dimensions: [{ Name: 'Service', Value: service }],
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 600_000),
        Period: 7200,
        Statistics: ['SampleCount'],
      }),
    );
    reader.destroy();
    expect(Datapoints.map(({ SampleCount }) => SampleCount)).toEqual([2]);
  });

  it('asks for the extra run of a first total failure, held back until it is due', async () => {
    status = 500;
    const plan = planOf({ alarm: { confirmAfter: '1m' } });
    await createProbeHandler(ground())(deliveryOf(messageOf(plan)), longLife);
    expect((await ground().place.open().state('read'))?.confirm).toBeDefined();
    expect(await ground().delayed()).toBe(1);
  });

  it('runs ten probes of a message, four side by side', async () => {
    let open = 0;
    let most = 0;
    const four = Promise.withResolvers<void>();
    const slow = await startHttpTarget(async (_, response) => {
      most = Math.max(most, ++open);
      if (most === 4) four.resolve();
      // None is answered before four are there, and a fifth would have its time to come.
      await four.promise;
      await sleep(100);
      open--;
      json(response, 200, {});
    });
    const plan = planOf();
    const [first] = plan.probes;
    const ten = Array.from({ length: 10 }, (_, n) => ({
      probe: {
        ...first,
        id: `read-${n}`,
        samples: 1,
        steps: first?.steps.map((step) =>
          step.type === 'request' ? { ...step, request: { ...step.request, url: slow.url } } : step,
        ),
      } as ProbePlan,
    }));
    await createProbeHandler(ground())(deliveryOf(messageOf(plan, ten)), longLife);
    expect(await runs()).toHaveLength(10);
    expect(most).toBe(4);
    expect(await ground().place.objects()).toHaveLength(1);
    await slow.close();
  });
});
