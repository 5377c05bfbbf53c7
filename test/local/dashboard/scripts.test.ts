import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'lib/local/dashboard/browser');

/** What the compiler says of the plain JavaScript of a folder, which it reads by its JSDoc. */
const typecheck = (project: string): Promise<string> =>
  promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '--project', project]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );

/** Ways by which a text becomes markup or code. */
const MARKUP =
  /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|parseFromString|\beval\b|new Function/;

describe('the scripts of the dashboard', () => {
  it('are typed against what the server sends, and the compiler says no to a wrong name', async () => {
    expect(await typecheck(folder)).toBe('');
    const house = await mkdtemp(join(tmpdir(), 'plimsoll-scripts-'));
    try {
      const config = { extends: join(folder, 'tsconfig.json'), include: ['*.js'] };
      await writeFile(join(house, 'tsconfig.json'), JSON.stringify(config));
      const type = `import('${join(root, 'lib/local/dashboard/view/state.ts')}').ProbeRow`;
      await writeFile(
        join(house, 'planted.js'),
        `/** @param {${type}} row */\nexport const read = (row) => row.p59;\n`,
      );
      expect(await typecheck(house)).toMatch(/'p59' does not exist/);
    } finally {
      await rm(house, { recursive: true });
    }
  });

  it('never make markup of a text', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect([name, MARKUP.exec(await readFile(join(folder, name), 'utf8'))]).toEqual([name, null]);
    expect('row.innerHTML = probe.id').toMatch(MARKUP);
  });
});
