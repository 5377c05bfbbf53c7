import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/main.ts';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import type { StoredRun } from '../../lib/result/store.ts';
import { type Desk, entry, type Finished, openDesk, start } from '../support/cli.ts';
import { makeStoredRun } from '../support/runs.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);
const isoAt = (hour: number): string => new Date(startMs + hour * hourMs).toISOString();

/** A wobble that is no trouble, the same in every test. */
const wobble = (index: number): number => 1 + 0.04 * Math.sin(index * 2.1) + 0.03 * Math.cos(index * 0.7);

type Told = {
  readonly at: string;
  readonly until: string | null;
  readonly rule: string;
  readonly subject: string;
  readonly severity: string;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, unknown>>;
};

type Document = {
  readonly schema: number;
  readonly source: unknown;
  readonly points: number;
  readonly from: string;
  readonly to: string;
  readonly rules: readonly { readonly rule: string; readonly subject: string; readonly judgesFrom: string | null }[];
  readonly pages: readonly Told[];
  readonly tickets: readonly Told[];
  readonly counts: {
    readonly total: number;
    readonly pages: number;
    readonly tickets: number;
    readonly perWeek: readonly { readonly week: string; readonly pages: number; readonly tickets: number }[];
  };
  readonly skipped: readonly { readonly cause: string; readonly rows: number }[];
  readonly incidents?: {
    readonly found: number;
    readonly missed: number;
    readonly falseAlerts: number;
    readonly incidents: readonly { readonly name?: string; readonly result: string }[];
  };
  readonly diff?: {
    readonly gained: readonly Told[];
    readonly lost: readonly Told[];
    readonly moved: readonly { readonly before: Told; readonly after: Told; readonly byMs: number }[];
    readonly same: number;
  };
};

/** The command itself, in this process: what a child would only do more slowly. */
const run = async (desk: Desk, args: readonly string[]): Promise<Finished> => {
  let [stdout, stderr] = ['', ''];
  const code = await main(['backtest', ...args], {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    env: {},
    cwd: desk.folder,
    columns: 100,
    outColour: false,
    errColour: false,
    errIsTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, stdout, stderr };
};

const documentOf = ({ stdout, stderr }: Finished): Document => {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout}\nstderr:\n${stderr}`);
  }
};

/** Six weeks of a value an hour: 1.8 times as much for a day, and 1.3 times for two days later on. */
const writeHistory = (desk: Desk): string => {
  const slow = (hour: number) => (hour >= 600 && hour < 624 ? 1.8 : hour >= 800 && hour < 848 ? 1.3 : 1);
  const rows = Array.from(
    { length: 1008 },
    (_, hour) => `${isoAt(hour)},${(200 * wobble(hour) * slow(hour)).toFixed(2)}`,
  );
  return desk.write('history.csv', `time,value\n${rows.join('\n')}\n`);
};

const within = ({ at }: Told, fromHour: number, toHour: number): boolean => at >= isoAt(fromHour) && at < isoAt(toHour);

describe('plimsoll backtest of an imported history', () => {
  it('needs no config: a regression in a CSV is a ticket, with its time, reason and figures', async () => {
    const desk = openDesk();
    const ran = await run(desk, ['--csv', writeHistory(desk), '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const { pages, tickets, counts, ...document } = documentOf(ran);
    expect(document).toMatchObject({
      schema: 1,
      source: { kind: 'csv', name: 'history.csv' },
      points: 1008,
      skipped: [],
    });
    expect([document.from, document.to]).toEqual([isoAt(0), isoAt(1007)]);
    expect(pages).toEqual([]);
    expect(tickets.map((ticket) => within(ticket, 600, 624) || within(ticket, 800, 848))).toEqual([true, true]);
    const [first] = tickets;
    expect(first).toMatchObject({ rule: 'regression', subject: 'value', severity: 'ticket' });
    expect(first?.reason).toMatch(/1\.[78]\d × /);
    expect(first?.evidence.ratio).toBeCloseTo(1.8, 0);
    expect(first?.until && first.until > first.at).toBe(true);
    expect(counts.total).toBe(2);
    expect(counts.perWeek.map(({ week, tickets: count }) => [week, count])).toEqual([
      ['2026-W02', 0],
      ['2026-W03', 0],
      ['2026-W04', 0],
      ['2026-W05', 1],
      ['2026-W06', 1],
      ['2026-W07', 0],
    ]);
    expect(document.rules[0]?.judgesFrom && document.rules[0].judgesFrom > isoAt(0)).toBe(true);
  });

  it('makes them pages when that is asked for, and ends with 1 beyond --max-pages alone', async () => {
    const desk = openDesk();
    const args = ['--csv', writeHistory(desk), '--severity', 'page', '--json'];
    const [two, one] = await Promise.all([
      run(desk, [...args, '--max-pages', '2']),
      run(desk, [...args, '--max-pages', '1']),
    ]);
    expect(documentOf(two).pages).toHaveLength(2);
    expect([two.code, one.code]).toEqual([0, 1]);
    expect(one.stderr).toContain('2 pages are more than the 1 of --max-pages');
    expect(documentOf(one).pages).toHaveLength(2);
  });

  it('says which labelled incidents were found, which were missed and which alerts were false', async () => {
    const desk = openDesk();
    const history = writeHistory(desk);
    desk.write(
      'incidents.csv',
      `start,end,name\n${isoAt(600)},${isoAt(624)},deploy 12\n${isoAt(700)},${isoAt(710)},unseen\n`,
    );
    desk.write('incidents.json', [
      { start: isoAt(600), end: isoAt(624), name: 'deploy 12' },
      { start: isoAt(700), end: isoAt(710), name: 'unseen' },
    ]);
    for (const incidents of ['incidents.csv', 'incidents.json']) {
      const ran = await run(desk, ['--csv', history, '--incidents', incidents, '--json']);
      expect(documentOf(ran).incidents).toMatchObject({ found: 1, missed: 1, falseAlerts: 1 });
    }
    const shown = await run(desk, ['--csv', history, '--incidents', 'incidents.csv']);
    expect(shown.stdout).toMatch(/1 of 2 incidents found, .*; 1 missed; 1 false alert/);
    expect(shown.stdout).toMatch(/✓ 2026-01-30 00:00 {2}deploy 12 {2}found after \dh by a ticket of regression/);
    expect(shown.stdout).toMatch(/✗ 2026-02-03 04:00 {2}unseen {5}missed/);
  });

  it('shows what a change of the rules would change', async () => {
    const desk = openDesk();
    const args = ['--csv', writeHistory(desk), '--change', 'max-regression=50%'];
    const { diff, tickets } = documentOf(await run(desk, [...args, '--json']));
    expect(diff).toMatchObject({ gained: [], moved: [], same: 1 });
    expect(diff?.lost).toEqual([tickets[1]]);
    const shown = await run(desk, [...args, '--change', 'severity=page']);
    expect(shown.stdout).toContain(
      'with max-regression=50%, severity=page: 1 page and 0 tickets; 0 gained, 1 lost, 1 moved, 0 the',
    );
  });

  it('judges an objective over runs with their samples, and a row of bad runs', async () => {
    const desk = openDesk();
    const line = (hour: number) => {
      const slow = hour >= 300 && hour < 312;
      const samples = Array.from({ length: 20 }, (_, n) =>
        slow && n % 2 === 0 ? (n === 0 ? null : 900) : 200 * wobble(hour + n),
      );
      return JSON.stringify({ time: isoAt(hour), samples });
    };
    desk.write('runs.ndjson', Array.from({ length: 400 }, (_, hour) => line(hour)).join('\n'));
    const ran = await run(desk, ['--ndjson', 'runs.ndjson', '--rule', 'all', '--objective', 'p(95)<400', '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const { rules, pages, tickets } = documentOf(ran);
    expect(rules.map(({ rule, subject }) => [rule, subject])).toEqual([
      ['regression', 'latency'],
      ['slo', 'p(95)<400'],
      ['runs', 'p(95)<400'],
    ]);
    expect(pages.map(({ rule }) => rule).toSorted()).toEqual(['runs', 'slo']);
    expect(tickets.map(({ rule }) => rule)).toContain('regression');
    expect([...pages, ...tickets].every((told) => within(told, 300, 330))).toBe(true);
    expect(pages.find(({ rule }) => rule === 'runs')).toMatchObject({
      at: isoAt(301),
      until: isoAt(313),
      reason: '2 of the last 3 points missed p(95)<400: 2 of 3 are enough',
    });
  });

  it('is the same from stdin, from a range of its own, and in any order', async () => {
    const desk = openDesk();
    const [header, ...rows] = readFileSync(desk.path(writeHistory(desk)), 'utf8')
      .trim()
      .split('\n');
    desk.write('shuffled.csv', [header, ...rows.toSorted((a, b) => a.slice(15).localeCompare(b.slice(15)))].join('\n'));
    const whole = documentOf(await run(desk, ['--csv', 'history.csv', '--json']));
    const shuffled = documentOf(await run(desk, ['--csv', 'shuffled.csv', '--json']));
    expect({ ...shuffled, source: whole.source }).toEqual(whole);
    const piped = await start(
      'sh',
      ['-c', `cat history.csv | "$0" "$1" backtest --csv - --json`, process.execPath, entry],
      { cwd: desk.folder },
    ).finished;
    expect({ ...documentOf(piped), source: whole.source }).toEqual(whole);
    const part = documentOf(
      await run(desk, ['--csv', 'history.csv', '--json', '--from', isoAt(10), '--to', isoAt(700)]),
    );
    expect([part.from, part.to, part.points, part.counts.total]).toEqual([isoAt(10), isoAt(699), 690, 1]);
  });

  it('says on a terminal what it left out, and writes the picture', async () => {
    const desk = openDesk();
    desk.write('bad.csv', `time,value\n${isoAt(0)},NaN\n${isoAt(1)},5\n${isoAt(2)},\nnoon,6\n${isoAt(1)},7\n`);
    const ran = await run(desk, ['--csv', 'bad.csv', '--html', 'picture.html']);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('2 rows: no usable value (a number of 0 and up); the first on line 2: "NaN"');
    expect(ran.stdout).toContain('1 row: no readable time; the first on line 5: "noon"');
    expect(ran.stdout).toContain('1 row: a time that was there before (the first counts); the first on line 6:');
    expect(readFileSync(desk.path('picture.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*2 rows: no usable value/);
  });
});

describe('plimsoll backtest ends in one sentence, and exit 2', () => {
  it.each([
    [['--csv', 'nothing.csv'], 'nothing.csv is not there: check the path'],
    [['--csv', '.'], '. is a folder: name a file in it'],
    [['--csv', 'empty.csv'], 'empty.csv is empty'],
    [
      ['--csv', 'good.csv', '--rule', 'fire'],
      '--rule "fire" is none of them; the rules are regression, slo, runs, all',
    ],
    [['--csv', 'good.csv', '--rule', 'slo'], "--rule slo has to know what is bad: add such as --objective 'p(95)<400'"],
    [['--csv', 'good.csv', '--objective', 'avg<5'], '--objective "avg<5" judges no imported history'],
    [['--csv', 'good.csv', '--max-regression', '20'], '--max-regression "20" is not a percentage'],
    [['--csv', 'good.csv', '--severity', 'loud'], '--severity "loud" is none of them; it is page or ticket'],
    [['--csv', 'good.csv', '--window', 'month'], '--window "month" is not a duration'],
    [['--csv', 'good.csv', '--breach-after', '3 of 2'], '--breach-after "3 of 2" is not a number of bad points'],
    [['--csv', 'good.csv', '--recover-after', '0'], '--recover-after "0" is no whole number from 1 to 100'],
    [
      ['--csv', 'good.csv', '--change', 'colour=red'],
      '--change "colour=red": write name=value, where the name is one of',
    ],
    [['--csv', 'good.csv', '--change', 'config=x.ts'], '--change config=… is for stored probes'],
    [['--csv', 'good.csv', '--from', 'noon'], '--from "noon" is no time'],
    [['--csv', 'good.csv', '--from', '2027-01-01'], 'good.csv has no point from 2027-01-01 on'],
    [
      ['--csv', 'good.csv', '--from', '2026-01-02', '--to', '2026-01-01'],
      '--from 2026-01-02 is not before --to 2026-01-01',
    ],
    [
      ['--csv', 'good.csv', '--incidents', 'bad-incidents.csv'],
      'line 2 of bad-incidents.csv: it ends before it begins',
    ],
    [['--csv', 'good.csv', '--incidents', 'good.csv'], 'the first line of good.csv names no columns start and end'],
    [['--csv', 'good.csv', '--html', 'no/such/picture.html'], 'for no/such/picture.html: make it first'],
    [['--csv', 'good.csv', '--ndjson', 'good.csv'], 'name one history: a probe, --csv or --ndjson'],
    [['api-read', '--csv', 'good.csv'], 'name one history'],
    [['--csv', ''], 'it is empty: name a file or a folder'],
    [['--csv', 'good.csv', '--max-pages', '-1'], 'it is a whole number of 0 and up'],
    [[], 'plimsoll.config.ts'],
  ])('%j', async (args, sentence) => {
    const desk = openDesk();
    desk.write('empty.csv', '');
    desk.write('good.csv', 'time,value\n2026-01-01,5\n');
    desk.write('bad-incidents.csv', 'start,end\n2026-01-02,2026-01-01\n');
    const ran = await run(desk, args);
    expect(ran.stderr).toContain(sentence);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(desk.list()).toEqual(['bad-incidents.csv', 'empty.csv', 'good.csv']);
  });
});

const config = {
  service: 'shop',
  probes: [
    {
      id: 'api-read',
      kind: 'http',
      schedule: { every: '1h' },
      samples: 40,
      severity: 'page',
      steps: [{ name: 'list', request: { url: 'https://shop.example/' } }],
      slo: { thresholds: ['p(95)<400'], window: '30d' },
    },
    { id: 'never', kind: 'http', steps: [{ name: 'list', request: { url: 'https://shop.example/' } }] },
  ],
};

/** An hour's run: good, slower by a factor, or without an answer. */
const runAt = (hour: number, factor: number | 'down'): StoredRun => {
  const latencies = Array.from({ length: 40 }, (_, n) =>
    factor === 'down' ? null : 200 * factor * wobble(40 * hour + n),
  );
  const bad = factor === 'down' ? 40 : 0;
  const threshold = {
    threshold: 'p(95)<400',
    actual: 250,
    unit: 'ms',
    passed: bad === 0,
    bad,
    total: 40,
    budget: 0.05,
  } as const;
  return makeStoredRun({ slot: isoAt(hour), latencies, run: { slo: [threshold] } });
};

/** A store of hourly runs: an outage of four, a stretch of 1.6 times the latency, and a gap of a night. */
const fillStore = async (desk: Desk): Promise<void> => {
  desk.write('plimsoll.json', config);
  const store = await openSqliteStore({
    path: desk.path('.plimsoll/plimsoll.db'),
    clock: { now: () => startMs, monotonic: () => 0 },
  });
  for (let hour = 0; hour < 330; hour += 1) {
    const down = hour >= 150 && hour < 154;
    const gap = hour >= 240 && hour < 252;
    if (!gap) await store.put(runAt(hour, down ? 'down' : hour >= 280 && hour < 310 ? 1.6 : 1));
  }
  await store.close();
};

describe('plimsoll backtest of a stored probe', () => {
  const undo: (() => void)[] = [];
  const desk = openDesk((one) => undo.push(one));
  beforeAll(() => fillStore(desk));
  afterAll(() => {
    for (const one of undo) one();
  });

  it('replays its runs through the judge of watch, as its config says, with a change beside it', async () => {
    const args = ['api-read', '-c', 'plimsoll.json', '--json'];
    const ran = await run(desk, [...args, '--change', 'max-regression=90%', '--change', 'breach-after=4 of 4']);
    expect(ran.code, ran.stderr).toBe(0);
    const { pages, tickets, points, source, rules, diff } = documentOf(ran);
    expect([points, source]).toEqual([318, { kind: 'stored', name: 'api-read' }]);
    expect(rules.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
      'runs verdict',
      'slo p(95)<400',
      'regression total',
      'overdue slots',
    ]);
    // One trouble is told once: the budget that burns in the outage is a part of it.
    const outage = pages.filter((page) => within(page, 150, 160));
    expect(outage).toHaveLength(1);
    expect(outage[0]).toMatchObject({ rule: 'runs', subject: 'verdict' });
    const overdue = tickets.filter(({ rule }) => rule === 'overdue');
    expect(overdue.map((ticket) => within(ticket, 240, 252))).toEqual([true]);
    const regressions = tickets.filter(({ rule }) => rule === 'regression');
    expect(regressions.map((ticket) => within(ticket, 280, 310))).toEqual([true]);
    expect(regressions[0]?.evidence.ratio).toBeCloseTo(1.6, 1);
    // Four of four come too late for the outage: its budget tells it instead.
    expect(diff?.lost).toEqual([...outage, ...regressions]);
    expect(diff?.gained.map(({ rule, severity }) => [rule, severity])).toEqual([['slo', 'page']]);
    expect(desk.exists('plimsoll.config.ts')).toBe(false);
  });

  it('replays one rule alone when that is asked for', async () => {
    const args = ['api-read', '-c', 'plimsoll.json', '--json'];
    for (const rule of ['regression', 'slo', 'runs']) {
      const { rules, pages, tickets } = documentOf(await run(desk, [...args, '--rule', rule]));
      expect(new Set([...rules, ...pages, ...tickets].map((one) => one.rule))).toEqual(new Set([rule]));
      expect(pages.length + tickets.length).toBe(1);
    }
  });

  it('shows latency in ms, and takes the rules of another config as a change', async () => {
    desk.write('quiet.json', { ...config, probes: config.probes.map((probe) => ({ ...probe, severity: 'ticket' })) });
    const ran = await run(desk, [
      'api-read',
      '-c',
      'plimsoll.json',
      '--change',
      'config=quiet.json',
      '--html',
      'picture.html',
    ]);
    expect(ran.stdout).toMatch(/p95 ▁ \d+ ms to █ \d+ ms/);
    expect(ran.stdout).toMatch(/with config=quiet\.json: 0 pages and 3 tickets; 0 gained, 0 lost, 1 moved/);
    expect(readFileSync(desk.path('picture.html'), 'utf8')).toContain('<h1>api-read</h1>');
  });

  it('that has no runs, or is none, or takes no objective, ends in one sentence', async () => {
    const empty = openDesk();
    empty.write('plimsoll.json', config);
    const ends = async (where: Desk, args: readonly string[], sentence: string) => {
      const ran = await run(where, ['-c', 'plimsoll.json', ...args]);
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(sentence)]);
    };
    await ends(empty, ['never'], 'no stored run of never in .plimsoll');
    expect(empty.exists('.plimsoll')).toBe(false);
    await ends(empty, ['nobody'], 'no such probe: nobody');
    await ends(empty, [], 'name the probe to backtest, one of api-read, never');
    await ends(desk, ['never'], 'no stored run of never');
    await ends(desk, ['api-read', '--from', '2030-01-01'], 'api-read has no point from 2030-01-01 on');
    await ends(desk, ['api-read', '--objective', 'p(95)<5'], '--objective is for imported history');
    writeFileSync(empty.path('plimsoll.json'), '{');
    await ends(empty, ['api-read'], 'plimsoll.json');
  });
});
