import { afterEach, describe, expect, test } from 'vitest';
import { concludeOrphan } from '../../lib/drill/janitor.ts';
import type { Ports } from '../../lib/drill/ports.ts';
import type { DrillState } from '../../lib/drill/states.ts';
import { verifyLiveness } from '../../lib/drill/steps/verify-liveness.ts';
import { openDrillBench } from '../support/drill-run.ts';

const open: { close(): void }[] = [];

const openBench = (...options: Parameters<typeof openDrillBench>) => {
  const bench = openDrillBench(...options);
  open.push(bench);
  return bench;
};

afterEach(() => {
  for (const bench of open.splice(0)) bench.close();
});

const untilArmed: readonly DrillState[] = [
  'ValidateRequest',
  'CheckGates',
  'AcquireLock',
  'CaptureBaseline',
  'SeedState',
  'ConfirmSeed',
  'ArmAndRecheck',
];

type Bench = ReturnType<typeof openDrillBench>;

const take = async ({ takeState, requestOf }: Bench, states: readonly DrillState[]): Promise<void> => {
  for (const state of states) await takeState(state, requestOf('run-1', {}));
};

describe('a step', () => {
  test('that is tried again seeds no entry twice', async () => {
    const bench = openBench();
    await take(bench, ['ValidateRequest', 'CheckGates', 'AcquireLock', 'CaptureBaseline', 'SeedState', 'SeedState']);
    expect(bench.service.items()).toHaveLength(bench.plan.seeds);
  });

  test('asks for one restart, though the state is entered again after its answer was lost', async () => {
    const bench = openBench();
    await take(bench, untilArmed);
    const request = bench.requestOf('run-1', {});
    expect(await bench.takeState('Restart', request)).toEqual({ next: 'go' });
    expect(await bench.takeState('Restart', request)).toEqual({ next: 'go' });
    expect(bench.service.restartAsks()).toBe(1);
  });

  test('refuses a restart that was asked for before and of which nobody noted what came', async () => {
    const bench = openBench();
    await take(bench, untilArmed);
    await bench.store.putOnce('run-1', 'restart-asked', { at: bench.clock.now() });
    const request = bench.requestOf('run-1', {});
    await expect(bench.takeState('Restart', request)).rejects.toMatchObject({ name: 'Drill.RestartRefused' });
    expect(bench.service.restartAsks()).toBe(0);
  });

  test('refuses a restart once the sampler has ended the drill, though what stood against it is gone', async () => {
    const bench = openBench();
    await take(bench, untilArmed);
    await bench.store.setKillSwitch(true, 'enough');
    await take(bench, ['SampleThroughRestart']);
    await bench.store.setKillSwitch(false, 'go on');
    await expect(bench.takeState('Restart', bench.requestOf('run-1', {}))).rejects.toMatchObject({
      name: 'Drill.RestartRefused',
      message: 'drills are stopped: enough',
    });
    expect(bench.service.restartAsks()).toBe(0);
  });

  const passed = async (bench: Bench) => {
    const states: readonly DrillState[] = [
      ...untilArmed,
      'Restart',
      'AwaitRecovery',
      'ProveRestart',
      'VerifyLedger',
      'VerifyStreams',
      'VerifyProjections',
      'VerifyLiveness',
    ];
    await take(bench, states);
  };

  test.each([
    ['throws at its second try, after the answer of the first was lost, is no PASS', [true], 'ERROR'],
    ['throws at its second try and works at its third is one', [true, false], 'PASS'],
  ] as const)('that verifies and %s', async (_, tries, verdict) => {
    let breaks = false;
    const bench = openBench({
      ports: ({ target }) => ({
        target: {
          ...target,
          projections: async (signal) => {
            if (breaks) throw new Error('socket hang up');
            return target.projections(signal);
          },
        },
      }),
    });
    await passed(bench);
    for (const fails of tries) {
      breaks = fails;
      await take(bench, ['VerifyProjections']).catch(() => undefined);
    }
    breaks = false;
    await take(bench, ['ComputeMetrics', 'Cleanup', 'ConfirmSteadyState', 'ReleaseLock', 'PublishReport']);
    expect((await bench.store.reports('restart', 1))[0]?.verdict).toBe(verdict);
  });

  test('that sends writes again claims nothing where no copy could show', async () => {
    const bench = openBench();
    await passed(bench);
    const record = await bench.store.read('run-1');
    if (!record) throw new Error('no record');
    const ports = bench.portsOf('run-1');
    const mute: Ports = {
      ...ports,
      target: {
        ...ports.target,
        list: async () => undefined,
        head: async () => ({ problem: 'no stream' }),
        write: async (entry, signal) => ({ ...(await ports.target.write(entry, signal)), captures: {} }),
      },
    };
    const nameless = { ...record, entries: record.entries.map((entry) => ({ ...entry, captures: {} })) };
    await verifyLiveness(nameless, mute, new AbortController().signal);
    const { findings, notExercised } = (await bench.store.read('run-1')) ?? {};
    const resent = findings?.find(({ check }) => check === 'a write that is sent again makes nothing new');
    expect(resent?.result).toBe('inconclusive');
    expect(notExercised?.join('; ')).toContain('sending a write again: the target names nothing');
  });

  test('does not go on once another holds the lock', async () => {
    const bench = openBench();
    await take(bench, ['ValidateRequest', 'CheckGates', 'AcquireLock']);
    await bench.clock.sleep(1_000_000, new AbortController().signal);
    await bench.store.acquire('items', 'somebody', 3_600_000);
    expect(await bench.takeState('CaptureBaseline', bench.requestOf('run-1', {}))).toEqual({ next: 'abort' });
    expect((await bench.store.read('run-1'))?.ending).toMatchObject({ verdict: 'ABORTED' });
  });

  test('publishes once, though it is tried again', async () => {
    const bench = openBench();
    await take(bench, [...untilArmed, 'Abort', 'Cleanup', 'ConfirmSteadyState', 'ReleaseLock']);
    await take(bench, ['PublishReport', 'PublishReport']);
    expect(await bench.store.reports('restart', 10)).toHaveLength(1);
  });

  test('notes each write before it sends it', async () => {
    const seen: (readonly string[] | undefined)[] = [];
    const bench = openBench({
      ports: ({ target, store }) => ({
        target: {
          ...target,
          write: async (entry, signal) => {
            seen.push((await store.read('run-1'))?.entries.map(({ id }) => id).filter((id) => id === entry.id));
            return target.write(entry, signal);
          },
        },
      }),
    });
    await bench.run('run-1');
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every((ids) => ids?.length === 1)).toBe(true);
  });

  test('refuses a request without a name and a reason, and one for another drill', async () => {
    const bench = openBench();
    const { report } = await bench.run('run-1', { requester: ' ', reason: '', drillId: 'other' });
    expect(report.verdict).toBe('REFUSED');
    expect(report.reasons).toEqual([
      'it asks for drill other, and this is restart',
      'nobody is named who asks for it',
      'no reason is given',
    ]);
  });

  test('goes on with a target that hangs: the turn is bad, and ends', async () => {
    let hangs = false;
    const bench = openBench({
      ports: ({ target }) => ({
        restart: async () => {
          hangs = true;
          return { adapter: 'hang', acceptedAt: bench.clock.now(), platformIds: [], details: {} };
        },
        target: {
          ...target,
          identify: (signal) =>
            hangs
              ? new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason), { once: true }))
              : target.identify(signal),
        },
      }),
    });
    const { report } = await bench.run('run-1');
    expect(report.verdict).toBe('FAIL_NO_RECOVERY');
    expect(report.ticks.at(-1)).toMatchObject({ good: false, problem: 'it does not say who it is' });
  });
});

describe('a run whose execution died', () => {
  test.each([
    ['before its restart', untilArmed],
    ['after its restart', [...untilArmed, 'Restart'] as const],
    ['while it seeded', untilArmed.slice(0, 5)],
  ])('%s is cleaned up, its lock released, and reported as INTERRUPTED', async (_, states) => {
    const bench = openBench();
    await take(bench, states);
    expect(bench.store.isHeld('items')).toBe(true);
    await bench.clock.sleep(10_000, new AbortController().signal);
    const failed = await concludeOrphan(
      'run-1',
      'its process is dead',
      bench.portsOf('janitor'),
      new AbortController().signal,
    );
    const [report] = await bench.store.reports('restart', 1);
    expect(failed).toEqual([]);
    expect(report).toMatchObject({ verdict: 'INTERRUPTED', status: 'interrupted', reasons: ['its process is dead'] });
    expect(bench.service.items()).toEqual([]);
    expect(bench.store.isHeld('items')).toBe(false);
  });

  test('is let alone when it has ended', async () => {
    const bench = openBench();
    await bench.run('run-1');
    await concludeOrphan('run-1', 'its process is dead', bench.portsOf('janitor'), new AbortController().signal);
    expect((await bench.store.reports('restart', 10)).map(({ verdict }) => verdict)).toEqual(['PASS']);
  });
});
