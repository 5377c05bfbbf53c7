import { describe, expect, it } from 'vitest';
import { renderBacktestHtml } from '../../lib/report/backtest/html.ts';
import { renderBacktestJson } from '../../lib/report/backtest/json.ts';
import { renderBacktestText } from '../../lib/report/backtest/text.ts';
import { makeBacktest } from '../support/backtests.ts';

const textOf = (width = 100, colour = false): string => renderBacktestText(makeBacktest(), { colour, width });

describe('a backtest on a terminal', () => {
  it('tells what was read, the strip, every alert, the incidents, the change and what was left out', () => {
    const text = textOf();
    expect(text).toContain('history.csv: 958 points, 2026-01-05 00:00 to 2026-02-15 23:00 UTC (41d 23h)\n');
    expect(text).toContain('slo of p(95)<300: over 300, as a page; judges from 2026-01-05 02:00 on');
    expect(text).toMatch(/2026-W05 {2}[▁-█ ]*△[▁-█ ]* {2}1 ticket\n/);
    expect(text).toMatch(/2026-W06 {2}[▁-█ ]*▲[▁-█ ]* {2}1 page\n/);
    expect(text).toMatch(/▲ 2026-02-07 08:00 {2}6h {8}slo {9}p\(95\)<300: \d+ is over 300\n/);
    expect(text).toContain(
      '1 of 3 incidents found, half of them within 2h; 1 missed; 1 while an alert was open already;',
    );
    expect(text).toContain('✓ 2026-01-29 22:00  slow disk    found after 2h by a ticket of slo');
    expect(text).toContain('! 2026-02-07 10:00  already on   already open for 2h, by a page of slo');
    expect(text).toContain('– 2026-08-01 08:00  after        outside the history');
    expect(text).toMatch(/with objective=history\.csv: 2 pages and 0 tickets; 0 gained, 1 lost, 0 moved, 2 the same/);
    expect(text).toContain('1,200 rows: no usable value (a number of 0 and up); the first on line 17: "history.csv"');
  });

  it('draws no mountains of what hardly moves', () => {
    const flat = Array.from({ length: 200 }, (_, hour) => {
      const value = 200 + (hour % 2);
      return { atMs: Date.UTC(2026, 0, 5) + hour * 3_600_000, min: value, max: value, sum: value, count: 1 };
    });
    const text = renderBacktestText({ ...makeBacktest(), trace: flat }, { colour: false, width: 100 });
    expect(text.split('value ▁')[0]).not.toMatch(/[▃-█]/);
  });

  it.each([60, 80, 100, 200])('fits %i columns', (width) => {
    for (const line of textOf(width).split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('marks by shape, and by colour where there is one', () => {
    expect(textOf()).not.toContain('\u001b');
    expect(textOf(100, true)).toContain('\u001b[31m▲');
  });
});

describe('a backtest as JSON', () => {
  it('has pages apart from tickets, with times in ISO, and the totals of all weeks', () => {
    const document = JSON.parse(renderBacktestJson(makeBacktest()));
    expect(Object.keys(document)).toEqual([
      'schema',
      'tool',
      'source',
      'points',
      'from',
      'to',
      'rules',
      'pages',
      'tickets',
      'counts',
      'skipped',
      'incidents',
      'diff',
    ]);
    expect(document.pages.at(-1)).toEqual({
      at: '2026-02-07T08:00:00.000Z',
      until: '2026-02-07T14:00:00.000Z',
      rule: 'slo',
      subject: 'p(95)<300',
      severity: 'page',
      reason: expect.any(String),
      evidence: { value: expect.any(Number) },
    });
    expect(document.counts).toMatchObject({ total: 3, pages: 2, tickets: 1 });
    expect(document.counts.perWeek).toHaveLength(6);
    expect(document.incidents).toMatchObject({ found: 1, missed: 1, alreadyOpen: 1, outside: 1, falseAlerts: 1 });
    expect(document.diff).toMatchObject({ gained: [], lost: [{ severity: 'ticket' }], moved: [], same: 2 });
  });
});

describe('a backtest as a page', () => {
  it('is one file: no script, no address to load from, and a policy that allows neither', () => {
    const whole = renderBacktestHtml(makeBacktest());
    // The mark in the browser's tab is in the page itself.
    const page = whole.replace(/<link rel="icon" href="data:image\/svg\+xml,[^"]+">/, '');
    expect(page).not.toBe(whole);
    expect(page).not.toMatch(/<script|<link|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
    expect(page).toMatch(
      /content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; img-src data:; base-uri/,
    );
  });

  it('draws each alert and each incident of the history as a span, and breaks its line at a gap', () => {
    const page = renderBacktestHtml(makeBacktest());
    expect(page.match(/class="bt-wash is-page"/g)).toHaveLength(2);
    expect(page.match(/class="bt-wash is-ticket"/g)).toHaveLength(1);
    expect(page.match(/class="bt-mark is-incident/g)?.length).toBe(4);
    const mean = /class="bt-mean" d="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(mean.match(/M/g)).toHaveLength(2);
    expect(page).toMatch(/\d peaks beyond the top, up to [78]\d\d\d</);
  });
});
