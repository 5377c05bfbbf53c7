import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { faultsOf } from '../../examples/fault-proxy/grammar/parse.ts';
import { type FaultProxy, startFaultProxy } from '../../examples/fault-proxy/proxy.ts';
import { createProbeHandler } from '../../functions/probe.ts';
import { openClients } from '../../lib/aws/clients.ts';
import { openEvents } from '../../lib/aws/events.ts';
import { replayDeadLetters } from '../../lib/aws/replay.ts';
import { restoreSamples } from '../../lib/aws/samples.ts';
import { openKeptWith } from '../../lib/aws/work/kept.ts';
import { environmentNames } from '../../lib/names.ts';
import {
  type CloudGround,
  cloudPlan,
  deliveryOf,
  longLife,
  makeCloudGround,
  messageOf,
} from '../support/cloud-ground.ts';
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { json, startHttpTarget, type Target } from '../support/http-target.ts';

const slots = 12;
const firstMs = Math.floor(Date.now() / 1000) * 1000 - slots * 1000;
const slotOf = (n: number): string => new Date(firstMs + n * 1000).toISOString();

const throttled = JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' });

/** Before all that the probe function talks to. Of what is cut after its head, the request did arrive. */
const storm = [`error=400,${JSON.stringify(throttled)}@0.02`, 'error=500@0.25', 'refuse@0.25', 'cut=headers@0.25'];

describeWithEmulator('the probe function, in a storm before all of AWS,', () => {
  let emulator: Emulator;
  let ground: CloudGround;
  let target: Target;
  let proxy: FaultProxy;
  let asked = 0;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator?.stop());
  beforeEach(async () => {
    asked = 0;
    // Two passes a run: every other run is bad, so that every run changes the verdict.
    target = await startHttpTarget((_, response) => json(response, Math.floor(asked++ / 2) % 2 === 0 ? 500 : 200, {}));
    ground = await makeCloudGround(emulator);
    proxy = await startFaultProxy({ target: emulator.endpoint });
  });
  afterEach(async () => {
    ground.close();
    await Promise.all([target.close(), proxy.close()]);
  });

  const planOf = (url: string) =>
    cloudPlan({
      probes: [
        {
          id: 'read',
          kind: 'http',
          schedule: { every: '1h' },
          samples: 2,
          severity: 'page',
          alarm: { breachAfter: '1 of 1', recoverAfter: 1, confirmAfter: false },
          baseline: false,
          steps: [{ name: 'get', request: { url }, expect: { status: 200 } }],
        },
      ],
    });

  const replay = async (): Promise<number> => {
    const { place, clock, region, env, clients } = ground;
    const letters = replayDeadLetters(
      {
        sqs: await clients.sqs(),
        queueUrl: env[environmentNames.deadLetterQueueUrl] ?? '',
        region,
        clock,
        openKept: openKeptWith(ground, place),
        restoreSamples: (samples) => restoreSamples(place, samples),
        events: openEvents({ eventbridge: clients.eventbridge }, ground),
      },
      {},
    );
    let count = 0;
    for await (const _ of letters) count++;
    return count;
  };

  it('loses no run and doubles none, though each message comes twice and more', async () => {
    const plan = planOf(target.url);
    const stormy = { ...emulator.clientConfig, endpoint: proxy.url };
    const handler = createProbeHandler({ ...ground, clients: openClients(stormy) });
    proxy.setFaults(faultsOf(...storm));
    let failures = 0;
    for (let n = 0; n < slots; n++) {
      const message = messageOf(plan, [{ slot: slotOf(n), dueAt: slotOf(n) }]);
      let taken = 0;
      // Until it was taken twice, as a queue that delivers at least once does.
      for (let count = 1; taken < 2; count++) {
        expect(count).toBeLessThan(50);
        const settled = await handler(deliveryOf(message, count), longLife).then(
          () => true,
          () => false,
        );
        if (settled) taken++;
        else failures++;
      }
    }
    expect(proxy.hits().every(({ hits }) => hits > 0)).toBe(true);
    proxy.setFaults([]);
    const late = await replay();
    // As bad as that: what the SDK tries again by itself did not do.
    expect(failures + late).toBeGreaterThan(0);
    process.stdout.write(`storm: ${failures} deliveries failed and came again, ${late} letters were replayed\n`);

    const store = ground.place.open();
    const runs = await store.list({ order: 'oldest', limit: 1000 });
    expect(runs.map(({ slot }) => slot)).toEqual(Array.from({ length: slots }, (_, n) => slotOf(n)));
    for (const { runId } of runs) expect((await store.get(runId))?.passes).toHaveLength(2);
    expect(await store.state('read')).toMatchObject({ lastSlot: slotOf(slots - 1) });
    const told = (await store.pendingEvents()).map(({ id }) => id);
    expect(new Set(told).size).toBe(told.length);
    expect(told.length).toBeGreaterThan(0);
    expect(await ground.take('deadLetters')).toEqual([]);
  }, 240_000);
});
