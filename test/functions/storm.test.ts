import { beforeEach, expect, it } from 'vitest';
import { createProbeHandler } from '../../functions/probe.ts';
import { openClients } from '../../lib/aws/clients.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import { deliveryOf, longLife, makeCloudGround, messageOf, readPlan } from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { replayOn } from '../support/replaying.ts';

const slots = 12;
const firstMs = Math.floor(Date.now() / 1000) * 1000 - slots * 1000;
const slotOf = (n: number): string => new Date(firstMs + n * 1000).toISOString();

const throttled = JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' });

/** Before all that the probe function talks to. Of what is cut after its head, the request did arrive. */
const storm = [`error=400,${JSON.stringify(throttled)}@0.02`, 'error=500@0.25', 'refuse@0.25', 'cut=headers@0.25'];

describeWithEmulator('the probe function, in a storm before all of AWS,', () => {
  const emulator = sharedEmulator();
  let asked = 0;
  beforeEach(() => {
    asked = 0;
  });
  // Two passes a run: every other run is bad, so that every run changes the verdict.
  const target = fresh(() =>
    startHttpTarget((_, response) => json(response, Math.floor(asked++ / 2) % 2 === 0 ? 500 : 200, {})),
  );
  const ground = fresh(() => makeCloudGround(emulator()));
  const proxy = fresh(() => startFaultProxy({ target: emulator().endpoint }));

  const planOf = (url: string) =>
    readPlan(url, { alarm: { breachAfter: '1 of 1', recoverAfter: 1, confirmAfter: false }, baseline: false });
  const replay = async (): Promise<number> => (await replayOn(ground())).length;

  it('loses no run and doubles none, though each message comes twice and more', async () => {
    const plan = planOf(target().url);
    const stormy = { ...emulator().clientConfig, endpoint: proxy().url };
    const handler = createProbeHandler({ ...ground(), clients: openClients(stormy) });
    proxy().setFaults(faultsOf(...storm));
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
    expect(
      proxy()
        .hits()
        .every(({ hits }) => hits > 0),
    ).toBe(true);
    proxy().setFaults([]);
    const late = await replay();
    // As bad as that: what the SDK tries again by itself did not do.
    expect(failures + late).toBeGreaterThan(0);
    process.stdout.write(`storm: ${failures} deliveries failed and came again, ${late} letters were replayed\n`);

    const store = ground().place.open();
    const runs = await store.list({ order: 'oldest', limit: 1000 });
    expect(runs.map(({ slot }) => slot)).toEqual(Array.from({ length: slots }, (_, n) => slotOf(n)));
    for (const { runId } of runs) expect((await store.get(runId))?.passes).toHaveLength(2);
    expect(await store.state('read')).toMatchObject({ lastSlot: slotOf(slots - 1) });
    const told = (await store.pendingEvents()).map(({ id }) => id);
    expect(new Set(told).size).toBe(told.length);
    expect(told.length).toBeGreaterThan(0);
    expect(await ground().take('deadLetters')).toEqual([]);
  }, 240_000);
});
