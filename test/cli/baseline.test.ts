import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../lib/cli/main.ts';
import type { Terminal } from '../../lib/cli/terminal.ts';
import { newDocument } from '../../lib/judge/baseline-document.ts';
import { fingerprintOf } from '../../lib/judge/fingerprint.ts';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import { monitorOnce } from '../../lib/monitor.ts';
import { probers } from '../../lib/probe/probers.ts';
import type { BaselineDocument, Store } from '../../lib/result/store.ts';
import { learn } from '../support/baselines.ts';
import { type Desk, type Finished, openDesk } from '../support/cli.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { contextOf, probeOf } from '../support/probing.ts';

const startedAt = '2026-01-05T01:00:00.000Z';
const usual = learn([[100, 40]]);
const slower = learn([
  [100, 40],
  [150, 12],
]);
const faster = learn([
  [100, 40],
  [60, 30],
]);

const probe = (id: string) => ({
  id,
  kind: 'http',
  steps: [{ name: 'list', request: { url: 'http://127.0.0.1:1/' } }],
});

type Learnt = ReturnType<typeof learn>;

const keep = async (store: Store, id: string, total: Learnt): Promise<void> => {
  const fingerprint = fingerprintOf(probeOf(probe(id)));
  const document: BaselineDocument = {
    ...newDocument(id, fingerprint, startedAt, [
      { at: startedAt, act: 'started', who: 'plimsoll', why: 'the first run' },
    ]),
    revision: 1,
    series: { total: total.memory.base, 'step:list': usual.memory.base },
  };
  await store.advance({
    state: { probe: id, revision: 1, state: 'ok', since: startedAt, alarms: {}, inconclusive: 0 },
    detectors: { slo: {}, regression: { total: total.memory.hot, 'step:list': usual.memory.hot } },
    events: [],
    baseline: document,
  });
};

const openStore = (desk: Desk): Promise<Store> =>
  openSqliteStore({
    path: join(desk.folder, '.plimsoll', 'plimsoll.db'),
    clock: { now: Date.now, monotonic: () => performance.now() },
  });

/** The whole command line on a terminal of its own, within this process: a start of Node takes longer than all it does. */
const call = async (desk: Desk, args: readonly string[], env: Terminal['env'] = {}): Promise<Finished> => {
  let [stdout, stderr] = ['', ''];
  const code = await main(args, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    env,
    cwd: desk.folder,
    columns: 100,
    outColour: false,
    errColour: false,
    errIsTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, stdout, stderr };
};

/** A desk whose store has learnt the baselines of three probes, and of `never` none. */
const setUp = async () => {
  const desk = openDesk();
  desk.write('plimsoll.json', { service: 'shop', probes: ['usual', 'slower', 'faster', 'never'].map(probe) });
  const store = await openStore(desk);
  onTestFinished(() => store.close());
  for (const [id, learnt] of Object.entries({ usual, slower, faster })) await keep(store, id, learnt);
  const run = (...args: readonly string[]) => call(desk, ['baseline', ...args, '-c', 'plimsoll.json'], { USER: 'ann' });
  const show = async (id: string) => {
    const { stdout } = await run('show', id, '--json');
    return JSON.parse(stdout).probes[0];
  };
  return { desk, store, run, show };
};

describe('plimsoll baseline show', () => {
  it('says of every probe what is known, since when, and what speaks against it', async () => {
    const { run } = await setUp();
    const { code, stdout, stderr } = await run('show', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { schema, service, probes } = JSON.parse(stdout);
    expect([schema, service]).toEqual([1, 'shop']);
    expect(probes.map((one: { probe: string; state: string }) => [one.probe, one.state])).toEqual([
      ['usual', 'active'],
      ['slower', 'active'],
      ['faster', 'active'],
      ['never', 'none'],
    ]);
    expect(probes[0]).toMatchObject({
      startedAt,
      latest: null,
      lastAct: { act: 'started', who: 'plimsoll', why: 'the first run' },
    });
    const [total] = probes[0].series;
    expect(total).toMatchObject({
      series: 'total',
      state: 'active',
      pinned: false,
      regression: null,
      improvement: null,
    });
    expect(total.p50).toBeGreaterThan(80);
    expect(total.p50).toBeLessThan(100);
    expect(total.p95).toBeGreaterThan(total.p50);
    expect(total.p99).toBeGreaterThanOrEqual(total.p95);
    expect(total.samples).toBeGreaterThan(5000);
    expect(Date.parse(total.from)).toBeLessThan(Date.parse(total.to));
    expect(probes[3].series).toEqual([]);
  });

  it('names a confirmed regression and an improvement, each with the command that would take it for right', async () => {
    const { show, run } = await setUp();
    const [total, list] = (await show('slower')).series;
    expect(Date.parse(total.regression.since)).toBeLessThan(Date.parse(total.regression.confirmedAt));
    expect([total.improvement, list.regression]).toEqual([null, null]);
    expect((await show('faster')).series[0]).toMatchObject({
      regression: null,
      improvement: { since: expect.any(String) },
    });
    const stdout = (await run('slower', 'faster')).stdout.replace(/\s+/g, ' ');
    expect(stdout).toMatch(
      /regression total since 2026-01-0\d [\d:]+ UTC; if that is right from now on: plimsoll baseline accept slower --why …/,
    );
    expect(stdout).toMatch(
      /improvement total since 2026-01-0\d [\d:]+ UTC; to hold it to that: plimsoll baseline accept faster --why …/,
    );
  });

  it('is a table that fits a terminal, and is what `baseline` alone shows', async () => {
    const { run } = await setUp();
    const [alone, shown] = await Promise.all([run(), run('show')]);
    expect(alone.stdout).toBe(shown.stdout);
    expect(shown.stdout).toMatch(/^usual {2}active {2}since 2026-01-05 01:00:00 UTC\n/);
    expect(shown.stdout).toMatch(
      /\n {4}series +state +p50 +p95 +p99 +blocks +samples +accepted +drift\n {4}total +active +\d/,
    );
    expect(shown.stdout).toMatch(/\nnever {2}none {2}nothing learnt yet: it takes scheduled runs\n$/);
    expect(shown.stdout).not.toContain('\u001b');
  });

  it('says that a probe wants no baseline', async () => {
    const { desk, show } = await setUp();
    desk.write('plimsoll.json', { service: 'shop', probes: [{ ...probe('usual'), baseline: false }] });
    expect(await show('usual')).toMatchObject({ probe: 'usual', state: 'off' });
  });
});

describe('plimsoll baseline accept', () => {
  it('takes the level of now for the right one, and keeps who did it, when and why', async () => {
    const { run, show, store } = await setUp();
    const before = await show('slower');
    const { code, stdout } = await run('accept', 'slower', '--why', 'the new index is slower, and that is fine');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^slower: the level of now is the baseline, at p95: total 1\d\d ms → (2\d\d|1\d\d) ms/);
    const after = await show('slower');
    expect(after.series[0].anchorP95 / before.series[0].p95).toBeGreaterThan(1.35);
    expect(after.series[0].regression).toBeNull();
    const history = (await store.baseline('slower'))?.history ?? [];
    expect(history.at(-1)).toMatchObject({
      act: 'accepted',
      who: 'ann',
      why: 'the new index is slower, and that is fine',
      ratio: expect.any(Number),
    });
    expect(Date.now() - Date.parse(history.at(-1)?.at ?? '')).toBeLessThan(600_000);
    expect((await store.baseline('usual'))?.revision).toBe(1);
  });

  it('takes one series alone when it is named', async () => {
    const { run, store } = await setUp();
    const before = await store.baseline('slower');
    expect((await run('accept', 'slower', '--series', 'step:list', '--why', 'x', '--by', 'bob')).code).toBe(0);
    const after = await store.baseline('slower');
    expect(after?.series.total).toEqual(before?.series.total);
    expect(after?.history.at(-1)).toMatchObject({ act: 'accepted', series: 'step:list', who: 'bob' });
  });

  it('loses no decision of several people at the same moment', async () => {
    const { desk, store } = await setUp();
    const people = ['ann', 'bob', 'cyd', 'dan'];
    const accept = ['baseline', 'accept', 'usual', '-c', 'plimsoll.json'];
    // Each is a process of its own.
    const ended = await Promise.all(people.map((by) => desk.run([...accept, '--by', by, '--why', `says ${by}`])));
    expect(ended.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(['0', '0', '0', '0']);
    const document = await store.baseline('usual');
    expect(
      document?.history
        .slice(1)
        .map(({ who }) => who)
        .toSorted(),
    ).toEqual(people);
    expect(document?.revision).toBe(5);
  });
});

describe('plimsoll baseline pin, unpin and clear', () => {
  it('pins until unpinned, and says so when there is nothing to do', async () => {
    const { run, show, store } = await setUp();
    expect((await run('pin', 'usual', '--why', 'load tests')).stdout).toBe(
      'usual: pinned; it learns nothing more until plimsoll baseline unpin\n',
    );
    expect((await show('usual')).series.map(({ pinned }: { pinned: boolean }) => pinned)).toEqual([true, true]);
    expect((await run('pin', 'usual', '--why', 'again')).stdout).toBe('usual was pinned already\n');
    expect((await store.baseline('usual'))?.revision).toBe(2);
    expect((await run('unpin', 'usual')).stdout).toBe('usual: unpinned; it learns from good runs again\n');
    expect((await run('unpin', 'usual')).stdout).toBe('usual was not pinned\n');
    expect((await show('usual')).series.map(({ pinned }: { pinned: boolean }) => pinned)).toEqual([false, false]);
  });

  it('forgets a probe, or all that have learnt anything', async () => {
    const { run, show } = await setUp();
    expect((await run('clear', 'usual', '--why', 'moved to another region')).stdout).toBe(
      'usual: forgotten; the next run is the first\n',
    );
    const cleared = await show('usual');
    expect([cleared.state, cleared.lastAct.why]).toEqual(['none', 'moved to another region']);
    expect(cleared.startedAt).toBe(cleared.lastAct.at);
    const all = await run('clear', '--all', '--why', 'x');
    expect(all.stdout.split('\n')).toEqual([
      'usual has nothing to forget',
      'slower: forgotten; the next run is the first',
      'faster: forgotten; the next run is the first',
      '',
    ]);
  });
});

describe('a decision on a baseline', () => {
  it('is taken up by the next run of a watch beside it', async () => {
    const target = await startHttpTarget((_, response) => void response.end());
    onTestFinished(() => target.close());
    const { desk, store, run, show } = await setUp();
    const config = { ...probe('usual'), samples: 2, steps: [{ name: 'list', request: { url: target.url } }] };
    desk.write('plimsoll.json', { service: 'shop', probes: [config] });
    const plan = probeOf(config);
    const before = await store.baseline('usual');
    if (!before) throw new Error('nothing was learnt');
    await store.putBaseline({ ...before, revision: 2, fingerprint: fingerprintOf(plan) });
    const deps = { probers, store, service: 'shop', maintenance: [], keys: 1, context: contextOf() };
    const next = async (minute: number) => {
      const slot = new Date(Date.UTC(2027, 0, 1, 0, minute)).toISOString();
      const occasion = { slot, trigger: 'schedule', region: 'local', environment: 'dev' } as const;
      return (await monitorOnce(plan, occasion, deps, new AbortController().signal)).run.baseline;
    };
    const known = await next(0);
    expect(known).toMatchObject({ state: 'active', runs: 40 });
    expect(known.ratio).toBeLessThan(0.9);
    const { latest } = await show('usual');
    expect(latest).toMatchObject({ slot: '2027-01-01T00:00:00.000Z', series: 'total', reason: known.trend?.reason });
    expect((await run()).stdout.replace(/\s+/g, ' ')).toContain(`latest run total: ${known.trend?.reason}`);
    expect((await run('clear', 'usual', '--why', 'moved')).code).toBe(0);
    expect(await next(1)).toMatchObject({ state: 'none', ratio: null });
    const acts = (await store.baseline('usual'))?.history.map(({ act }) => act);
    expect(acts).toEqual(['started', 'cleared']);
  });
});

describe('plimsoll baseline history', () => {
  it('tells who did what, when and why, newest first', async () => {
    const { run } = await setUp();
    await run('pin', 'usual', '--series', 'total', '--why', 'load tests\u001b[2J this week');
    await run('unpin', 'usual');
    const { stdout } = await run('history', 'usual', 'never');
    const stamp = '20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC';
    const [head, ...lines] = stdout.split('\n');
    expect(head).toBe('usual');
    expect(lines[0]).toMatch(new RegExp(`^ {4}${stamp} {2}unpinned by ann$`));
    expect(lines[1]).toMatch(new RegExp(`^ {4}${stamp} {2}pinned total by ann: load tests\\\\x1b\\[2J this week$`));
    expect(lines[2]).toBe('    2026-01-05 01:00:00 UTC  started by plimsoll: the first run');
    expect(stdout).toMatch(/\n\nnever {2}nothing yet\n$/);
    const json = JSON.parse((await run('history', 'usual', '--json')).stdout);
    expect(json.probes[0].history.map(({ act }: { act: string }) => act)).toEqual(['started', 'pinned', 'unpinned']);
  });
});

describe('plimsoll baseline says no', () => {
  it('in one sentence, with exit 2 and nothing changed', async () => {
    const { desk, run, store } = await setUp();
    const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['accept', 'usual'], /say why, for those who read it later: --why '/],
      [['clear', 'usual', '--why', '  '], /say why/],
      [['pin', 'usual'], /say why/],
      [['pin', 'usual', '--why', 'x'.repeat(501)], /--why has 501 characters: 500 at most are kept/],
      [['accept', '--why', 'x'], /name the probes to accept, or write --all/],
      [['accept', 'usual', '--all', '--why', 'x'], /either name probes, or write --all/],
      [['accept', 'usaul', '--why', 'x'], /no such probe: usaul; did you mean usual\?/],
      [['show', 'nonsense'], /no such probe: nonsense; the config has usual, slower, faster, never/],
      [
        ['accept', 'usual', '--series', 'step:lits', '--why', 'x'],
        /usual has no series step:lits: did you mean step:list\?/,
      ],
      [
        ['accept', 'usual', '--series', 'connect', '--why', 'x'],
        /usual has no series connect: it has total, step:list/,
      ],
      // Before anything is changed: `usual` could have been.
      [['accept', 'usual', 'never', '--why', 'x'], /never has no baseline yet: it is learnt from scheduled runs/],
      [['history', 'usual', '--data', 'nowhere'], /no runs in nowhere, and so no baseline: plimsoll watch makes one/],
    ];
    for (const [args, says] of cases) {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stdout, stderr.trimEnd().split('\n').length], args.join(' ')).toEqual([2, '', 1]);
      expect(stderr).toMatch(says);
    }
    const nobody = await call(desk, ['baseline', 'pin', 'usual', '--why', 'x', '-c', 'plimsoll.json']);
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      'plimsoll: nobody knows who you are here: say it with --by NAME\n',
    ]);
    expect((await store.baselines()).map(({ revision }) => revision)).toEqual([1, 1, 1]);
    expect(desk.exists('nowhere')).toBe(false);
  });
});
