import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { STYLE as REPORT_STYLE } from '../../report/html/style.ts';
import { STYLE } from './style.ts';

export type Asset = { readonly type: string; readonly body: string };

/** The load line of a hull, for the tab. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#3b82c4" stroke-width="3"><circle cx="16" cy="16" r="10"/><path d="M1 16h30"/></svg>';

/**
 * Everything under `/assets/`, by file name, read once: what is not in this map cannot be asked for.
 *
 * @throws Error when the package is not whole.
 */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const require = createRequire(import.meta.url);
  const folder = browserFolder(dirname(require.resolve('plimsoll/package.json')));
  const scripts = (await readdir(folder)).filter((name) => extname(name) === '.js');
  const script = async (file: string): Promise<Asset> => ({
    type: 'text/javascript',
    body: await readFile(file, 'utf8'),
  });
  const modules = scripts.map(async (name) => [name, await script(join(folder, name))] as const);
  const chart = await script(require.resolve('uplot/dist/uPlot.esm.js'));
  const chartStyle = await readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  return new Map([
    ...(await Promise.all(modules)),
    ['uplot.js', chart],
    ['style.css', { type: 'text/css', body: `${chartStyle}\n${REPORT_STYLE}\n${STYLE}` }],
    ['icon.svg', { type: 'image/svg+xml', body: ICON }],
  ]);
}

/** In a clone the scripts themselves, which are newer than any copy; in the package what build/package.ts copied. */
function browserFolder(root: string): string {
  const source = join(root, 'lib/local/dashboard/browser');
  return existsSync(source) ? source : join(root, 'dist/browser');
}
