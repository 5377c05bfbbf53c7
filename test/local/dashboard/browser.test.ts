import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from '../../../lib/local/dashboard/server.ts';
import type { ProbeView } from '../../../lib/local/dashboard/source.ts';
import { findChromium, launchChromium } from '../../support/chromium.ts';
import { LOWEST_CONTRAST } from '../../support/contrast.ts';
import { at, badDay, goodRun, manyProbes, minutes, probeView, slotAgo, watchOf } from '../../support/dashboard.ts';
import { poisoned } from '../../support/documents.ts';
import { everything, failingRun } from '../../support/example-document.ts';

const chromium = findChromium();
if (chromium === undefined) process.stderr.write('skipped: no Chromium found for the dashboard (set CHROMIUM_PATH)\n');

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

type View = {
  readonly path?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
};

const PAYLOADS = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  'javascript:window.pwned=1',
  '</template></title><script>window.pwned=1</script>',
];

const texts = (page: Page, selector: string): Promise<readonly string[]> =>
  page.locator(selector).evaluateAll((found) => found.map((one) => one.textContent?.trim() ?? ''));

describe.skipIf(chromium === undefined)('the dashboard in a real Chromium', () => {
  let browser: Browser;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  afterAll(() => browser?.close());

  const serve = async (source: Parameters<typeof startDashboard>[0], port = 0): Promise<Dashboard> => {
    const dashboard = await startDashboard(source, { host: '127.0.0.1', port, clock });
    open.push(dashboard);
    return dashboard;
  };
  /** A page on a watch of these probes, with what went wrong on it and what it asked of others. */
  const show = async (probes: readonly ProbeView[], view: View = {}, service = 'notes') => {
    const watch = watchOf(probes, service);
    const dashboard = await serve(watch.source);
    const page = await browser.newPage({
      viewport: { width: view.width ?? 1400, height: 900 },
      colorScheme: view.colorScheme ?? 'light',
      reducedMotion: view.reducedMotion ?? 'no-preference',
      timezoneId: 'Asia/Kolkata',
    });
    page.setDefaultTimeout(30_000);
    open.push(page);
    const errors: string[] = [];
    const outside: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${dashboard.url}/`)) outside.push(request.url());
    });
    await page.goto(dashboard.url + (view.path ?? '/'));
    await page.waitForSelector('.live.is-live');
    await page.waitForSelector(
      (view.path ?? '').includes('probe=') ? '.detail .pill, .detail .calm' : '.overview-page',
    );
    return { watch, dashboard, page, errors, outside };
  };

  test('each probe has its state, its last runs, its p95 and its next run', async () => {
    const { page, errors, outside } = await show(badDay());
    await page.waitForSelector('.probe');
    expect(await texts(page, '.probe h3')).toEqual(['api-write', 'api-search', 'ws-replay', 'login-flow', 'api-read']);
    expect(await texts(page, '.probe .pill')).toEqual(['breached', 'pending', 'recovering', 'waiting', 'ok']);
    expect(await texts(page, '.chip')).toEqual(['1 breached', '1 pending', '1 recovering', '1 waiting', '1 ok']);
    expect(await page.textContent('#headline')).toBe('api-write is breached.');
    expect(await page.title()).toBe('(1) notes (Plimsoll)');
    const write = page.locator('.probe', { hasText: 'api-write' });
    expect(await write.locator('.tick').count()).toBe(60);
    expect(await write.locator('.tick.is-fail').count()).toBe(6);
    expect(await write.locator('.because').textContent()).toMatch(/^fail: create answered 503/);
    expect(await write.locator('.running').count()).toBe(1);
    expect(await write.locator('.p95').textContent()).toBe('p95 9.80 ms');
    expect(await page.locator('.probe', { hasText: 'login-flow' }).textContent()).toMatch(
      /waiting for the first scheduled run, due at \w/,
    );
    expect([errors, outside]).toEqual([[], []]);
  });

  test('a verdict is told by the place of its tick too, and the load line is between good and bad', async () => {
    const { page } = await show(badDay());
    await page.waitForSelector('.tick.is-fail');
    const box = (outcome: string): Promise<readonly number[]> =>
      page.evaluate(
        `(() => { const s = getComputedStyle(document.querySelector('.tick.is-${outcome}'), '::before'); return [s.top, s.height].map(parseFloat) })()`,
      );
    const [pass = [], degraded = [], fail = []] = [await box('pass'), await box('degraded'), await box('fail')];
    const end = ([top = 0, height = 0]: readonly number[]): number => top + height;
    expect(end(pass)).toBeLessThan(20);
    expect(degraded[0]).toBeLessThan(20);
    expect(end(degraded)).toBeGreaterThan(20);
    expect(fail[0]).toBeGreaterThan(20);
  });

  test('times are in the zone of the viewer, and in UTC under the pointer', async () => {
    const { page } = await show([probeView('a', { since: null, nextSlot: '2031-01-01T20:00:00.000Z' })]);
    const time = page.locator('.probe .because time');
    expect(await time.textContent()).toMatch(/01:30:00/);
    expect(await time.getAttribute('title')).toBe('2031-01-01 20:00:00 UTC');
  });

  test('a change arrives without a reload and is said aloud once; what is being read stays open', async () => {
    const { page, watch } = await show(badDay());
    await page.evaluate('window.kept = 1');
    await page.locator('.failures summary').first().click();
    await page.waitForSelector('.failures .evidence');
    await page.evaluate(`window.said = []; new MutationObserver(() => window.said.push(document.querySelector('#headline').textContent))
      .observe(document.querySelector('#headline'), { childList: true, characterData: true, subtree: true })`);
    const failing = at(failingRun().run, 'api-read', slotAgo(0));
    const next = badDay().map(
      (probe): ProbeView =>
        probe.id === 'api-read'
          ? { ...probe, state: 'breached', since: slotAgo(0), runs: [...probe.runs.slice(1), failing] }
          : probe,
    );
    watch.change(next);
    await page.waitForSelector('.probe.is-breached:has-text("api-read")');
    watch.announce();
    await page.waitForTimeout(700);
    expect(await page.evaluate('window.said')).toEqual(['api-read and api-write are breached.']);
    expect(await page.locator('.probe', { hasText: 'api-read' }).locator('.tick').last().getAttribute('class')).toBe(
      'tick is-fail',
    );
    expect(await texts(page, '.failures .name')).toContain('api-read');
    expect(await page.locator('.failures details[open] .evidence').count()).toBe(1);
    expect(await page.evaluate('window.kept')).toBe(1);
  });

  test('a probe draws its latency over time, and the figures of the run under the pointer', async () => {
    const { page, errors, outside } = await show(badDay());
    await page.click('text=api-search');
    await page.waitForSelector('.chart canvas');
    expect(page.url()).toMatch(/\?probe=api-search$/);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('api-search');
    const inked = (colour: string): Promise<unknown> => page.evaluate(countPixels(colour));
    for (const colour of ['--firstByte', '--muted', '--accent', '--degraded'])
      expect(await inked(colour)).toBeGreaterThan(10);
    expect(await inked('--fail')).toBe(0);
    const figures = (): Promise<readonly string[]> => texts(page, '.u-legend .u-value');
    expect(await figures()).toEqual([expect.stringMatching(/\d\d:\d\d:00$/), '194 ms', '405 ms', 'degraded']);
    await page.locator('.u-over').hover({ position: { x: 5, y: 100 } });
    expect((await figures())[3]).toBe('pass');
    await page.locator('.u-over').click({ position: { x: 5, y: 100 } });
    await page.waitForSelector('#run:has-text("Run of")');
    expect(await texts(page, '.run .run-head .pill')).toEqual(['pass']);
    expect([errors, outside]).toEqual([[], []]);
  });

  test('the log scale draws too; a drag zooms in, which no later run undoes, and picks no run', async () => {
    const { page, errors, watch } = await show(badDay(), { path: '/?probe=api-write' });
    await page.waitForSelector('.chart canvas');
    const before = await page.evaluate(countPixels('--firstByte'));
    await page.check('#log');
    expect(await page.evaluate(countPixels('--firstByte'))).not.toBe(before);
    expect(await page.evaluate(countPixels('--firstByte'))).toBeGreaterThan(10);
    const marks = Number(await page.evaluate(countPixels('--fail')));
    expect(marks).toBeGreaterThan(10);
    const over = await page.locator('.u-over').boundingBox();
    const [x, y] = [over?.x ?? 0, (over?.y ?? 0) + 50];
    await page.mouse.move(x + 20, y);
    await page.mouse.down();
    await page.mouse.move(x + 220, y, { steps: 4 });
    await page.mouse.up();
    // The failures are at the other end.
    const zoomed = Number(await page.evaluate(countPixels('--fail')));
    expect(zoomed).toBeLessThan(marks / 3);
    expect(page.url()).toMatch(/\?probe=api-write$/);
    const later = badDay().map((probe) => ({
      ...probe,
      runs: [...probe.runs, at(failingRun().run, probe.id, slotAgo(0))],
    }));
    watch.change(later);
    await page.waitForSelector('.chart[aria-label*="over 61 runs"]');
    expect(await page.evaluate(countPixels('--fail'))).toBe(zoomed);
    await page.locator('.u-over').dblclick({ position: { x: 100, y: 50 } });
    expect(await page.evaluate(countPixels('--fail'))).toBeGreaterThan(zoomed);
    expect(errors).toEqual([]);
  });

  test('a probe shows its runs, thresholds, checks and the evidence of its failures', async () => {
    const { page } = await show(badDay(), { path: '/?probe=api-write' });
    await page.waitForSelector('.run .evidence');
    expect(await texts(page, '.run .message .line')).toEqual([
      'POST https://notes.example/api/v1/notes',
      '503, 84 B, from 127.0.0.1:8443',
    ]);
    expect(await texts(page, '.run [aria-label=Thresholds] tbody th')).toEqual(['failed<1%']);
    expect(await texts(page, '.run [aria-label=Checks] tbody th')).toEqual([
      'status equals 201',
      'header location exists',
    ]);
    expect(await page.locator('.runs tbody tr').count()).toBe(20);
    await page.click('text=Show 40 more');
    expect(await page.locator('.runs tbody tr').count()).toBe(60);
    await page.locator('.runs tbody tr:has(.pill.is-pass) a').first().click();
    await page.waitForSelector('#run:has-text("Run of")');
    expect(await texts(page, '.run .run-head .pill')).toEqual(['pass']);
    await page.goBack();
    await page.waitForSelector('#run:has-text("Latest run")');
  });

  test('a conversation shows its frames, the broken one marked', async () => {
    const { page } = await show(badDay(), { path: '/?probe=ws-replay' });
    await page.locator('.failures summary', { hasText: 'no frame matched' }).click();
    await page.waitForSelector('.failures .is-broken');
    expect(await texts(page, '.failures .is-broken th')).toEqual(['>4']);
  });

  test('the whole report of a run opens, under a policy of its own', async () => {
    const { page } = await show(badDay(), { path: '/?probe=api-write' });
    await page.waitForSelector('.run .actions a');
    const opened = page.waitForEvent('popup');
    await page.click('.run .actions a:has-text("Whole report")');
    const report = await opened;
    await report.waitForSelector('.waterfall');
    expect(await report.evaluate('getComputedStyle(document.querySelector(".card")).borderTopStyle')).toBe('solid');
    await report.close();
  });

  test('a probe that has not run says when it will, and an unknown one that it is none', async () => {
    const waiting = await show(badDay(), { path: '/?probe=login-flow' });
    expect(await waiting.page.textContent('.facts .calm')).toMatch(/^Waiting for the first scheduled run, due at /);
    expect(await waiting.page.locator('.chart canvas').count()).toBe(0);
    const page = waiting.page;
    await page.goto(`${waiting.dashboard.url}/?probe=nobody`);
    await page.waitForSelector('text=There is no such probe in the config.');
    await page.goto(waiting.dashboard.url);
    await page.waitForSelector('.probe');
    waiting.watch.change([]);
    await page.waitForSelector('text=Nothing is watched');
    expect(waiting.errors).toEqual([]);
  });

  test('the keyboard reaches every run: Tab goes to a strip, the arrows along it, Enter into a run', async () => {
    const { page } = await show(badDay());
    await page.waitForSelector('.tick');
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.className + "|" + document.activeElement.textContent');
    await page.focus('.probe h3 a');
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^tick is-fail/);
    await page.keyboard.press('Home');
    expect(await focused()).toMatch(/^tick is-pass/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowRight');
    expect(
      await page.evaluate('[...document.activeElement.parentElement.children].indexOf(document.activeElement)'),
    ).toBe(1);
    expect(await page.evaluate('document.activeElement.ariaLabel')).toMatch(/^pass, .*\d\d:\d\d:00, p95 [\d.]+ ms$/);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('|api-search');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#run:has-text("Run of")');
  });

  test('1,000 probes are a page of 25: few elements, found by text and by state, paged', async () => {
    const { page, watch } = await show(manyProbes(1000));
    await page.waitForSelector('.probe');
    const elements = (): Promise<number> => page.evaluate('document.querySelectorAll("*").length');
    expect(await elements()).toBeLessThan(3000);
    expect(await page.textContent('#headline')).toBe('50 of 1,000 probes are breached.');
    await page.fill('input[type=search]', '0999');
    await page.waitForSelector('text=1 of 1000 probes match.');
    expect(await texts(page, '.probe h3')).toEqual(['probe-0999']);
    await page.fill('input[type=search]', 'nothing like it');
    await page.waitForSelector('text=No probe matches.');
    await page.fill('input[type=search]', '');
    await page.click('.chip:has-text("ok")');
    await page.waitForSelector('text=950 of 1000 probes match.');
    expect(await page.locator('.probe:not(.is-ok)').count()).toBe(0);
    await page.click('text=Next →');
    await page.waitForSelector('text=Page 2 of 38');
    expect(page.url()).toMatch(/\?state=ok&page=2$/);
    watch.announce();
    await page.waitForTimeout(600);
    expect(await texts(page, '.pager b')).toEqual(['Page 2 of 38']);
    expect(await elements()).toBeLessThan(3000);
    await page.goBack();
    await page.goBack();
    await page.waitForSelector('text=50 of 1,000 probes are breached.');
  });

  test('few probes need no search', async () => {
    const { page } = await show(badDay());
    await page.waitForSelector('.probe');
    expect(await page.locator('input[type=search]').isVisible()).toBe(false);
  });

  test('it says when the watch is gone, keeps what it knew, and is live again when it is back', async () => {
    const { page, dashboard, watch } = await show(badDay());
    await page.waitForSelector('.probe');
    await dashboard.close();
    await page.waitForSelector('.live.is-reconnecting');
    expect(await page.textContent('#live')).toBe('reconnecting');
    expect(await page.locator('.probe').count()).toBe(5);
    watch.change([probeView('after', { runs: minutes(3, (slot) => goodRun('after', slot)) })]);
    await serve(watch.source, Number(new URL(dashboard.url).port));
    await page.waitForSelector('.live.is-live');
    await page.waitForSelector('.probe:has-text("after")');
    expect(await texts(page, '.probe h3')).toEqual(['after']);
  });

  test('a watch that cannot read its runs is told in a sentence', async () => {
    const watch = watchOf([]);
    const { url } = await serve({ ...watch.source, probes: () => Promise.reject(new Error('no disk')) });
    const page = await browser.newPage();
    open.push(page);
    await page.goto(url);
    await page.waitForSelector('text=the watch could not read its runs');
  });

  const views = [360, 768, 1400].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  test.each(['/', '/?probe=api-write', '/?probe=ws-replay', '/?probe=login-flow'])(
    '%s stands at 360, 768 and 1400 px, light and dark: nothing sticks out, all is legible, no error',
    async (path) => {
      const { page, errors, outside } = await show(badDay(), { path });
      if (path === '/') await page.locator('.failures summary').first().click();
      await page.waitForSelector(path === '/' ? '.evidence' : '.run .figures, .facts .calm');
      const grounds = new Set<unknown>();
      for (const { width, colorScheme } of views) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        const where = [path, width, colorScheme];
        // A chart follows its window when the browser gets to it.
        const widthOf = async () => [...where, await page.evaluate('document.documentElement.scrollWidth')];
        await expect.poll(widthOf).toEqual([...where, width]);
        const beyond = `[...document.querySelectorAll('main *, header *')].filter((e) => !e.closest('.scroll, svg, pre, .uplot') && e.getBoundingClientRect().right > ${width}).map((e) => e.outerHTML.slice(0, 80))`;
        await expect.poll(async () => [...where, await page.evaluate(beyond)]).toEqual([...where, []]);
        await expect.poll(() => page.evaluate(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
        grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      }
      expect(grounds.size).toBe(2);
      expect([errors, outside]).toEqual([[], []]);
    },
  );

  test('the chart follows the window and the colour scheme', async () => {
    const { page } = await show(badDay(), { path: '/?probe=api-read' });
    await page.waitForSelector('.chart canvas');
    const width = (): Promise<number> => page.locator('.chart canvas').evaluate((canvas) => canvas.clientWidth);
    const wide = await width();
    await page.setViewportSize({ width: 500, height: 900 });
    // The page's own policy forbids what `waitForFunction` does to look again.
    await expect.poll(width).toBeLessThan(wide / 2);
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(500);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => page.evaluate(countPixels('--firstByte'))).toBeGreaterThan(10);
  });

  test('nothing moves for who asked for less motion', async () => {
    const animation = async (view: View): Promise<unknown> => {
      const { page } = await show(badDay(), view);
      await page.waitForSelector('.running .lamp');
      return page.evaluate(`getComputedStyle(document.querySelector('.running .lamp')).animationName`);
    };
    expect(await animation({})).toBe('breathe');
    expect(await animation({ reducedMotion: 'reduce' })).toBe('none');
  });

  test('it can be read without seeing it: landmarks, headings, names', async () => {
    const { page } = await show(badDay(), { path: '/?probe=api-write' });
    await page.waitForSelector('.run .evidence');
    for (const landmark of ['body > header', 'main', 'body > footer', 'nav[aria-label]'])
      expect(await page.locator(landmark).count()).toBeGreaterThan(0);
    expect(await texts(page, 'h1')).toEqual(['notes']);
    expect(
      await page.evaluate(
        `document.querySelectorAll('a:not([aria-label]):empty, button:empty, input:not([aria-label]):not([id=log])').length`,
      ),
    ).toBe(0);
    expect(
      await page.evaluate(
        `document.querySelectorAll('main table:not(.u-legend):not(:has(thead th[scope=col]))').length`,
      ),
    ).toBe(0);
    expect(await page.getAttribute('.chart', 'aria-label')).toMatch(
      /^Latency of api-write over 60 runs from .* 6 failed$/,
    );
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
  });

  test.each(PAYLOADS)('%s in every field is nothing but text', async (payload) => {
    const { document } = poisoned(everything(), payload);
    const slots = document.runs.map((run, index) => ({ ...at(run, 'p', slotAgo(10 - index)), probe: payload }));
    const probe = probeView(payload, { description: payload, schedule: payload, state: 'breached', runs: slots });
    const path = `/?${new URLSearchParams({ probe: payload })}`;
    for (const view of [{ path: '/' }, { path }]) {
      const { page, errors, outside } = await show([probe], { ...view, width: 390 }, payload);
      // They come a moment after the page; of a list that is empty yet nothing would be opened.
      await page.waitForSelector('.failures summary');
      for (const summary of await page.locator('.failures summary').all()) await summary.click();
      await page.waitForSelector('.evidence');
      await page.evaluate(
        `document.querySelectorAll('*').forEach((e) => e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))`,
      );
      expect(await page.evaluate('window.pwned')).toBeUndefined();
      expect(
        await page.evaluate(
          `document.querySelectorAll('body script, img, iframe, object, [onerror], [onload], [onmouseover], a[href^="javascript" i]').length`,
        ),
      ).toBe(0);
      expect(await page.textContent('h1')).toBe(payload);
      expect(await page.textContent(view.path === '/' ? '.probe h3' : '.probe-name')).toBe(payload);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect([errors, outside]).toEqual([[], []]);
    }
  });

  test('these watches can bite: a planted script, style and picture are refused and seen', async () => {
    const { page, errors, outside } = await show(badDay());
    await page.evaluate(`(() => {
      const script = document.createElement('script'); script.textContent = 'window.pwned = 1'; document.body.append(script);
      const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image);
      const faint = document.createElement('p'); faint.textContent = 'faint'; faint.style.color = '#ddd'; document.body.append(faint);
    })()`);
    await expect.poll(() => errors.length).toBeGreaterThanOrEqual(2);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(outside.every((one) => one.startsWith('http://127.0.0.1:9/'))).toBe(true);
    expect(await page.evaluate(LOWEST_CONTRAST)).toBeLessThan(4.5);
  });
});

/** A script for the page: how many pixels of the chart have a colour of the style sheet. */
function countPixels(name: string): string {
  return `(() => {
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('${name}');
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const canvas = document.querySelector('.chart canvas');
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const ink = copy.getContext('2d', { willReadFrequently: true });
    ink.drawImage(canvas, 0, 0);
    const { data } = ink.getImageData(0, 0, copy.width, copy.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30) count += 1;
    return count;
  })()`;
}
