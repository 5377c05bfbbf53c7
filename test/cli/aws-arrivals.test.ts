import { describe, expect, it } from 'vitest';
import { awaitRuns, awaitSamples } from '../../lib/cli/aws/arrivals.ts';
import type { StoredRun } from '../../lib/result/store.ts';
import { driveClock } from '../support/driven-clock.ts';
import { makeStoredRun } from '../support/runs.ts';

const asked = (...probes: readonly string[]) => probes.map((probe) => ({ probe, slot: '', runId: `run-of-${probe}` }));

/** A table that runs turn up in at their time (ms), and a wait for them; when it was asked, and what arrived when. */
const setUp = (times: Readonly<Record<string, number>>, waitMs: number) => {
  const clock = driveClock(0);
  const interrupt = new AbortController();
  const [looks, arrived]: [Set<number>, string[]] = [new Set(), []];
  const get = async (runId: string): Promise<StoredRun | undefined> => {
    looks.add(clock.monotonic());
    const probe = runId.replace('run-of-', '');
    return clock.monotonic() >= (times[probe] ?? Number.POSITIVE_INFINITY) ? makeStoredRun({ probe }) : undefined;
  };
  const waiting = awaitRuns(asked(...Object.keys(times)), waitMs, {
    store: { get },
    clock,
    signal: interrupt.signal,
    arrived: (run) => arrived.push(`${run.probe} at ${clock.monotonic()}`),
  });
  return { clock, interrupt, looks: () => [...looks], arrived, waiting };
};

describe('the wait for runs that others make', () => {
  it('looks at growing pauses from half a second to three, and ends with the last of them', async () => {
    const { clock, looks, arrived, waiting } = setUp({ a: 0, c: 9_000, b: 600 }, 60_000);
    await clock.pass(60_000);
    const { stored, missing } = await waiting;
    // Half as long again each time; the clock of the test wakes sleepers on whole milliseconds.
    expect(looks()).toEqual([0, 500, 1250, 2375, 4063, 6595, 9595]);
    expect(arrived).toEqual(['a at 0', 'b at 1250', `c at ${looks().at(-1)}`]);
    // In the order in which they were asked for, whenever they came.
    expect(stored.map(({ run }) => run.probe)).toEqual(['a', 'c', 'b']);
    expect(missing).toEqual([]);
  });

  it('gives up at its limit after a last look, and names what did not come', async () => {
    const { clock, looks, waiting } = setUp({ a: 100, never: Number.POSITIVE_INFINITY }, 2_000);
    await clock.pass(10_000);
    const { stored, missing } = await waiting;
    expect(looks().at(-1)).toBe(2_000);
    expect(stored.map(({ run }) => run.probe)).toEqual(['a']);
    expect(missing.map(({ probe }) => probe)).toEqual(['never']);
  });

  it('looks once when it may not wait at all', async () => {
    const { looks, waiting } = setUp({ a: 0, b: 1 }, 0);
    expect((await waiting).missing.map(({ probe }) => probe)).toEqual(['b']);
    expect(looks()).toEqual([0]);
  });

  it('ends with the signal', async () => {
    const { clock, interrupt, waiting } = setUp({ a: 5_000 }, 60_000);
    const ended = expect(waiting).rejects.toThrow('SIGINT');
    await clock.pass(1_000);
    interrupt.abort(new Error('SIGINT'));
    await clock.pass(1_000);
    await ended;
  });

  it('rejects when the table cannot be read', async () => {
    const clock = driveClock(0);
    const get = async () => Promise.reject(new Error('the table is gone'));
    const deps = { store: { get }, clock, signal: new AbortController().signal, arrived: () => {} };
    await expect(awaitRuns(asked('a'), 1_000, deps)).rejects.toThrow('the table is gone');
  });
});

describe('the wait for the samples of runs that are there', () => {
  /** A table whose runs have their samples from here on (ms). */
  const setUpSamples = (fromMs: number) => {
    const clock = driveClock(0);
    const whole = makeStoredRun({ probe: 'a' });
    const bare = { ...whole, passes: [] };
    const store = { get: async () => (clock.monotonic() >= fromMs ? whole : bare) };
    const deps = { store, clock, signal: new AbortController().signal };
    return { clock, whole, bare, wait: (stored: readonly StoredRun[]) => awaitSamples(stored, deps) };
  };

  it('ends when they are there, and waits for none of a run that measured nothing', async () => {
    const { clock, whole, bare, wait } = setUpSamples(2_000);
    const unmeasured = { ...bare, run: { ...bare.run, samples: 0 } };
    const waiting = wait([bare, unmeasured]);
    await clock.pass(2_000);
    expect(await waiting).toEqual([whole, unmeasured]);
    expect(await wait([unmeasured])).toEqual([unmeasured]);
  });

  it('goes without them where they do not come', async () => {
    const { clock, bare, wait } = setUpSamples(Number.POSITIVE_INFINITY);
    const waiting = wait([bare]);
    await clock.pass(60_000);
    expect(await waiting).toEqual([bare]);
  });
});
