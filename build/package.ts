// `npm pack` runs this: Node refuses to strip types under node_modules, so what is published is JavaScript.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { buildFunctions } from './functions.ts';

const root = join(import.meta.dirname, '..');
const outdir = join(root, 'dist');

rmSync(outdir, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: ['bin/plimsoll.ts', 'lib/index.ts', 'lib/stack/index.ts'],
  outbase: '.',
  outdir,
  bundle: true,
  // Dependencies stay what npm installs; what is loaded lazily stays lazy.
  packages: 'external',
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
});

// What a stack deploys: as it is, for the stack refers to it by path.
await buildFunctions(join(outdir, 'functions'));
rmSync(join(outdir, 'functions/meta.json'));

// Browsers read the scripts of the dashboard as they are: lib/local/dashboard/assets.ts finds them here.
const scripts = join(root, 'lib/local/dashboard/browser');
cpSync(scripts, join(outdir, 'browser'), {
  recursive: true,
  filter: (path) => path === scripts || extname(path) === '.js',
});

const declarations = [
  '--noEmit',
  'false',
  '--emitDeclarationOnly',
  '--declaration',
  '--outDir',
  outdir,
  '--rootDir',
  root,
];
execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', join(root, 'build/tsconfig.json'), ...declarations], {
  stdio: 'inherit',
});
