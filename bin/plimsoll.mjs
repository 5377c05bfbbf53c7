#!/usr/bin/env node
// Starts Plimsoll on Node 24: this process's own if it is one, else the one in the project's node_modules. Plain
// JavaScript without a build, so that `npx plimsoll` works in a fresh clone and on a machine whose own Node is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist', 'bin', 'plimsoll.js');
const source = join(root, 'bin', 'plimsoll.ts');
// A clone has both after a pack, and its source is the newer.
const entry = existsSync(source) ? source : built;

const findNode = (folder) => {
  try {
    return join(dirname(createRequire(join(folder, 'package.json')).resolve('node/package.json')), 'bin', 'node');
  } catch {
    return undefined;
  }
};

const major = (version) => Number(version.split('.')[0]);

if (major(process.versions.node) >= wanted) {
  // What was compiled once is kept for the next start: measured, it takes a third off a run from a clone.
  module.enableCompileCache();
  await import(entry);
} else {
  const node = [process.cwd(), root].map(findNode).find((path) => path && existsSync(path));
  if (node) {
    const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
    // A terminal sends Ctrl-C to the child too, and a second one would cut its clean-up short.
    process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal ? 130 : 1);
    });
  } else {
    process.stderr.write(
      `plimsoll: needs Node ${wanted} or newer, and this is ${process.versions.node}: install it, or add node@${wanted} to the project's devDependencies\n`,
    );
    process.exitCode = 2;
  }
}
