import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../lib/report/html.ts';
import { renderJunit } from '../../lib/report/junit.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { LOWEST_CONTRAST } from '../support/contrast.ts';
import { type Everything, poisoned } from '../support/documents.ts';
import { everything } from '../support/example-document.ts';

const chromium = findChromium();
if (chromium === undefined) process.stderr.write('skipped: no Chromium found for the report (set CHROMIUM_PATH)\n');

type Seen = { readonly page: Page; readonly errors: string[]; readonly requests: string[] };
type View = { readonly width: number; readonly colorScheme: 'light' | 'dark' };

const PAYLOADS = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  "' onmouseover='window.pwned=1",
  'javascript:window.pwned=1',
  '</style></title><script>window.pwned=1</script>',
  'https://evil.example/"><script>window.pwned=1</script>',
];

describe.skipIf(chromium === undefined)('in a real Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-report-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (html: string, view: View): Promise<Seen> => {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const page = await browser.newPage({
      viewport: { width: view.width, height: 900 },
      colorScheme: view.colorScheme,
    });
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(file).href;
    await page.goto(url);
    return { page, errors, requests: requests.filter((one) => one !== url && !one.startsWith('data:')) };
  };
  const rendered = ({ document, passes }: Everything): string => renderHtml(document, passes);

  test.each([
    { width: 360, colorScheme: 'light' },
    { width: 360, colorScheme: 'dark' },
    { width: 768, colorScheme: 'light' },
    { width: 1400, colorScheme: 'light' },
    { width: 1400, colorScheme: 'dark' },
  ] as const)(
    'the page stands at $width px, $colorScheme: no error, no request, nothing to scroll sideways',
    async (view) => {
      const { page, errors, requests } = await open(rendered(everything()), view);
      expect(errors).toEqual([]);
      expect(requests).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width);
      // A table may scroll in its own box; nothing else may stick out of the page.
      const outside = `[...document.querySelectorAll('main *')].filter((e) => !e.closest('.scroll, svg, pre') && e.getBoundingClientRect().right > ${view.width}).map((e) => e.outerHTML.slice(0, 80))`;
      expect(await page.evaluate(outside)).toEqual([]);
      await page.close();
    },
  );

  test('headings, tables and pictures can be read without seeing them', async () => {
    const { page } = await open(rendered(everything()), { width: 1400, colorScheme: 'light' });
    const texts = (selector: string): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll('${selector}')].map((e) => e.textContent)`);
    expect(await texts('h1')).toEqual(['notes']);
    expect(await texts('h2')).toEqual([...everything().document.runs.map((run) => run.probe), 'Variables']);
    expect(await page.evaluate(`document.querySelectorAll('table:not(:has(thead th[scope=col]))').length`)).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll('tbody tr:not(:has(th[scope=row]))').length`)).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll('svg[role=img]:not(:has(> title))').length`)).toBe(0);
    expect(
      await page.evaluate(
        `document.querySelectorAll('svg:not([role=img]):not([aria-hidden=true]):not(svg svg):not([aria-hidden=true] svg)').length`,
      ),
    ).toBe(0);
    await page.close();
  });

  test('the style sheet is accepted by its hash, and both colour schemes differ and are legible', async () => {
    const grounds: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(rendered(everything()), { width: 1400, colorScheme });
      grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
      await page.close();
    }
    expect(new Set(grounds).size).toBe(2);
    expect(grounds).not.toContain('rgba(0, 0, 0, 0)');
  });

  test('paper gets dark ink on white, whatever the screen prefers, and no table is cut', async () => {
    const { page } = await open(rendered(everything()), { width: 794, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(794);
    await page.close();
  });

  test('a waterfall has its steps in their order in time and its broken frame marked', async () => {
    const { page } = await open(rendered(everything()), { width: 1400, colorScheme: 'light' });
    const starts = `[...document.querySelector('.waterfall').querySelectorAll('li rect:first-of-type')].map((e) => e.getBoundingClientRect().left)`;
    const [list, one] = (await page.evaluate(starts)) as number[];
    expect(list).toBeLessThan(one ?? 0);
    expect(await page.evaluate(`[...document.querySelectorAll('tr.is-broken th')].map((e) => e.textContent)`)).toEqual([
      '>4',
    ]);
    await page.close();
  });

  test.each(PAYLOADS)('%s in every field is nothing but text', async (payload) => {
    const { page, errors, requests } = await open(rendered(poisoned(everything(), payload)), {
      width: 390,
      colorScheme: 'light',
    });
    await page.evaluate(
      `document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))`,
    );
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(
      await page.evaluate(
        `document.querySelectorAll('script, img, iframe, object, [onerror], [onload], [onmouseover], a[href^="javascript" i]').length`,
      ),
    ).toBe(0);
    expect(await page.evaluate(`document.querySelector('h1').textContent`)).toBe(payload);
    expect(errors).toEqual([]);
    expect(requests).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.close();
  });

  test('its watch can bite: a page with a script and a picture is caught by the policy and by the errors', async () => {
    const planted = rendered(everything()).replace(
      '</main>',
      '<script>window.pwned=1</script><img src="http://127.0.0.1:9/x.png"></main>',
    );
    const { page, errors } = await open(planted, { width: 390, colorScheme: 'light' });
    expect(errors.length).toBeGreaterThanOrEqual(2);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    await page.close();
  });

  test('its XML parser accepts the JUnit report of any payload, and refuses a broken one', async () => {
    const page = await browser.newPage();
    const parses = (xml: string): Promise<unknown> =>
      page.evaluate(
        `new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml').querySelector('parsererror') === null`,
      );
    for (const text of [...PAYLOADS, ']]>', '\u0000\u0001\u001f', '\ud800', '\uffff', 'a\tb\nc']) {
      expect(await parses(renderJunit(poisoned(everything(), text).document))).toBe(true);
    }
    expect(await parses(renderJunit(everything().document))).toBe(true);
    expect(await parses(`${renderJunit(everything().document)}<`)).toBe(false);
    await page.close();
  });
});
