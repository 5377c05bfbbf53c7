import { expect, it } from 'vitest';
import { openLeases } from '../../lib/aws/dynamodb/leases.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';

describeWithEmulator('the lease of a run', () => {
  const emulator = sharedEmulator();
  const place = fresh(() => makeAwsPlace(emulator()));

  const at = (nowMs: number) => openLeases({ ...place(), clock: { now: () => nowMs, monotonic: () => 0 } });

  it('is given to one of many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => at(1000).claim('run', 5000)));
    expect(answers.filter((answer) => answer !== 'taken')).toHaveLength(1);
    expect(await at(1000).claim('other', 5000)).toMatchObject({ runId: 'other', untilMs: 5000 });
  });

  it('can be had again once its time is over or it was given back, and by nobody before', async () => {
    const first = await at(1000).claim('run', 5000);
    expect(await at(4999).claim('run', 9000)).toBe('taken');
    const second = await at(5000).claim('run', 9000);
    if (first === 'taken' || second === 'taken') throw new Error('it was not given');
    // Too late: it is somebody else's by now.
    await at(5001).release(first);
    expect(await at(5001).claim('run', 9000)).toBe('taken');
    await at(5001).release(second);
    await at(5001).release(second);
    expect(await at(5001).claim('run', 9000)).not.toBe('taken');
  });

  it('goes by itself, some time after it was over', async () => {
    await at(1000).claim('run', 5001);
    expect(await place().items()).toMatchObject([{ expiresAt: { N: '6' } }]);
  });

  it('is known to be ours when only the answer was lost', async () => {
    const proxy = await startFaultProxy({ target: emulator().endpoint, faults: faultsOf('cut=headers@nth:1') });
    const { dynamo } = makeAwsClients(emulator(), { endpoint: proxy.url });
    const leases = openLeases({ ...place(), dynamo });
    expect(await leases.claim('run', Date.UTC(2027, 0, 1))).toMatchObject({ runId: 'run' });
    expect(await leases.claim('run', Date.UTC(2027, 0, 1))).toBe('taken');
    expect(proxy.hits()).toMatchObject([{ hits: 1 }]);
    dynamo.destroy();
    await proxy.close();
  });
});
