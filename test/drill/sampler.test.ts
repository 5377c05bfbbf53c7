import { expect, onTestFinished, test } from 'vitest';
import { sample } from '../../lib/drill/sampler.ts';
import { openDrillBench } from '../support/drill-run.ts';

const never = new AbortController().signal;

test('gives its live client time to come back, though an earlier slice saw the recovery and was over before', async () => {
  const { run, store, portsOf, close } = openDrillBench();
  onTestFinished(close);
  await run('run-1');
  const record = await store.read('run-1');
  if (!record) throw new Error('no record');
  const settledIn = async () =>
    (await store.read('run-1'))?.observations.filter(({ kind }) => kind === 'settled').length;
  expect(await settledIn()).toBe(1);
  expect(await sample(record, portsOf('run-1'), never)).toBe('recovered');
  expect(await settledIn()).toBe(1);
  const cut = { ...record, observations: record.observations.filter(({ kind }) => kind !== 'settled') };
  const { ending: _, ...going } = cut;
  expect(await sample(going, portsOf('run-1'), never)).toBe('recovered');
  expect(await settledIn()).toBe(2);
});
