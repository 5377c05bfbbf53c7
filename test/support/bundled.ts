import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../build/functions/bundle.ts';
import { type LeftOut, leftOut } from '../../build/functions/slim/left-out.ts';

const root = join(import.meta.dirname, '../..');
const entry = 'test/fixtures/functions/doors.ts';

export type Doors = typeof import('../fixtures/functions/doors.ts');

/** What the functions reach AWS through, from a bundle as a function's; more may be left out of it than is of theirs. */
export const loadBundledDoors = async (
  more: LeftOut = {},
): Promise<{ readonly doors: Doors; close(): Promise<void> }> => {
  const { functions } = await bundleFunctions(root, { doors: entry }, { ...leftOut, ...more });
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-doors-'));
  const files = [{ file: 'package.json', text: '{"type":"commonjs"}' }, ...(functions[0]?.files ?? [])];
  await Promise.all(files.map(({ file, text }) => writeFile(join(folder, file), text)));
  const doors = createRequire(import.meta.url)(join(folder, 'index.js')) as Doors;
  return { doors, close: () => rm(folder, { recursive: true, force: true }) };
};
