import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderBacktestHtml } from '../../../lib/report/backtest/html.ts';
import { makeBacktest } from '../../support/backtests.ts';
import { findChromium, launchChromium } from '../../support/chromium.ts';
import { LOWEST_CONTRAST } from '../../support/contrast.ts';

const chromium = findChromium();
if (chromium === undefined) process.stderr.write('skipped: no Chromium found for the backtest (set CHROMIUM_PATH)\n');

describe.skipIf(chromium === undefined)('the page of a backtest in a real Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-backtest-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  type Seen = { readonly page: Page; readonly errors: readonly string[] };

  const open = async (html: string, width: number, colorScheme: 'light' | 'dark'): Promise<Seen> => {
    const file = join(folder, 'backtest.html');
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const errors: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(pathToFileURL(file).href);
    return { page, errors };
  };

  it.each([
    [360, 'light'],
    [390, 'dark'],
    [1400, 'light'],
    [1400, 'dark'],
  ] as const)('stands at %i px, %s: no error, legible, nothing to scroll sideways', async (width, colorScheme) => {
    const { page, errors } = await open(renderBacktestHtml(makeBacktest()), width, colorScheme);
    expect(errors).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    // On a narrow page the reasons are read without scrolling a table.
    const outside = `[...document.querySelectorAll('.why')].filter((e) => e.getBoundingClientRect().right > ${width}).length`;
    expect(await page.evaluate(outside)).toBe(0);
    await page.close();
  });

  it.each([360, 1400])(
    'puts every alert under its own part of the line, and no label of time over another, at %i px',
    async (width) => {
      const { page } = await open(renderBacktestHtml(makeBacktest()), width, 'light');
      const boxes = (selector: string): Promise<unknown> =>
        page.evaluate(
          `[...document.querySelectorAll('${selector}')].map((e) => e.getBoundingClientRect()).filter((r) => r.width > 0).map((r) => [r.left, r.right])`,
        );
      const washes = (await boxes('.bt-wash')) as [number, number][];
      const marks = (await boxes('.history .bt-mark:not(.is-incident)')) as [number, number][];
      expect(washes).toHaveLength(3);
      for (const [index, [left]] of washes.entries()) expect(Math.abs(left - (marks[index]?.[0] ?? 0))).toBeLessThan(2);
      for (const chart of ['.history > g text', '.weeks > text']) {
        const labels = (await boxes(chart)) as [number, number][];
        expect(labels.length).toBeGreaterThan(1);
        for (const [index, [, right]] of labels.entries()) {
          expect(labels[index + 1]?.[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(right);
        }
      }
      await page.close();
    },
  );

  it('shows what is in a file as text alone', async () => {
    const payload = '"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e';
    const { page, errors } = await open(renderBacktestHtml(makeBacktest(payload)), 390, 'light');
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.evaluate(`document.querySelectorAll('script, img, [onerror]').length`)).toBe(0);
    expect(await page.evaluate(`document.querySelector('.meta').textContent`)).toContain('<img src=x onerror=');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('can be read without seeing it', async () => {
    const { page } = await open(renderBacktestHtml(makeBacktest()), 1400, 'light');
    expect(await page.evaluate(`document.querySelectorAll('svg[role=img]:not(:has(> title))').length`)).toBe(0);
    expect(
      await page.evaluate(
        `document.querySelectorAll('svg:not([role=img]):not([aria-hidden=true]):not(svg svg)').length`,
      ),
    ).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll('tbody tr:not(:has(th[scope=row]))').length`)).toBe(0);
    await page.close();
  });
});
