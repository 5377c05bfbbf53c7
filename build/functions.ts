// `node build/functions.ts [FOLDER]` bundles all functions into dist/functions or that folder, for the stack. CDK does not bundle: it would do so at
// every synth, one function after another.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderTable } from '../bench/table.ts';
import { overBudget } from './functions/budget.ts';
import { bundleFunctions, bytesOf, type FunctionBundle, staticOf } from './functions/bundle.ts';

const root = join(import.meta.dirname, '..');

/** Source files by name. */
export const functionEntries = {
  dispatch: 'functions/dispatch.ts',
  drill: 'functions/drill.ts',
  judge: 'functions/judge.ts',
  page: 'functions/page.ts',
  probe: 'functions/probe.ts',
  restart: 'functions/restart.ts',
} as const;

const readOr = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

/** Two builds at once write the same: a file that is right is not touched, and no half of one is ever seen. */
const writeWhole = async (path: string, text: string): Promise<void> => {
  if ((await readOr(path)) === text) return;
  // Beside the folder, where nobody takes it for a part of the function.
  const half = `${dirname(path)}.${randomUUID()}`;
  await writeFile(half, text);
  await rename(half, path);
};

/** The nearest package.json says what a .js is: one of ours further up would make modules of them. */
const commonJs = { file: 'package.json', text: '{"type":"commonjs"}\n' };

const writeFunction = async (outdir: string, { name, files }: FunctionBundle): Promise<void> => {
  const folder = join(outdir, name);
  await mkdir(folder, { recursive: true });
  const wanted = [commonJs, ...files];
  await Promise.all(wanted.map(({ file, text }) => writeWhole(join(folder, file), text)));
  const known = new Set(wanted.map(({ file }) => file));
  const stale = (await readdir(folder)).filter((file) => !known.has(file));
  await Promise.all(stale.map((file) => rm(join(folder, file), { recursive: true, force: true })));
};

/**
 * Bundles the functions, each into a folder of its own with an `index.js` that exports `handler`, and beside them esbuild's
 * metafile. The same sources give the same bytes.
 * @throws Error when a function is over its size budget; the files are there all the same, to be looked at.
 */
export const buildFunctions = async (outdir = join(root, 'dist/functions')): Promise<readonly FunctionBundle[]> => {
  const { functions, metafile } = await bundleFunctions(root, functionEntries);
  for (const bundle of functions) await writeFunction(outdir, bundle);
  await writeWhole(join(outdir, 'meta.json'), JSON.stringify(metafile));
  const problems = functions.flatMap((bundle) => overBudget(bundle));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return functions;
};

if (import.meta.main) {
  try {
    const functions = await buildFunctions(process.argv[2]);
    const rows = functions.map(({ name, files }) => [name, files.length, bytesOf(files), bytesOf(staticOf(files))]);
    process.stdout.write(`${renderTable([['function', 'files', 'bytes', 'at start'], ...rows]).join('\n')}\n`);
  } catch (error) {
    process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
