import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillReport } from '../../lib/drill/report.ts';
import { renderDrillHtml } from '../../lib/report/drill/html.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { LOWEST_CONTRAST } from '../support/contrast.ts';
import { drillReport } from '../support/drill/reports.ts';
import { type BenchOptions, openDrillBench } from '../support/drill-run.ts';
import { HOSTILE } from '../support/sequences.ts';

const chromium = findChromium();
if (chromium === undefined) process.stderr.write('skipped: no Chromium found for drills (set CHROMIUM_PATH)\n');

const drilled = async (options: BenchOptions = {}): Promise<DrillReport> => {
  const bench = openDrillBench(options);
  try {
    return (await bench.run('run-1')).report;
  } finally {
    bench.close();
  }
};

describe.skipIf(chromium === undefined)('the page of a drill in a real Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-drill-page-'));
  let browser: Browser;
  let lost: DrillReport;

  beforeAll(async () => {
    lost = await drilled({ faults: ['loses the last writes'] });
    browser = await launchChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (report: DrillReport, width: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const file = join(folder, 'report.html');
    writeFileSync(file, renderDrillHtml(report));
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    return page;
  };

  test.each([
    [390, 'light'],
    [390, 'dark'],
    [1400, 'light'],
    [1400, 'dark'],
  ] as const)('fits %i px and is legible, %s', async (width, colorScheme) => {
    const page = await open(lost, width, colorScheme);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    await page.close();
  });

  test.each([390, 1400])('lays no word of a timeline over another, at %i px', async (width) => {
    const page = await open(lost, width, 'light');
    const overlaps = `(() => {
      const box = (e) => e.getBoundingClientRect();
      const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
      return [...document.querySelectorAll('.dr-row')].flatMap((row) => {
        const parts = [...row.querySelectorAll('.wf-name, .wf-latency, svg text, rect, circle')];
        const words = parts.filter((e) => e.matches('span, text'));
        return words.flatMap((a) => parts.filter((b) => b !== a && meet(box(a), box(b))).map((b) => a.outerHTML.slice(0, 60) + ' / ' + b.outerHTML.slice(0, 60)));
      });
    })()`;
    expect(await page.evaluate(overlaps)).toEqual([]);
    await page.close();
  });

  test('draws the turns of the sampler in their order, the bad ones between the good ones, and the loss up to them', async () => {
    const page = await open(lost, 1400, 'light');
    const boxes = (look: string) =>
      page.evaluate(
        `[...document.querySelectorAll('.dr-row .${look}')].map((e) => { const { left, right } = e.getBoundingClientRect(); return [left, right]; })`,
      ) as Promise<[number, number][]>;
    const [good, bad, loss, away] = await Promise.all(['dr-good', 'dr-bad', 'dr-lost', 'dr-away'].map(boxes));
    const firstBad = bad?.[0]?.[0] ?? 0;
    const lastBad = bad?.at(-1)?.[1] ?? 0;
    expect(good?.filter(([left]) => left < firstBad).length).toBeGreaterThan(0);
    expect(good?.filter(([left]) => left >= lastBad - 2).length).toBeGreaterThan(0);
    expect(good?.every(([left]) => left < firstBad || left >= lastBad - 2)).toBe(true);
    expect(loss?.[0]?.[0]).toBeLessThan(firstBad);
    expect(Math.abs((away?.[0]?.[0] ?? 0) - firstBad)).toBeLessThan(8);
    await page.close();
  });

  test.each(HOSTILE)('shows %s, stays as wide, and runs nothing', async (_, text) => {
    const report = drillReport({
      service: text,
      drill: text,
      requester: text,
      reasons: [text],
      hash: text,
      leftovers: [text],
      notExercised: [text],
      identity: { before: [{ at: 1, boot: text, epoch: text }], after: [], proven: 'NOT_PROVEN', reasons: [text] },
      findings: [{ area: 'ledger', check: text, result: 'fail', actual: text, witnesses: [text] }],
      trail: [{ state: 'Restart', at: 1_780_272_000_000, note: text }],
      ticks: [
        { startedAt: 1_780_272_000_000, endedAt: 1_780_272_000_005, good: false, boot: text, problem: text },
        { startedAt: 1_780_272_000_250, endedAt: 1_780_272_000_255, good: true, boot: text },
      ],
      observed: {
        streams: [{ stream: text, events: 1, writes: 1 }],
        connections: [
          {
            generation: 1,
            openedAt: 1_780_272_000_000,
            closedAt: 1_780_272_000_100,
            code: 1008,
            reason: text,
            problem: text,
          },
        ],
        silence: null,
        dropped: 0,
      },
    });
    const page = await open(report, 390, 'dark');
    await page.evaluate(
      `document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))`,
    );
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.evaluate(`document.querySelectorAll('script, [onmouseover]').length`)).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.close();
  });
});
