import { beforeEach, expect, it } from 'vitest';
import { sideBySide } from '../../lib/aws/side-by-side.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import type { Store, StoredRun } from '../../lib/result/store.ts';
import { makeBaseline, makeEvent, makeState, makeStep } from '../support/alarms.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { makeStoredRun } from '../support/runs.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

const throttled = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded',
});

/** A third is throttled; of the rest some fail, some never arrive, and of some that arrive the answer is lost. */
const storm = [`error=400,${JSON.stringify(throttled)}@0.33`, 'error=500@0.1', 'refuse@0.1', 'cut=headers@0.15'];

const [probes, runsEach] = [10, 5];

describeWithEmulator('the store in DynamoDB, through a network that loses answers,', () => {
  const emulator = sharedEmulator();
  const place = fresh(() => makeAwsPlace(emulator()));
  const proxy = fresh(() => startFaultProxy({ target: emulator().endpoint }));
  const clients = fresh(() => {
    // As often as the functions do, and sooner: it is not the waiting that is tried here.
    const retryStrategy = { mode: 'standard', ...quickly(6) };
    return makeAwsClients(emulator(), { endpoint: proxy().url, retryStrategy });
  });
  let store: Store;
  beforeEach(() => {
    store = place().open({ dynamo: clients().dynamo });
  });

  /** What a queue does with what failed for good: it comes again. */
  const atLast = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        expect(error).toMatchObject({ name: 'StoreUnreachableError' });
        if (tries > 20) throw error;
      }
    }
  };

  const stepTo = (stored: StoredRun, revision: number) => {
    const { probe, slot, runId } = stored.run;
    const step = makeStep(makeState(probe, slot, revision), makeEvent(runId, { probe, runId }));
    return revision === 3 ? { ...step, baseline: makeBaseline(probe) } : step;
  };

  it('keeps 50 runs, each once, with its step and its event once', async () => {
    proxy().setFaults(faultsOf(...storm));
    const answers: string[] = [];
    await sideBySide(
      Array.from({ length: probes }, (_, n) => `probe-${n}`),
      probes,
      async (probe) => {
        for (let n = 1; n <= runsEach; n++) {
          const stored = makeStoredRun({ probe, slot: minute(n) });
          let failures = 0;
          const counting = <T>(work: () => Promise<T>) =>
            atLast(() =>
              work().catch((error: unknown) => {
                failures++;
                throw error;
              }),
            );
          const put = await counting(() => store.put(stored));
          // Where a call failed for good, what is there may be ours: then nobody can tell.
          if (failures === 0) answers.push(put);
          failures = 0;
          const advanced = await counting(() => store.advance(stepTo(stored, n)));
          if (failures === 0) answers.push(advanced);
        }
      },
    );
    expect(new Set(answers)).toEqual(new Set(['stored']));
    expect(answers.length).toBeGreaterThan(probes * runsEach);
    expect(
      proxy()
        .hits()
        .every(({ hits }) => hits > 10),
      JSON.stringify(proxy().hits()),
    ).toBe(true);

    const sound = place().open();
    const runs = await sound.list({ limit: 1000 });
    expect(runs).toHaveLength(probes * runsEach);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(probes * runsEach);
    expect((await sound.states()).map(({ revision }) => revision)).toEqual(Array(probes).fill(runsEach));
    expect(await sound.baselines()).toHaveLength(probes);
    const pending = (await sound.pendingEvents()).map(({ id }) => id);
    expect(pending.toSorted()).toEqual(runs.map(({ runId }) => runId).toSorted());
    expect((await place().objects()).filter((key) => key.startsWith('runs/'))).toHaveLength(probes * runsEach);
  });

  it('knows its own writes again when only their answers were lost', async () => {
    const lost = () => proxy().setFaults(faultsOf('cut=headers@nth:1'));
    await store.put(makeStoredRun({ slot: minute(1) }));
    lost();
    expect(await store.put(makeStoredRun({ slot: minute(2) }))).toBe('stored');
    lost();
    expect(await store.advance(makeStep(makeState('a', minute(1))))).toBe('stored');
    lost();
    expect(await store.advance(makeStep(makeState('a', minute(2), 2), makeEvent('one')))).toBe('stored');
    lost();
    expect(await store.putBaseline(makeBaseline('a'))).toBe('stored');
    lost();
    expect(await store.settleEvent('one', { result: 'sent', detail: 'answered 204', at: minute(3) })).toBe('settled');
    lost();
    await store.mark({ kind: 'deploy', at: minute(4), probes: ['a', 'b'], who: 'ci' });
    expect(await store.marks('a')).toHaveLength(1);
    expect(proxy().hits()).toMatchObject([{ hits: 1 }]);
    expect(await store.pendingEvents()).toEqual([]);
  });

  it('does not wait for ever for a server that never answers', async () => {
    const requestHandler = { requestTimeout: 1_500, throwOnRequestTimeout: true };
    const config = { ...emulator().clientConfig, endpoint: proxy().url };
    const hasty = makeAwsClients({ clientConfig: config }, { requestHandler, maxAttempts: 2 });
    const patient = place().open({ dynamo: hasty.dynamo });
    proxy().setFaults(faultsOf('hang=headers@nth:1'));
    expect(await patient.advance(makeStep(makeState('a', minute(1))))).toBe('stored');
    proxy().setFaults(faultsOf('hang=headers'));
    await expect(patient.state('a')).rejects.toThrow(
      /^GetItem on the table [^ ]+ failed after 2 attempts: .* cannot be reached/,
    );
    hasty.dynamo.destroy();
    hasty.s3.destroy();
  });

  it('still tells the writes of others from its own', async () => {
    await place().open().put(makeStoredRun());
    await place()
      .open()
      .advance(makeStep(makeState('a', minute(1))));
    proxy().setFaults(faultsOf('cut=headers@every:2'));
    expect(await store.put(makeStoredRun())).toBe('duplicate');
    expect(await store.advance(makeStep(makeState('a', minute(2)), makeEvent('one')))).toBe('stale');
    expect(await store.advance(makeStep(makeState('a', minute(2))))).toBe('stale');
    expect(await store.pendingEvents()).toEqual([]);
  });

  it.each([
    ['refuse', /PutItem|GetItem|UpdateItem/, /cannot be reached \(ECONNRESET\)/],
    ['error=500', /PutItem|GetItem|UpdateItem/, /answered/],
    [`error=400,${JSON.stringify(throttled)}`, /GetItem/, /answered ProvisionedThroughputExceededException/],
  ])('says in one sentence which table could not be used, and why: %s', async (fault, operation, why) => {
    proxy().setFaults(faultsOf(fault));
    const failed: Error = await store.put(makeStoredRun()).then(
      () => new Error('it was stored'),
      (error: Error) => error,
    );
    expect(failed).toMatchObject({
      name: 'StoreUnreachableError',
      resource: `the table ${place().table}`,
      operation: expect.stringMatching(operation),
      blame: 'aws',
    });
    expect(failed.message).toMatch(new RegExp(`^\\w+ on the table ${place().table} failed after 6 attempts: `));
    expect(failed.message).toMatch(why);
    expect(failed.message).not.toContain(emulator().clientConfig.credentials.secretAccessKey);
  });

  it('does not hide a fault of our own, and tries no request again that AWS refuses', async () => {
    const asked = place().open({ table: 'nowhere' }).memory('a');
    await expect(asked).rejects.toThrow(
      /^GetItem on the table nowhere failed: .* answered ResourceNotFoundException: /,
    );
  });
});

/** The SDK's own rule, with shorter pauses. */
function quickly(mostAttempts: number) {
  type Token = { readonly getRetryCount: () => number; readonly getRetryDelay: () => number };
  const token = (count: number): Token & { getRetryCost: () => undefined } => ({
    getRetryCount: () => count,
    getRetryDelay: () => (count === 0 ? 0 : Math.random() * 5 * 2 ** count),
    getRetryCost: () => undefined,
  });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (before: Token, { errorType }: { readonly errorType: string }) => {
      const count = before.getRetryCount() + 1;
      if (count >= mostAttempts || !/THROTTLING|TRANSIENT/.test(errorType)) throw new Error('no more attempts');
      return token(count);
    },
    recordSuccess: () => {},
  };
}
