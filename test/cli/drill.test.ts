import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../lib/drill/verdict.ts';
import { until } from '../support/cli.ts';
import { answers, faultyAfterRestart, openDrillDesk, reportOf, startForeign } from '../support/drill/desk.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

/** A drill takes its time: it looks again and again before it says that something holds. */
const patient = { timeout: 120_000 };

const checkOf = (report: ReturnType<typeof reportOf>, check: string) =>
  report.findings.find((finding) => finding.check === check)?.result;

describe.concurrent('plimsoll drill of a service that it starts', () => {
  it(
    'kills it in the middle of writes, proves that nothing is lost, and leaves nothing',
    patient,
    async ({ onTestFinished }) => {
      const desk = await openDrillDesk(onTestFinished);
      const { code, stdout, stderr } = await desk.drill(['--reason', 'before the release', '--by', 'ann']).finished;
      expect([code, stderr]).toEqual([0, expect.stringMatching(/\+\S+ s +Restart\n/)]);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.at(-1)).toMatch(
        /^✓ PASS {2}the restart lost nothing; RTA .+, objective 1m; RPA 0 ms, objective 0s$/,
      );
      expect(stdout).toContain('by ann: before the release');
      expect(stdout).toMatch(/restart +process, accepted .* UTC, pid \d+ ended, pid \d+ started/);
      expect(stderr).toMatch(/started .*main\.ts .*\(pid \d+\)\n(.*\n)*.*ended .*main\.ts .*\(pid \d+\)\n/);
      expect(stderr).toMatch(/down, after \d+ acknowledged/);
      expect(await answers(desk)).toBe(false);
      // The next one follows on it, and tells the same as one document.
      const { finished, report } = await desk.report();
      expect([finished.code, report.verdict, report.reasons]).toEqual([0, 'PASS', []]);
      const { measured, ledger, receipt, identity } = report;
      expect(measured.outage.kind).toBe('seen');
      expect(measured.rpa).toEqual({ lowerMs: 0, upperMs: 0 });
      expect(ledger.acknowledged).toBeGreaterThan(5);
      expect(ledger).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, corrupt: 0 });
      expect(receipt).toMatchObject({ adapter: 'process', details: { signal: 'SIGKILL' } });
      expect(new Set([...identity.before, ...identity.after].map(({ boot }) => boot)).size).toBe(2);
      expect(report.leftovers).toEqual([]);
      // A client that followed it live was cut off, came back, and was told of all.
      expect(checkOf(report, 'a live client saw its connection end, and came back')).toBe('pass');
      expect(checkOf(report, 'every acknowledged write has its event')).toBe('pass');
      expect(report.observed?.connections.map(({ generation }) => generation)).toEqual(expect.arrayContaining([1, 2]));
      expect(report.trail.map(({ state }) => state)).toEqual(
        expect.arrayContaining(['Restart', 'Cleanup', 'ReleaseLock']),
      );
      expect([report.previous, report.fence]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 2]);
    },
  );

  it('shows with --dry-run all but the restart', patient, async ({ onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished);
    const { finished, report } = await desk.report(['--dry-run', '--html', 'drill.html']);
    expect(readFileSync(desk.path('drill.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*DRY_RUN/i);
    expect([finished.code, report.verdict, report.receipt]).toEqual([0, 'DRY_RUN', null]);
    expect(report.trail.map(({ state }) => state)).not.toContain('Restart');
    expect(report.ledger.attempted).toBeGreaterThanOrEqual(5);
    expect(report.leftovers).toEqual([]);
    expect(await answers(desk)).toBe(false);
  });

  it.for<[string, readonly string[], Verdict, string]>([
    ['has lost what it acknowledged', ['--fault', 'lose-acked-writes=9'], 'FAIL_LOST', 'no acknowledged write is lost'],
    ['leaves an event out of its replay', ['--fault', 'replay-gap'], 'FAIL_INTEGRITY', ''],
    ['accepts a stale ack', ['--fault', 'accept-stale-ack'], 'FAIL_INTEGRITY', ''],
    ['never comes up', ['--no-such-option'], 'FAIL_NO_RECOVERY', ''],
  ])(
    'finds a server that, once it was restarted, %s',
    patient,
    async ([, faults, verdict, check], { onTestFinished }) => {
      const desk = await openDrillDesk(onTestFinished, {
        start: (port) => faultyAfterRestart(port, faults),
        // Only what never comes back is waited for so long.
        drill: { rto: '1s', maxOutage: verdict === 'FAIL_NO_RECOVERY' ? '8s' : '60s' },
      });
      const { finished, report } = await desk.report();
      expect([report.verdict, finished.code]).toEqual([verdict, 1]);
      if (check !== '') expect(checkOf(report, check)).toBe('fail');
      expect(report.reasons).not.toEqual([]);
      expect(report.trail.map(({ state }) => state)).toContain('ReleaseLock');
    },
  );

  it('counts no restart that did not happen, though all else is good', patient, async ({ onTestFinished }) => {
    const asked: string[] = [];
    const operator = await startHttpTarget((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      json(response, 202, {});
    });
    onTestFinished(() => operator.close());
    const desk = await openDrillDesk(onTestFinished, {
      drill: { restart: { kind: 'webhook', url: `${operator.url}/restart` }, maxOutage: '5s', rto: '1s' },
    });
    const { finished, report } = await desk.report();
    expect([finished.code, report.verdict, asked]).toEqual([3, 'INVALID_NO_RESTART', ['POST /restart']]);
  });
});

describe.concurrent('plimsoll drill that may not restart anything', () => {
  it('refuses to end a service that it did not start', patient, async ({ onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished);
    await startForeign(desk, onTestFinished);
    const { finished, report } = await desk.report();
    expect([finished.code, report.verdict]).toEqual([3, 'REFUSED']);
    expect(report.reasons.join()).toMatch(
      /^something answers at http:.*health that this drill did not start, and it ends only processes that it started/,
    );
    expect(await answers(desk)).toBe(true);
  });

  it('says no while the kill switch is on, and runs again after --resume', patient, async ({ onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished);
    const stopped = await desk.drill(['--stop', 'the region is on fire', '--data', '.plimsoll']).finished;
    expect(stopped).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^drills of notes are stopped: the region/),
    });
    const { finished, report } = await desk.report(['--dry-run']);
    expect([finished.code, report.verdict]).toEqual([3, 'REFUSED']);
    expect(report.reasons).toEqual(['drills are stopped: the region is on fire']);
    expect((await desk.drill(['--resume']).finished).code).toBe(0);
    expect((await desk.report(['--dry-run'])).report.verdict).toBe('DRY_RUN');
    for (const why of [
      ['--stop=maintenance'],
      ['--stop', '--reason', 'maintenance'],
      ['--reason', 'maintenance', '--stop'],
    ])
      expect((await desk.drill(why).finished).stdout).toMatch(/^drills of notes are stopped: maintenance;/);
    const again = await desk.report(['--dry-run']);
    expect(again.report.reasons).toEqual(['drills are stopped: maintenance']);
    // What was found is shown again, whatever it was, and nothing runs.
    const shown = await desk.drill(['--report', '--json']).finished;
    expect([shown.code, shown.stdout]).toEqual([0, again.finished.stdout]);
    const first = await desk.report(['--report', report.run]);
    expect([first.finished.code, first.report]).toEqual([0, report]);
    expect(await desk.drill(['--report', 'nothing']).finished).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`no report of a run nothing in .plimsoll; its latest: ${again.report.run}, `),
    });
  });

  it('runs one of two that are started at once, and refuses the other', patient, async ({ onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished);
    const both = await Promise.all([desk.report(), desk.report()]);
    const verdicts = both.map(({ report }) => report.verdict).toSorted();
    expect(verdicts).toEqual(['PASS', 'REFUSED']);
    const refused = both.find(({ report }) => report.verdict === 'REFUSED');
    const ran = both.find(({ report }) => report.verdict === 'PASS');
    expect(refused?.finished.code).toBe(3);
    expect(refused?.report.reasons.join()).toContain(ran?.report.run);
  });

  it.for<[string, object, readonly string[], RegExp]>([
    ['an unknown id', {}, ['restrat'], /^plimsoll: no such drill: restrat; did you mean restart\?\n$/],
    ['--stop and a drill', {}, ['restart', '--stop', 'x'], /^plimsoll: --stop and --resume are for all drills/],
    ['--stop without a reason', {}, ['--stop', ' '], /^plimsoll: --stop needs a reason/],
    ['--stop with nothing after it', {}, ['--stop'], /^plimsoll: --stop needs a reason: say why, as in --stop 'the/],
    // The folder is no reason.
    ['--stop before another option', {}, ['--stop', '--data', 'x'], /^plimsoll: --stop needs a reason/],
    ['two reasons', {}, ['--stop', 'x', '--reason', 'y'], /^plimsoll: say why once/],
    ['--stop beside a dry run', {}, ['--stop', 'x', '--dry-run'], /^plimsoll: option .* cannot be used with/],
    ['--report of what never ran', {}, ['--report'], /^plimsoll: the drill restart has no report in \.plimsoll/],
    ['--report and a dry run', {}, ['--report', '--dry-run'], /^plimsoll: option .* cannot be used with/],
    [
      'a restart in the cloud',
      { drill: { restart: { kind: 'lambda', function: 'restart-notes' } } },
      [],
      /^plimsoll: the drill restart restarts by lambda, which a laptop cannot do/,
    ],
  ])('ends %s in one sentence, and writes nothing', async ([, options, args, sentence], { onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished, options);
    const { code, stdout, stderr } = await desk.drill(args).finished;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(desk.list()).toEqual(['plimsoll.json']);
  });
});

describe.concurrent('plimsoll drill that is ended before it is over', () => {
  it('by Ctrl-C tidies up, says ABORTED, and exits 130', patient, async ({ onTestFinished }) => {
    const desk = await openDrillDesk(onTestFinished);
    const running = desk.drill(['--json']);
    let stderr = '';
    running.process.stderr?.on('data', (text) => (stderr += text));
    await until(() => stderr.includes('SampleThroughRestart'));
    running.process.kill('SIGINT');
    const finished = await running.finished;
    const report = reportOf(finished);
    expect([finished.code, report.verdict, report.leftovers]).toEqual([130, 'ABORTED', []]);
    expect(report.reasons).toEqual(['it was ended by hand (SIGINT)']);
    expect(await answers(desk)).toBe(false);
    expect((await desk.report(['--dry-run'])).report.verdict).toBe('DRY_RUN');
  });

  it.for<[string, string, RegExp]>([
    ['while it writes', 'SampleThroughRestart', /ended the process that it had left running \(pid \d+\)/],
    // Its target is dead, or has just been started again.
    ['while its target is down', 'down, after', /(started .*|left running) \(pid \d+\)/],
  ])(
    'by SIGKILL %s is cleaned up after by the next start, which says so and runs',
    patient,
    async ([, moment, process], { onTestFinished }) => {
      const desk = await openDrillDesk(onTestFinished);
      const running = desk.drill();
      let stderr = '';
      running.process.stderr?.on('data', (text) => (stderr += text));
      await until(() => stderr.includes(moment));
      running.process.kill('SIGKILL');
      await running.finished;
      const { finished, report } = await desk.report();
      expect([finished.code, report.verdict, report.fence]).toEqual([0, 'PASS', 2]);
      expect(finished.stderr).toMatch(/the drill run restart-\S+ was interrupted: its runner is gone; cleaning up/);
      expect(finished.stderr).toMatch(process);
      expect(finished.stderr).toMatch(/the drill run restart-\S+ is concluded: INTERRUPTED, 0 entries left over/);
      expect(report.previous).not.toBeNull();
    },
  );
});
