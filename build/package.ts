// `npm pack` runs this: Node refuses to strip types under node_modules, so what is published is JavaScript.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const outdir = join(root, 'dist');

rmSync(outdir, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: ['bin/plimsoll.ts', 'lib/index.ts'],
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
