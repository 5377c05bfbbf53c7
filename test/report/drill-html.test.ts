import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding, Tick } from '../../lib/drill/record.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import { verdicts } from '../../lib/drill/verdict.ts';
import type { ReportedWrite } from '../../lib/drill/writes.ts';
import { renderDrillHtml } from '../../lib/report/drill/html.ts';
import { cellsOf } from '../../lib/report/drill/page/moments.ts';
import { intervalWords } from '../../lib/report/drill/words.ts';
import { drillReport } from '../support/drill/reports.ts';
import { type BenchOptions, openDrillBench } from '../support/drill-run.ts';
import { HOSTILE } from '../support/sequences.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const bench of open.splice(0)) bench.close();
});

const drilled = async (options: BenchOptions = {}): Promise<DrillReport> => {
  const bench = openDrillBench(options);
  open.push(bench);
  return (await bench.run('run-1')).report;
};

/** What a reader may see: not the style sheet, which names every look. */
const bodyOf = (report: DrillReport): string => renderDrillHtml(report).replace(/<style>.*<\/style>/s, '');

const finding = (more: Partial<Finding> = {}): Finding => ({
  area: 'ledger',
  check: 'no acknowledged write is lost',
  result: 'fail',
  actual: '1 of 38 acknowledged are gone',
  witnesses: ['drill-x-t00007'],
  ...more,
});

const lostWrite = (id: string): ReportedWrite => ({
  id,
  phase: 'through',
  invokedAt: 1_780_272_000_100,
  endedAt: 1_780_272_000_110,
  outcome: 'acknowledged',
  fate: 'lost',
});

const failed = (more: Partial<DrillReport> = {}): DrillReport =>
  drillReport({
    verdict: 'FAIL_LOST',
    reasons: ['1 of 38 acknowledged are gone (check: no acknowledged write is lost)'],
    ledger: { ...drillReport().ledger, lost: 1 },
    writes: [lostWrite('drill-x-t00007')],
    findings: [finding()],
    ...more,
  });

describe('the page of a drill', () => {
  test('is one file: no script, nothing to load, no style outside of its sheet', async () => {
    const page = renderDrillHtml(await drilled());
    expect(page).not.toMatch(/<script|<link[^>]+href="(?!data:)|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
    expect(page).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; img-src data:;/);
  });

  test('says of every verdict what it means and what to do', () => {
    const answers = verdicts.map((verdict) => {
      const page = bodyOf(drillReport({ verdict }));
      expect(page).toContain(`${verdict}</span>`);
      return /dr-says">(.+?)<\/p><p class="dr-next">(.+?)<\/p>/.exec(page)?.slice(1).join(' ');
    });
    expect(new Set(answers).size).toBe(verdicts.length);
    expect(answers).not.toContain(undefined);
  });

  test('shows a PASS without one failing mark, whatever went down and came back', async () => {
    const report = await drilled();
    expect(report.verdict).toBe('PASS');
    expect(report.ticks.some(({ good }) => !good)).toBe(true);
    const page = bodyOf(report);
    expect(page).not.toContain('is-fail');
    expect(page).not.toContain('is-inconclusive');
    expect(page).toContain(`All ${report.findings.length} checks hold`);
    expect(page).toContain(`none of ${report.ledger.acknowledged}`);
  });

  test('names every write that was lost, in the ledger and at the check that failed', async () => {
    const report = await drilled({ faults: ['loses the last writes'] });
    const ids = report.findings.find(({ check }) => check === 'no acknowledged write is lost')?.witnesses ?? [];
    expect(ids).toHaveLength(3);
    const page = bodyOf(report);
    const ledger = page.slice(page.indexOf('id="ledger"'), page.indexOf('id="checks"'));
    const checks = page.slice(page.indexOf('id="checks"'));
    for (const id of ids) for (const part of [ledger, checks]) expect(part).toContain(`<code>${id}</code>`);
    expect(page).toContain(`3 of ${report.ledger.acknowledged} acknowledged writes are gone.`);
    expect(page).toContain('class="dr-lost"');
    expect(page).toContain('is-fail');
  });

  test('marks each lost write where it was acknowledged, and names more of them than a check does', async () => {
    const report = await drilled({
      faults: ['loses the last writes'],
      service: { lostWrites: 12 },
      drill: { seeds: 20 },
    });
    const lost = report.writes.filter(({ fate }) => fate === 'lost');
    expect(lost).toHaveLength(12);
    const page = bodyOf(report);
    const ledger = page.slice(page.indexOf('id="ledger"'), page.indexOf('id="checks"'));
    for (const { id } of lost) expect(ledger).toContain(`<code>${id}</code>`);
    const ticks = [
      { startedAt: 1_780_272_000_000, endedAt: 1_780_272_000_005, good: true },
      { startedAt: 1_780_272_000_600, endedAt: 1_780_272_000_605, good: false },
    ];
    const marked = bodyOf(failed({ askedAt: 1_780_272_000_500, ticks }));
    expect(marked).toContain('<title>drill-x-t00007, acknowledged 390 ms before it</title>');
  });

  test('shows when a live client was connected, cut off and back, and each write that it was told of', async () => {
    const report = await drilled();
    const page = bodyOf(report);
    const lane = page.slice(page.indexOf('Live client</span>'), page.indexOf('Lost writes</span>'));
    expect(lane.match(/class="dr-joined"/g)).toHaveLength(2);
    expect(lane).toMatch(/connected [^<]+, cut off with 1006 \+/);
    expect(lane).toMatch(/back after 3\.\d+ s/);
    expect(report.writes.some(({ seenAt }) => seenAt !== undefined)).toBe(true);
    expect(lane).toMatch(/told of (drillrun1\w+|\d+ writes) \+/);
  });

  test('marks a live client that was never taken back as a failure', async () => {
    const page = bodyOf(await drilled({ faults: ['takes no client back'] }));
    expect(page).toMatch(/is-fail"><span class="wf-name">Live client<\/span>/);
    expect(page).toContain('never back');
  });

  test('takes the moment of the restart from the report, whenever its state was entered', () => {
    const ticks = [{ startedAt: 1_780_272_000_000, endedAt: 1_780_272_000_005, good: true }];
    const trail = [{ state: 'Restart', at: 1_780_272_000_900 }] as const;
    expect(bodyOf(drillReport({ ticks, trail, askedAt: null }))).toContain('from the first turn of the sampler');
    expect(bodyOf(drillReport({ ticks, trail, askedAt: 1_780_272_000_500 }))).toContain('the moment it was asked for');
  });

  test('denies nothing twice: it says what was found, and that an RPO of zero allows no loss', async () => {
    const page = bodyOf(await drilled({ faults: ['loses the last writes'] }));
    expect(page).not.toMatch(/not so/i);
    expect(page).toContain('Found: 3 of ');
    expect(page).toContain('RPO 0: nothing may be lost');
  });

  test('says how many lost writes it cannot name', () => {
    expect(bodyOf(failed({ ledger: { ...drillReport().ledger, lost: 12 } }))).toContain('and 11 more, not named here');
    expect(bodyOf(failed())).not.toContain('not named here');
  });

  test('calls no loss a PASS that its RPO allows a loss', () => {
    const page = bodyOf(failed({ verdict: 'PASS', findings: [finding({ result: 'inconclusive' })] }));
    expect(page).toContain('1 write lost, as the RPO allows.');
    expect(page).not.toContain('lost nothing');
  });

  test('begins with the checks that failed, the gravest first, then those not shown', () => {
    const checks = [
      finding({ area: 'cleanup', check: 'held', result: 'pass', witnesses: [] }),
      finding({ area: 'rto', check: 'late', result: 'inconclusive' }),
      finding({ area: 'order', check: 'gap', witnesses: ['cursor 7'] }),
      finding(),
    ];
    const page = bodyOf(failed({ findings: checks }));
    const places = ['<h3>no acknowledged write', '<h3>gap', '<code>cursor 7', '<h3>late', '<span>held'].map((text) =>
      page.indexOf(text),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(page).toContain('2 checks failed, 1 not shown, 1 holds');
  });

  test('holds RTA and RPA as intervals against their objectives, and follows what the checks make of them', async () => {
    const late = await drilled({ service: { outageMs: 40_000 }, drill: { maxOutageMs: 120_000 } });
    const page = bodyOf(late);
    expect(late.measured.rta).not.toBeNull();
    expect(page).toContain(`<p class="dr-value">${late.measured.rta && intervalWords(late.measured.rta)}</p>`);
    expect(page).toContain('longer than the RTO');
    expect(page).toContain('within the RPO');
    expect(page).toContain('<title>RTO</title>');
    expect(bodyOf(await drilled())).not.toContain('<title>RTO</title>');
  });

  test('claims nothing of losses when the target never came back to be read', async () => {
    const page = bodyOf(await drilled({ faults: ['never healthy again'] }));
    expect(page).toContain('Lost writes: not shown');
    expect(page).toContain('nothing could be read');
    expect(page).toContain('What became of them nobody could read.');
    expect(page).not.toContain('within the RPO');
    expect(page).toContain('<p class="dr-value">&#62; 59.');
  });

  test('shows who answered before and after, and that a restart without effect proves nothing', async () => {
    const proven = bodyOf(await drilled());
    expect(proven).toContain('proven: nobody of before is there after it');
    expect(proven).toContain('boot-1 is gone, boot-2 is there');
    expect(proven).toContain('class="dr-new"');
    const noOp = bodyOf(await drilled({ faults: ['no-op restart'] }));
    expect(noOp).toContain('INVALID_NO_RESTART');
    expect(noOp).not.toContain('>proven:');
    expect(noOp).toContain('Who answers: nobody new');
  });

  test('draws no recovery and claims no proof where nothing was restarted', async () => {
    const page = bodyOf(await drilled({ alarms: () => [{ probe: 'api', state: 'breached' }] }));
    expect(page).toContain('none was asked for');
    expect(page).not.toContain('id="objectives"');
    expect(page).not.toContain('Around the restart');
    expect(page).toContain('CheckGates');
  });

  test('lists what was not exercised, what is left, and where the report comes from', () => {
    const leftovers = Array.from({ length: 14 }, (_, index) => `left-${index}`);
    const page = bodyOf(drillReport({ leftovers, previous: 'beef', requester: 'ann', reason: 'before the release' }));
    const shown = ['a power cut', 'c0ffee', 'beef', 'aa', 'ann', 'before the release', 'left-13', '4 more', 'process'];
    for (const text of shown) expect(page).toContain(text);
    expect(bodyOf(drillReport())).toContain('this is the first of the drill');
  });

  test('names each state of the machine once, with the notes of its visits', () => {
    const trail = [
      { state: 'AwaitRecovery', at: 1_780_272_001_000, note: 'still down' },
      { state: 'AwaitRecovery', at: 1_780_272_003_000 },
      { state: 'ProveRestart', at: 1_780_272_004_000 },
    ] as const;
    const page = bodyOf(drillReport({ trail }));
    expect(page).toContain('AwaitRecovery ×2');
    expect(page).toContain('AwaitRecovery begins at +1.00 s and lasts 3.00 s');
    expect(page).toContain('still down');
  });
});

const poison = (text: string): DrillReport =>
  drillReport({
    tool: text,
    service: text,
    environment: text,
    drill: text,
    run: text,
    target: text,
    requester: text,
    reason: text,
    configHash: text,
    startedAt: text,
    endedAt: text,
    reasons: [text],
    verdict: 'FAIL_LOST',
    ledger: { ...drillReport().ledger, lost: 2 },
    identity: {
      before: [{ at: 1, boot: text, epoch: text, startedAt: 1e300 }],
      after: [{ at: Number.NaN, boot: `${text}2` }],
      proven: 'PARTIAL',
      reasons: [text],
    },
    receipt: { adapter: text, acceptedAt: 1_780_272_001_000, platformIds: [text], details: { [text]: text } },
    askedAt: 1_780_272_000_500,
    writes: [lostWrite(text)],
    findings: [finding({ check: text, actual: text, witnesses: [text] }), finding({ check: text, result: 'pass' })],
    notExercised: [text],
    leftovers: [text],
    trail: [{ state: 'Restart', at: 1_780_272_000_500, note: text }],
    ticks: [
      { startedAt: 1_780_272_000_000, endedAt: 1_780_272_000_010, good: true, boot: text },
      { startedAt: 1_780_272_000_250, endedAt: 1_780_272_000_260, good: false, problem: text },
    ],
    previous: text,
    hash: text,
  });

/** What would move a cursor, turn a line around, or is no character. */
const acting = new Set(
  [0x00, 0x07, 0x08, 0x1b, 0x0d, 0x7f, 0x9b, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069, 0xd800].map((code) =>
    String.fromCodePoint(code),
  ),
);

describe('hostile texts on the page of a drill', () => {
  const tags = (page: string): readonly string[] => page.match(/<\/?[a-z][a-z0-9]*/g) ?? [];

  test.each(HOSTILE)('%s changes no element of it and acts on nobody', (_, text) => {
    const page = renderDrillHtml(poison(text));
    expect(tags(page)).toEqual(tags(renderDrillHtml(poison('harmless'))));
    expect([...page].filter((character) => acting.has(character))).toEqual([]);
    expect(page.length).toBeLessThan(120_000);
    expect(page.match(/.{20}(NaN|Infinity|\+never|took never)/)).toBeNull();
  });

  test('no text whatever changes its elements', () => {
    const usual = tags(renderDrillHtml(poison('harmless')));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(tags(renderDrillHtml(poison(text)))).toEqual(usual);
      }),
      { numRuns: 60 },
    );
  });
});

describe('cells of the sampler', () => {
  const tick = (index: number, good: boolean): Tick => ({ startedAt: index * 10, endedAt: index * 10 + 1, good });

  test('are bounded, leave no turn out, and never hide a bad one', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 1_500 }), (turns) => {
        const cells = cellsOf(turns.map((good, index) => tick(index, good)));
        expect(cells.length).toBeLessThanOrEqual(160);
        expect(cells.reduce((sum, cell) => sum + cell.turns, 0)).toBe(turns.length);
        expect(cells.every(({ good }) => good)).toBe(turns.every((good) => good));
        const bad = turns.flatMap((good, index) => (good ? [] : [index * 10]));
        for (const at of bad)
          expect(cells.some(({ fromMs, toMs, good }) => !good && fromMs <= at && at <= toMs)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
