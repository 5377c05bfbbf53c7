import { expect, it } from 'vitest';
import { openCloudDrillStore } from '../../../lib/aws/drill/store.ts';
import { faultsOf } from '../../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../../lib/fault-proxy/proxy.ts';
import { makeAwsClients, makeAwsPlace } from '../../support/aws-store.ts';
import { drillReport } from '../../support/drill/reports.ts';
import { beginRun, itKeepsDrills } from '../../support/drill/store-contract.ts';
import { describeWithEmulator, sharedEmulator } from '../../support/emulator/suite.ts';
import { fresh } from '../../support/fresh.ts';

const keepMs = 30 * 86_400_000;
const leaseMs = 900_000;

describeWithEmulator('the store of drills in the table', () => {
  const emulator = sharedEmulator();
  const desk = fresh(async () => {
    const place = await makeAwsPlace(emulator());
    const time = { nowMs: 1_780_000_000_000 };
    const open = (dynamo = place.dynamo) =>
      openCloudDrillStore({
        dynamo,
        table: place.table,
        s3: async () => place.s3,
        bucket: place.bucket,
        clock: { now: () => time.nowMs },
        keepMs,
      });
    return { ...place, time, store: open(), open, again: async () => open(), close: place.close };
  });

  itKeepsDrills(desk);

  it('finds runs whose lease is over, and no other', async () => {
    const { store, time } = desk();
    for (const run of ['dead', 'early', 'late', 'done', 'stuck']) await beginRun(desk(), run);
    await store.acquire('a', 'late', leaseMs + 1000);
    await store.acquire('b', 'stuck', leaseMs);
    await store.publish(drillReport({ run: 'done' }));
    await store.publish(drillReport({ run: 'stuck', previous: 'aa', hash: 'bb' }));
    expect(await store.orphans()).toEqual([]);
    time.nowMs += leaseMs - 1;
    await beginRun(desk(), 'early');
    expect(await store.orphans()).toEqual([]);
    time.nowMs += 1;
    expect(await store.orphans()).toEqual(['dead', 'stuck']);
    time.nowMs += 1000;
    expect(await store.orphans()).toEqual(['dead', 'late', 'stuck']);
  });

  it('does not take a run for open that asks once more after its report', async () => {
    const { store, time } = desk();
    await beginRun(desk(), 'restart-1');
    await store.publish(drillReport());
    expect(await store.putOnce('restart-1', 'request', {})).toBe(false);
    time.nowMs += leaseMs;
    expect(await store.orphans()).toEqual([]);
  });

  it('puts what is too large for an item into the folder of drills', async () => {
    const { store, objects } = desk();
    await store.put('r1', 'small', { n: 1 });
    expect(await objects()).toEqual([]);
    await store.put('r1', 'listing', { texts: Array.from({ length: 40_000 }, (_, n) => `${n * 7919}-${Math.sin(n)}`) });
    expect(await objects()).toEqual([expect.stringMatching(/^drills\/r1\/[\w-]+\.json\.gz$/)]);
  });

  it('forgets a record and a report when their time is over, and begins a new chain then', async () => {
    const { store, time } = desk();
    await beginRun(desk(), 'restart-1');
    await store.publish(drillReport());
    time.nowMs += keepMs + 1000;
    expect(await store.read('restart-1')).toBeUndefined();
    expect(await store.reports('restart', 10)).toEqual([]);
    await store.publish(drillReport({ run: 'restart-2', previous: null, hash: 'cc' }));
    expect(await store.reports('restart', 10)).toMatchObject([{ run: 'restart-2' }]);
  });

  it('knows its own writes again when only the answers were lost', async () => {
    const proxy = await startFaultProxy({ target: emulator().endpoint, faults: faultsOf('cut=headers@nth:1') });
    const { dynamo, s3 } = makeAwsClients(emulator(), { endpoint: proxy.url });
    try {
      expect(await desk().open(dynamo).putOnce('r1', 'intent', { n: 1 })).toBe(true);
      expect(proxy.hits()).toMatchObject([{ hits: 1 }]);
    } finally {
      dynamo.destroy();
      s3.destroy();
      await proxy.close();
    }
  });
});
