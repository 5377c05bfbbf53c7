import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../lib/report/html.ts';
import type { Run } from '../../lib/result/result.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { LOWEST_CONTRAST } from '../support/contrast.ts';
import { document, pass, stepOutcome } from '../support/documents.ts';
import {
  brokenPass,
  frame,
  HOSTILE,
  missingPass,
  sequence,
  sequenceRun,
  sequenceRuns,
  withTexts,
} from '../support/sequences.ts';

const chromium = findChromium();
if (chromium === undefined) process.stderr.write('skipped: no Chromium found for sequences (set CHROMIUM_PATH)\n');

type View = { readonly width: number; readonly colorScheme: 'light' | 'dark' };

describe.skipIf(chromium === undefined)('a sequence diagram in a real Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sequence-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (html: string, { width, colorScheme }: View): Promise<Page> => {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    return page;
  };
  const pageOf = (runs: readonly Run[] = sequenceRuns()): string => renderHtml(document(runs), new Map());
  const failed = (made: ReturnType<typeof brokenPass>): Run => sequenceRun('ws', made, { verdict: 'fail' });

  test.each([
    { width: 390, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
    { width: 1400, colorScheme: 'light' },
    { width: 1400, colorScheme: 'dark' },
  ] as const)('fits $width px and is legible, $colorScheme', async (view) => {
    const page = await open(pageOf(), view);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width);
    const outside = `[...document.querySelectorAll('.sequence *')].filter((e) => !e.matches('.unseen') && e.getBoundingClientRect().right > ${view.width}).map((e) => e.outerHTML.slice(0, 80))`;
    expect(await page.evaluate(outside)).toEqual([]);
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    await page.close();
  });

  test.each([390, 1400])('lays no text over another and no arrow over its text, at %i px', async (width) => {
    const page = await open(pageOf([failed(brokenPass())]), { width, colorScheme: 'light' });
    const overlaps = `(() => {
      const box = (e) => e.getBoundingClientRect();
      const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
      return [...document.querySelectorAll('li.sq-row')].flatMap((row) => {
        const parts = [...row.querySelectorAll('.sq-at, .sq-text, .sq-opens, .sq-step, .sq-note, line.sq-shaft')].filter((e) => getComputedStyle(e).display !== 'none');
        return parts.flatMap((a, i) => parts.slice(i + 1).filter((b) => meet(box(a), box(b))).map((b) => a.outerHTML.slice(0, 60) + ' / ' + b.outerHTML.slice(0, 60)));
      });
    })()`;
    expect(await page.evaluate(overlaps)).toEqual([]);
    await page.close();
  });

  test('draws the arrows of a connection to its name, and its line from where it was opened', async () => {
    const page = await open(pageOf([failed(brokenPass())]), { width: 1400, colorScheme: 'light' });
    const rights = (await page.evaluate(
      `[...document.querySelectorAll('li.sq-row:is(.is-in,.is-out) line.sq-shaft')].map((e) => Math.round(e.getBoundingClientRect().right))`,
    )) as number[];
    const names = (await page.evaluate(
      `[...document.querySelectorAll('.sq-heads text')].map((e) => { const { left, right } = e.getBoundingClientRect(); return [Math.round(left), Math.round(right)]; })`,
    )) as [number, number][];
    expect(new Set(rights).size).toBe(2);
    const [a, observer] = [Math.min(...rights), Math.max(...rights)];
    expect(names[1]?.[0]).toBeLessThan(a);
    expect(names[1]?.[1]).toBeGreaterThan(a);
    expect(Math.abs((names[2]?.[1] ?? 0) - observer)).toBeLessThan(4);
    await page.close();
  });

  test('has the broken link, and no other row, in the colour of a failure; the link in its head leads there', async () => {
    const page = await open(pageOf([failed(brokenPass())]), { width: 1400, colorScheme: 'light' });
    const strokes = `[...document.querySelectorAll('li.sq-row line.sq-shaft')].map((e) => getComputedStyle(e).stroke)`;
    const fail = 'rgb(179, 32, 44)';
    const all = (await page.evaluate(strokes)) as string[];
    expect(all.filter((one) => one === fail)).toHaveLength(1);
    await page.click('figcaption a');
    expect(await page.evaluate(`document.querySelector(':target').textContent.includes('Broken link.')`)).toBe(true);
    await page.close();
  });

  test('can be read without seeing it: a list with a label, its drawings hidden', async () => {
    const page = await open(pageOf(), { width: 1400, colorScheme: 'light' });
    const labels = `[...document.querySelectorAll('.sequence ol')].map((e) => e.getAttribute('aria-label'))`;
    expect(await page.evaluate(labels)).toContain('Sequence of ws-resume, times in ms since the start of the pass');
    const shown = `document.querySelectorAll('.sequence svg:not([aria-hidden=true]):not(svg svg):not([aria-hidden=true] svg)').length`;
    expect(await page.evaluate(shown)).toBe(0);
    await page.close();
  });

  test('gives every one of many connections a line of its own, within the page', async () => {
    const rungs = Array.from({ length: 12 }, (_, index) =>
      frame(index + 1, index % 2 === 0 ? 'in' : 'out', 'x', { connection: `a-rather-long-name-${index}` }),
    );
    const made = pass(0, [stepOutcome('one')], { sequence: sequence(rungs) });
    const page = await open(pageOf([failed(made)]), { width: 390, colorScheme: 'light' });
    const ends = `new Set([...document.querySelectorAll('line.sq-shaft')].map((e) => Math.round(e.getBoundingClientRect().right))).size`;
    expect(await page.evaluate(ends)).toBe(12);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.close();
  });

  test.each(HOSTILE)('shows %s and runs nothing', async (_, text) => {
    const runs = [missingPass(), brokenPass()].map((made) => failed(withTexts(made, text)));
    const page = await open(pageOf(runs), { width: 390, colorScheme: 'light' });
    await page.evaluate(
      `document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))`,
    );
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.evaluate(`document.querySelectorAll('script, [onmouseover]').length`)).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    // A list that a text could end would hold fewer rows.
    expect(await page.evaluate(`document.querySelectorAll('.sequence > ol > li').length`)).toBe(24);
    await page.close();
  });
});
