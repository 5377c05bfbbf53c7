import { Validator } from '@cfworker/json-schema';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../lib/drill/record.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import { drillReportSchema } from '../../lib/drill/report-schema.ts';
import { chainProblem } from '../../lib/drill/seal.ts';
import type { Verdict } from '../../lib/drill/verdict.ts';
import { type BenchOptions, openDrillBench } from '../support/drill-run.ts';

const open: { close(): void }[] = [];

const openBench = (options: BenchOptions = {}) => {
  const bench = openDrillBench(options);
  open.push(bench);
  return bench;
};

afterEach(() => {
  for (const bench of open.splice(0)) bench.close();
});

const schemaProblems = (report: unknown): readonly string[] =>
  new Validator(drillReportSchema as never, '2020-12').validate(report).errors.map(({ error }) => error);

type Case = readonly [string, Verdict, BenchOptions];

/** Each planted fault, and the verdict that it must get. */
const cases: readonly Case[] = [
  ['all is well', 'PASS', {}],
  ['the service comes back late, and in the end has it all', 'PASS', { faults: ['reads late'] }],
  ['the restart is a no-op', 'INVALID_NO_RESTART', { faults: ['no-op restart'] }],
  ['the identity is constant', 'INVALID_NO_RESTART', { faults: ['constant identity'] }],
  ['the identity flaps', 'INVALID_BASELINE', { faults: ['flapping identity'] }],
  ['the last acknowledged writes are lost', 'FAIL_LOST', { faults: ['loses the last writes'] }],
  ['a write in the middle is lost', 'FAIL_LOST', { faults: ['loses a write in the middle'] }],
  [
    'a write in the middle is lost, whatever the RPO',
    'FAIL_LOST',
    { faults: ['loses a write in the middle'], drill: { rpoMs: 60_000 } },
  ],
  ['a payload changed', 'FAIL_INTEGRITY', { faults: ['changes a payload'] }],
  ['a resend makes it twice', 'FAIL_INTEGRITY', { faults: ['forgets idempotency keys'] }],
  ['what was removed is back', 'FAIL_INTEGRITY', { faults: ['brings back what was removed'] }],
  ['a stale ack is accepted', 'FAIL_INTEGRITY', { faults: ['accepts a stale ack'] }],
  ['the sequence is reset', 'FAIL_ORDER', { faults: ['resets its sequence'] }],
  ['the replay has a gap', 'FAIL_ORDER', { faults: ['replay gap'] }],
  ['a live client was told of events that are gone', 'FAIL_INTEGRITY', { faults: ['loses what it told'] }],
  ['a live client is told of an event twice once it is back', 'FAIL_ORDER', { faults: ['tells an event twice'] }],
  ['a live client is not told of an event once it is back', 'FAIL_ORDER', { faults: ['skips an event on resume'] }],
  ['a live client is told of nothing once it is back', 'FAIL_ORDER', { faults: ['tells no more events'] }],
  ['no live client is taken back', 'FAIL_LIVENESS', { faults: ['takes no client back'] }],
  ['the event of an acknowledged write was never written', 'FAIL_INTEGRITY', { faults: ['forgets an event'] }],
  ['the projection drifts', 'FAIL_PROJECTION', { faults: ['drifting projection'] }],
  ['new writes are refused', 'FAIL_LIVENESS', { faults: ['refuses new writes'] }],
  ['it is never healthy again', 'FAIL_NO_RECOVERY', { faults: ['never healthy again'] }],
  ['it is back, but too late', 'FAIL_RTO', { service: { outageMs: 40_000 }, drill: { maxOutageMs: 120_000 } }],
  ['the target is sick before the drill', 'INVALID_BASELINE', { faults: ['sick from the beginning'] }],
  ['the reader cannot say no', 'INVALID_BASELINE', { faults: ['keeps what is removed'] }],
  ['the restart is refused', 'INVALID_NO_RESTART', { faults: ['restart refused'] }],
  ['nobody knows whether the restart was accepted', 'ERROR', { faults: ['restart breaks'] }],
  [
    'an alarm is raised mid-drill',
    'ABORTED',
    { alarms: ({ restarted }) => [{ probe: 'api', state: restarted ? 'breached' : 'ok' }] },
  ],
  ['an alarm is raised before it', 'REFUSED', { alarms: () => [{ probe: 'api', state: 'breached' }] }],
  ['a blocking probe was never judged', 'REFUSED', { drill: { blockedBy: ['api'] } }],
  [
    'the alarms cannot be asked',
    'REFUSED',
    {
      alarms: () => {
        throw new Error('no connection');
      },
    },
  ],
];

describe('a drill', () => {
  test.each(cases)('when %s: %s', async (_, verdict, options) => {
    const { run, store } = openBench(options);
    const { report, succeeded } = await run('run-1');
    expect(report).toMatchObject({ verdict, run: 'run-1', previous: null });
    expect(succeeded).toBe(['PASS', 'DRY_RUN', 'REFUSED'].includes(verdict));
    expect(store.isHeld('items')).toBe(false);
    expect(schemaProblems(report)).toEqual([]);
    expect(report.reasons.length > 0).toBe(verdict !== 'PASS');
    expect((await store.read('run-1'))?.verdict).toBe(verdict);
  });

  test('restarts once, and leaves nothing behind', async () => {
    const { run, service, muted } = openBench();
    const { report } = await run('run-1');
    expect(service.restartAsks()).toBe(1);
    expect(service.items()).toEqual([]);
    expect(report.leftovers).toEqual([]);
    expect(muted).toHaveLength(1);
  });

  test('names the writes that were lost', async () => {
    const { run } = openBench({ faults: ['loses a write in the middle'] });
    const { report } = await run('run-1');
    const loss = report.findings.find(({ check }) => check === 'no acknowledged write is lost');
    expect(loss).toMatchObject({ result: 'fail', witnesses: [expect.stringMatching(/^drillrun1.*s0000003$/)] });
  });

  test('says how long it was away by an interval that the true outage lies in', async () => {
    const { run, service } = openBench();
    const { report } = await run('run-1');
    const { downAt, upAt } = service.trueOutage() ?? { downAt: 0, upAt: 0 };
    const { outage } = report.measured;
    if (outage.kind !== 'seen') throw new Error(`the outage is ${outage.kind}`);
    expect(outage.durationMs.lowerMs).toBeLessThanOrEqual(upAt - downAt);
    expect(outage.durationMs.upperMs).toBeGreaterThanOrEqual(upAt - downAt);
    expect(outage.interruptedAt.earliest).toBeLessThanOrEqual(downAt);
    expect(outage.interruptedAt.latest).toBeGreaterThanOrEqual(downAt);
  });

  const noStreams = (options: BenchOptions): ReturnType<typeof openBench> => {
    const bench = openBench(options);
    const { ledger } = bench.portsOf('x').targetPlan;
    bench.close();
    return openBench({ ...options, targetPlan: ledger ? { ledger: { ...ledger, streams: [] } } : {} });
  };

  test('lets an RPO above zero allow the loss of the newest writes', async () => {
    const { run } = noStreams({ faults: ['loses the last writes'], drill: { rpoMs: 5_000 } });
    const { report } = await run('run-1');
    expect(report).toMatchObject({ verdict: 'PASS', ledger: { lost: 3 } });
    expect(report.notExercised).toContain('order, gaps and replay: no stream of the target is named');
  });

  test('says FAIL_RPO when what is lost is older than the RPO', async () => {
    const { run } = noStreams({ faults: ['loses the last writes'], drill: { rpoMs: 20 } });
    expect((await run('run-1')).report.verdict).toBe('FAIL_RPO');
  });

  test('asked for a dry run, shows the call that it would make, and makes none', async () => {
    const { run, service, store } = openBench();
    const { report, succeeded, trail } = await run('run-1', { dryRun: true });
    expect(report).toMatchObject({ verdict: 'DRY_RUN', receipt: null });
    expect(report.reasons).toEqual([
      'it would have asked: SIGKILL to the process of items, then its start command again',
    ]);
    expect([succeeded, service.restartAsks(), service.items(), store.isHeld('items')]).toEqual([true, 0, [], false]);
    expect(trail).not.toContain('ArmAndRecheck');
  });

  test('is refused while drills are stopped', async () => {
    const { run, store, service } = openBench();
    await store.setKillSwitch(true, 'release week');
    const { report, trail } = await run('run-1');
    expect(report).toMatchObject({ verdict: 'REFUSED', reasons: ['drills are stopped: release week'] });
    expect(trail).toEqual(['ValidateRequest', 'CheckGates', 'PublishReport']);
    expect(service.restartAsks()).toBe(0);
  });

  test('is aborted when drills are stopped while it waits for the recovery', async () => {
    const { run, store } = openBench({ service: { outageMs: 30_000 } });
    const { report } = await run('run-1', {}, async (state) => {
      if (state === 'Restart') await store.setKillSwitch(true, 'enough');
    });
    expect(report).toMatchObject({ verdict: 'ABORTED', reasons: ['drills are stopped: enough'] });
    expect(store.isHeld('items')).toBe(false);
  });

  test('is not restarted when it is stopped between its arming and its restart', async () => {
    const { run, store, service } = openBench();
    const { report } = await run('run-1', {}, async (state) => {
      if (state === 'SampleThroughRestart') await store.put('run-1', 'stop', { reason: 'Ctrl-C' });
    });
    expect(report).toMatchObject({ verdict: 'ABORTED', reasons: ['Ctrl-C'] });
    expect(service.restartAsks()).toBe(0);
  });

  test('is refused while another holds the lock, which stays the other one’s', async () => {
    const { run, store } = openBench();
    await store.acquire('items', 'somebody', 3_600_000);
    const { report } = await run('run-1');
    expect(report.verdict).toBe('REFUSED');
    expect(report.reasons[0]).toContain('is held by somebody until');
    expect(store.isHeld('items')).toBe(true);
  });

  test('is an ERROR with what is left over when the cleanup cannot remove what it wrote', async () => {
    const { run, store } = openBench({
      ports: ({ target, store: kept }) => ({
        target: {
          ...target,
          // Only once the restart was verified: before it a removal shows that the reader can say no.
          remove: async (entry, signal) =>
            (await kept.read('run-1'))?.proof ? { problem: 'status 500' } : target.remove(entry, signal),
        },
      }),
    });
    const { report, succeeded } = await run('run-1');
    expect(report.verdict).toBe('ERROR');
    expect(report.leftovers).toContainEqual(expect.stringMatching(/s0000001: status 500$/));
    expect([succeeded, store.isHeld('items')]).toEqual([false, false]);
  });

  test('is an ERROR, and releases its lock, when a step breaks', async () => {
    const { run, store } = openBench({
      ports: ({ target }) => ({
        target: {
          ...target,
          head: async () => {
            throw new TypeError('undefined is not a function');
          },
        },
      }),
    });
    const { report, trail } = await run('run-1');
    expect(report).toMatchObject({
      verdict: 'ERROR',
      reasons: ['CaptureBaseline: undefined is not a function'],
    });
    expect(trail.slice(-5)).toEqual(['Abort', 'Cleanup', 'ConfirmSteadyState', 'ReleaseLock', 'PublishReport']);
    expect(store.isHeld('items')).toBe(false);
  });

  test('does not pass when a verification broke, though all others are green', async () => {
    const { run } = openBench({
      ports: ({ target }) => ({
        target: {
          ...target,
          checkStream: async () => {
            throw new TypeError('undefined is not a function');
          },
        },
      }),
    });
    const { report, trail } = await run('run-1');
    expect(report.verdict).toBe('ERROR');
    expect(report.reasons[0]).toBe('no findings of VerifyStreams');
    expect(trail).toContain('VerifyLiveness');
  });

  test('is stopped, and not restarted, when its lock is lost right before the restart: the sampler hears of it', async () => {
    const { run, store, service } = openBench();
    const { report } = await run('run-1', {}, async (state) => {
      if (state !== 'Restart') return;
      const { fence } = (await store.read('run-1')) ?? {};
      await store.release('items', 'run-1', fence ?? 0);
      await store.acquire('items', 'somebody', 3_600_000);
    });
    expect(report).toMatchObject({ verdict: 'ABORTED', reasons: ['the lock of items was lost: its lease ran out'] });
    expect(service.restartAsks()).toBe(0);
    // Else it would go on for as long as a restart may take to answer.
    expect(report.ticks.length).toBeLessThan(200);
  });

  test('tells all that it wrote, each with its fate, and when it asked', async () => {
    const { run } = openBench({ faults: ['loses the last writes'] });
    const { report } = await run('run-1');
    const { writes, ledger, askedAt, receipt, identity, findings } = report;
    expect(writes).toHaveLength(ledger.attempted);
    const loss = findings.find(({ check }) => check === 'no acknowledged write is lost');
    expect(writes.filter(({ fate }) => fate === 'lost').map(({ id }) => id)).toEqual(loss?.witnesses);
    const unanswered = writes.filter(({ outcome }) => outcome === 'unknown');
    expect(unanswered.length).toBeGreaterThan(0);
    expect(unanswered.every(({ fate }) => fate === 'absent' || fate === 'unread')).toBe(true);
    expect(askedAt).toBeLessThanOrEqual(receipt?.acceptedAt ?? 0);
    expect(identity.reasons).toEqual(['boot-1 is gone, boot-2 is there']);
    expect(report.reasons).toContain(`${loss?.actual} (check: no acknowledged write is lost)`);
  });

  test('tells what a live client saw: its connections, how long it was told of nothing, and when of which write', async () => {
    const { report } = await openBench().run('run-1');
    const { observed, writes, askedAt } = report;
    const [first, second] = observed?.connections ?? [];
    expect(first).toMatchObject({ generation: 1, code: 1006 });
    expect(first?.closedAt).toBeGreaterThanOrEqual(askedAt ?? Number.POSITIVE_INFINITY);
    expect(second).toMatchObject({ generation: 2, own: true });
    expect(second?.openedAt).toBeGreaterThan((first?.closedAt ?? 0) + 2_000);
    const seen = writes.filter(({ seenAt }) => seenAt !== undefined);
    expect(observed?.streams).toEqual([{ stream: 'items', events: seen.length, writes: seen.length }]);
    expect(seen.map(({ id }) => id)).toEqual(
      writes.filter(({ phase, outcome }) => phase === 'through' && outcome === 'acknowledged').map(({ id }) => id),
    );
    expect(observed?.silence?.to).toBeGreaterThan(observed?.silence?.from ?? Number.POSITIVE_INFINITY);
  });

  test('watches on with the next slice where one ends, from the last event that was seen', async () => {
    const { report } = await openBench({
      service: { outageMs: 300_000 },
      drill: { rtoMs: 400_000, maxOutageMs: 500_000, everyMs: 1_000 },
    }).run('run-1');
    expect(report.verdict).toBe('PASS');
    expect(report.trail.filter(({ state }) => /Sample|AwaitRecovery/.test(state)).length).toBeGreaterThan(1);
    expect(report.observed?.connections.map(({ generation }) => generation)).toEqual([1, 2]);
  });

  test('lets the RPO decide of events that told of writes which it allows to be lost', async () => {
    const { run } = openBench({ faults: ['loses the last writes'], drill: { rpoMs: 60_000, seeds: 8 } });
    const { report } = await run('run-1');
    const kept = report.findings.find(
      ({ check }) => check === 'every event of items that a live client saw is still there',
    );
    expect(kept).toMatchObject({ result: 'inconclusive', actual: expect.stringContaining('the RPO decides') });
    expect(report.notExercised.join('; ')).toContain('the RPO decides');
  });

  test('says nothing of a live client where the streams cannot be followed', async () => {
    const { report } = await openBench({
      ports: ({ target }) => ({ target: { ...target, observe: () => undefined } }),
    }).run('run-1');
    expect(report).toMatchObject({ verdict: 'PASS' });
    expect(report).not.toHaveProperty('observed');
    expect(report.findings.filter(({ check }) => check.includes('live client'))).toEqual([]);
  });

  const resultsOf = (report: DrillReport) =>
    Object.fromEntries(report.findings.map(({ area, result, actual }) => [area, `${result}: ${actual}`]));

  test('says of neither objective that it was kept when nobody came back', async () => {
    const { report } = await openBench({ faults: ['never healthy again'] }).run('run-1');
    const { rto, rpo } = resultsOf(report);
    expect(rto).toMatch(/^fail: more than/);
    expect(rpo).toBe('inconclusive: full function never came back on a new identity');
    expect(report.measured.rpa).toBeNull();
  });

  test('says nothing of the RPO when nothing could be read', async () => {
    const { run } = openBench({
      ports: ({ target, store: kept }) => ({
        target: {
          ...target,
          read: async (entry, signal) =>
            (await kept.read('run-1'))?.proof
              ? { id: entry.id, at: 0, found: 'unreadable', problem: 'status 403' }
              : target.read(entry, signal),
          list: async (signal) => ((await kept.read('run-1'))?.proof ? { problem: 'status 403' } : target.list(signal)),
        },
      }),
    });
    const { report } = await run('run-1');
    expect(report.verdict).toBe('FAIL_LIVENESS');
    // Two seeds at most were read by the sampler since the restart: the rest may be gone, and how far back nobody knows.
    expect(resultsOf(report).rpo).toMatch(/^inconclusive: .* could not be read$/);
  });

  test('says that no recovery was seen where the outage was too short, and passes', async () => {
    const { run } = openBench({ service: { outageMs: 0 } });
    const { report } = await run('run-1');
    expect(report.verdict).toBe('PASS');
    expect(resultsOf(report).rto).toMatch(/^inconclusive: no interruption was observed at a resolution of 0\.\d\d s$/);
    expect(report.notExercised.join('; ')).toMatch(/how long a recovery takes \(RTA\): no interruption was observed/);
  });

  test('does not call a recovery within the RTO what nobody can show to be one', async () => {
    const { report } = await openBench({ faults: ['constant identity'] }).run('run-1');
    expect(report.verdict).toBe('INVALID_NO_RESTART');
    expect(resultsOf(report).rto).toMatch(/^inconclusive: more than .*, and no restart is proven$/);
  });

  test('lists what streams and read models could not tell as not exercised', async () => {
    const open: Finding = {
      area: 'streams',
      check: 'acks are kept',
      result: 'inconclusive',
      actual: 'none',
      witnesses: [],
    };
    const { run } = openBench({
      ports: ({ target }) => ({
        target: {
          ...target,
          checkStream: async (...args) => {
            const { findings, ...rest } = await target.checkStream(...args);
            return { ...rest, findings: [...findings, open] };
          },
        },
      }),
    });
    const { report } = await run('run-1');
    expect(report.verdict).toBe('PASS');
    expect(report.notExercised).toContain('acks are kept: none');
  });

  test('does not take nobody’s answer at its ledger for a ledger that holds', async () => {
    let isAway = false;
    const { run } = openBench({
      ports: ({ target, clock }) => ({
        target: { ...target, identify: async (signal) => (isAway ? { at: clock.now() } : target.identify(signal)) },
      }),
    });
    const { report } = await run('run-1', {}, async (state) => {
      isAway = state === 'VerifyLedger';
    });
    expect(report.verdict).toBe('FAIL_LIVENESS');
    expect(report.reasons).toContain('the target does not answer (check: every acknowledged write can be read)');
  });

  test('that is aborted after its restart says what it still could see of it', async () => {
    const { run } = openBench({
      alarms: ({ restarted }) => [{ probe: 'api', state: restarted ? 'breached' : 'ok' }],
      service: { outageMs: 0 },
    });
    const { report } = await run('run-1');
    expect(report.verdict).toBe('ABORTED');
    expect(report.identity.proven).toBe('PROVEN');
    expect(report.findings.map(({ area }) => area)).toEqual(expect.arrayContaining(['ledger', 'order', 'projections']));
  });

  test('is not asked for again before its interval is over; a refusal does not count as one', async () => {
    const { run, store } = openBench({ drill: { minIntervalMs: 3_600_000 } });
    expect((await run('run-1')).report.verdict).toBe('PASS');
    expect((await run('run-2')).report.reasons[0]).toMatch(/^the last drill ended \d+ min ago, and 60 min must lie/);
    const reports = await store.reports('restart', 10);
    expect(reports.map(({ verdict }) => verdict)).toEqual(['REFUSED', 'PASS']);
    expect(chainProblem(reports)).toBeUndefined();
  });

  test('goes on where an earlier report was changed, and says so in its own', async () => {
    const { run, store } = openBench();
    expect((await run('run-1')).report.notExercised.join()).not.toContain('earlier reports');
    const [kept] = await store.reports('restart', 1);
    Object.assign(kept ?? {}, { requester: 'somebody else' });
    const { report } = await run('run-2');
    expect(report.verdict).toBe('PASS');
    expect(report.notExercised).toContain(
      'the earlier reports are not as they were: the report of run run-1 was changed: its hash does not fit',
    );
  });

  test('is refused outside its windows', async () => {
    // The clock of the bench begins on a Friday at noon.
    const { run } = openBench({ drill: { windows: [{ expression: '0 3 * * 0', timezone: 'UTC', forMs: 3_600_000 }] } });
    expect((await run('run-1')).report.reasons).toEqual(['outside its windows: 0 3 * * 0 UTC']);
  });

  test('of two at once one is refused', async () => {
    const { run, service } = openBench();
    const both = await Promise.all([run('run-1'), run('run-2')]);
    expect(both.map(({ report }) => report.verdict).toSorted()).toEqual(['PASS', 'REFUSED']);
    expect(service.restartAsks()).toBe(1);
  });
});
