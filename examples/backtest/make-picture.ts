// Draws docs/backtest-{light,dark}.png for the README: the page of `plimsoll backtest` over history.csv, as Chromium shows it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-picture-'));
const page = join(folder, 'backtest.html');
const history = ['--csv', 'examples/backtest/history.csv', '--incidents', 'examples/backtest/incidents.csv'];
execFileSync(process.execPath, ['bin/plimsoll.ts', 'backtest', ...history, '--html', page], { cwd: root });
mkdirSync(join(root, 'docs'), { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const tab = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 690 } });
    await tab.goto(pathToFileURL(page).href);
    await tab.screenshot({ path: join(root, 'docs', `backtest-${colorScheme}.png`) });
    await tab.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
