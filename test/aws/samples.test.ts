import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spellId } from '../../lib/aws/samples/keys.ts';
import { openSampleBatch, openSamples, restoreSamples } from '../../lib/aws/samples.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { makeStoredRun } from '../support/runs.ts';

const slot = (n: number): string => new Date(Date.UTC(2026, 0, 31, 23, 50 + n)).toISOString();
const good = (n: number, probe = 'a') => makeStoredRun({ probe, slot: slot(n), latencies: [n, n + 0.5] });
const bad = (n: number, probe = 'a') => makeStoredRun({ probe, slot: slot(n), latencies: [null] });

describe('a probe in the key of an object', () => {
  it('is spelt in characters that are safe everywhere, and no two probes alike', () => {
    expect(['api-read', 'größe 1', 'a/b=c', '測試', '\ud800', '*~'].map(spellId)).toEqual([
      'api-read',
      'gr%C3%B6%C3%9Fe%201',
      'a%2Fb%3Dc',
      '%E6%B8%AC%E8%A9%A6',
      '%EF%BF%BD',
      '%2A%7E',
    ]);
    const ids = fc.tuple(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.string({ unit: 'grapheme', maxLength: 400 }),
    );
    fc.assert(
      fc.property(ids, ([one, other]) => {
        expect(spellId(one)).toMatch(/^[A-Za-z0-9_.%~-]*$/);
        expect(spellId(one).length).toBeLessThan(250);
        expect(spellId(one) === spellId(other)).toBe(one === other);
      }),
    );
  });
});

describeWithEmulator('raw samples in S3', () => {
  const emulator = sharedEmulator();
  const place = fresh(() => makeAwsPlace(emulator()));
  const proxy = fresh(() => startFaultProxy({ target: emulator().endpoint }));
  const clients = fresh(() => makeAwsClients(emulator(), { endpoint: proxy().url, maxAttempts: 2 }));
  const openBatch = (more: { readonly atOnceMs?: number } = {}) =>
    openSampleBatch({ s3: clients().s3, bucket: place().bucket, clock: place().clock, batchId: 'message/1', ...more });
  const linesIn = async (key: string): Promise<readonly { readonly runId: string; readonly probe: string }[]> => {
    const { Body } = await place().s3.send(new GetObjectCommand({ Bucket: place().bucket, Key: key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? '').toString();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  it('of the good runs of a batch are one object a day, a line for each pass', async () => {
    const batch = openBatch();
    const runs = [good(1), good(2, 'b'), good(15)];
    const refs = await Promise.all(runs.map((run) => batch.keep(run)));
    expect(await place().objects()).toEqual([]);
    expect(await batch.flush(5_000)).toEqual([]);
    const keys = await place().objects();
    expect(keys).toEqual([
      expect.stringMatching(/^runs\/date=2026-01-31\/message%2F1-[0-9a-f]{12}\.ndjson\.gz$/),
      expect.stringMatching(/^runs\/date=2026-02-01\/message%2F1-[0-9a-f]{12}\.ndjson\.gz$/),
    ]);
    expect(refs).toEqual([keys[0], keys[0], keys[1]]);
    const lines = await linesIn(keys[0] ?? '');
    expect(lines.map(({ probe }) => probe)).toEqual(['a', 'a', 'b', 'b']);
    expect(lines[0]).toEqual({ runId: runs[0]?.run.runId, probe: 'a', slot: slot(1), pass: runs[0]?.passes[0] });
    const reader = openSamples(place());
    for (const [n, run] of runs.entries()) expect(await reader.read(refs[n] ?? '', run.run.runId)).toEqual(run.passes);
    expect(await batch.flush(5_000)).toEqual([]);
    expect(await place().objects()).toEqual(keys);
  });

  it('of a batch that is delivered twice, or goes on after it was flushed, never overwrite what is there', async () => {
    const batch = openBatch();
    await batch.keep(good(1));
    await batch.flush(5_000);
    await batch.keep(good(2));
    await batch.flush(5_000);
    const again = openBatch();
    await again.keep(good(3));
    await again.flush(5_000);
    const keys = await place().objects();
    expect(keys).toHaveLength(3);
    expect((await Promise.all(keys.map(linesIn))).map(({ length }) => length)).toEqual([2, 2, 2]);
  });

  it('of a run that is not good are an object of its own at once', async () => {
    const batch = openBatch();
    const failed = bad(1, 'größe');
    const ref = await batch.keep(failed);
    expect(await place().objects()).toEqual([ref]);
    expect(ref).toMatch(/^runs\/probe=gr%C3%B6%C3%9Fe\/date=2026-01-31\/[a-z2-7]{26}-[0-9a-f]{16}\.ndjson\.gz$/);
    expect(await openSamples(place()).read(ref ?? '', failed.run.runId)).toEqual(failed.passes);
    expect(await batch.flush(5_000)).toEqual([]);
  });

  it('of a run without passes are nothing', async () => {
    const unrun = makeStoredRun({ latencies: [], run: { status: 'missed', verdict: null } });
    expect([await openBatch().keep(unrun), await openSamples(place()).keep(unrun)]).toEqual([undefined, undefined]);
  });

  it('of a run that turns out to be a duplicate are taken back, and those of its neighbours stay', async () => {
    const batch = openBatch();
    const store = place().open({ samples: batch });
    await place().open().put(good(1));
    await place().open().put(bad(2));
    const before = await place().objects();
    expect([await store.put(good(1)), await store.put(good(3)), await store.put(bad(2))]).toEqual([
      'duplicate',
      'stored',
      'duplicate',
    ]);
    await batch.flush(5_000);
    const [added, ...others] = (await place().objects()).filter((key) => !before.includes(key));
    expect([others, (await linesIn(added ?? '')).length]).toEqual([[], 2]);
    for (const run of [good(1), bad(2), good(3)]) expect(await place().open().get(run.run.runId)).toEqual(run);
  });

  it('are written once S3 is back, and nothing is lost or doubled by its absence', async () => {
    const batch = openBatch({ atOnceMs: 50 });
    const store = place().open({ samples: batch });
    proxy().setFaults(faultsOf('error=503'));
    const runs = [good(1), bad(2), good(3)];
    // The runs themselves do not wait for it.
    for (const run of runs) expect(await store.put(run)).toBe('stored');
    for (const run of runs) expect(await store.get(run.run.runId)).toEqual(run);
    const flushed = batch.flush(30_000);
    await expect.poll(() => proxy().hits()[0]?.hits, { timeout: 30_000 }).toBeGreaterThan(6);
    proxy().setFaults(faultsOf('cut=headers@nth:1'));
    expect(await flushed).toEqual([]);
    expect(await place().objects()).toHaveLength(2);
    for (const run of runs) expect(await place().open().get(run.run.runId)).toEqual(run);
  });

  it('that could not be written in time are answered, and can be written later by somebody else', async () => {
    const batch = openBatch({ atOnceMs: 50 });
    const store = place().open({ samples: batch });
    proxy().setFaults(faultsOf('error=503'));
    const runs = [good(1), bad(2)];
    for (const run of runs) expect(await store.put(run)).toBe('stored');
    expect(await batch.flush(200)).toHaveLength(2);
    expect(await place().objects()).toEqual([]);
    // Of what is not there yet there is nothing to read, and that is no error.
    for (const run of runs) expect(await place().open().get(run.run.runId)).toEqual({ ...run, passes: [] });
    // It gives up in time too where S3 takes the request and never answers.
    proxy().setFaults(faultsOf('hang=headers'));
    const left = await batch.flush(200);
    expect(left).toHaveLength(2);
    expect(await batch.flush(0)).toEqual(left);
    for (const each of left) await restoreSamples(place(), each);
    for (const run of runs) expect(await place().open().get(run.run.runId)).toEqual(run);
    expect(await place().objects()).toHaveLength(2);
  });

  it('that cannot be written at once, without a batch, fail the run in one sentence, and it can be put again', async () => {
    const store = place().open({ samples: openSamples({ s3: clients().s3, bucket: place().bucket }) });
    proxy().setFaults(faultsOf('error=500'));
    await expect(store.put(good(1))).rejects.toThrow(
      new RegExp(`^PutObject on the bucket ${place().bucket} failed after 2 attempts: .* answered`),
    );
    proxy().setFaults([]);
    expect(await store.put(good(1))).toBe('stored');
    expect(await place().objects()).toHaveLength(1);
  });
});
