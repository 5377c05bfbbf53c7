import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { RunDocument } from '../lib/result/result.ts';
import type { Bench, Limit } from './bench.ts';
import { startTarget } from './child.ts';
import { rankOf } from './rank.ts';
import { renderTable } from './table.ts';

const root = join(import.meta.dirname, '..');

/** DESIGN.md, "Measures that hold everywhere". */
const atMostMs = 500;
const rounds = 20;

type Variant = { readonly name: string; readonly entry: string };
type Ended = { readonly wallMs: number; readonly stdout: string };

/** One whole process, from before it is started until its output has ended. */
const runNode = async (args: readonly string[], cwd: string): Promise<Ended> => {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}: ${complained.join('').trim()}`);
  return { wallMs: performance.now() - start, stdout: said.join('') };
};

/** Process time without the run itself: what is left is our own. */
const measureOwn = async ({ entry }: Variant, folder: string): Promise<number> => {
  const args = [entry, 'run', '--config', 'config.json', '--data', 'data', '--json'];
  const { wallMs, stdout } = await runNode(args, folder);
  const document: RunDocument = JSON.parse(stdout);
  const [run] = document.runs;
  if (document.verdict !== 'pass' || !run) throw new Error(`the run did not pass: ${stdout}`);
  return wallMs - run.durationMs;
};

/** JavaScript as `npm pack` ships it: under the project's folder, where its dependencies are found. */
const buildPackage = async (outdir: string): Promise<string> => {
  await build({
    absWorkingDir: root,
    entryPoints: ['bin/plimsoll.ts'],
    outdir,
    bundle: true,
    packages: 'external',
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  });
  return join(outdir, 'plimsoll.js');
};

const writeConfig = (folder: string, url: string): Promise<void> => {
  const steps = [{ name: 'get', request: { url }, expect: { status: 200 } }];
  const config = { service: 'startup', probes: [{ id: 'get', kind: 'http', samples: 2, steps }] };
  return writeFile(join(folder, 'config.json'), JSON.stringify(config));
};

type Measured = { readonly bareMs: readonly number[]; readonly ownMs: ReadonlyMap<string, readonly number[]> };

const measureAll = async (variants: readonly Variant[], folder: string): Promise<Measured> => {
  const bareMs: number[] = [];
  const ownMs = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  // The first round fills the disk's cache, and makes the store.
  for (let round = 0; round <= rounds; round++) {
    const { wallMs } = await runNode(['-e', '0'], folder);
    if (round > 0) bareMs.push(wallMs);
    for (const variant of variants) {
      const own = await measureOwn(variant, folder);
      if (round > 0) ownMs.get(variant.name)?.push(own);
    }
  }
  return { bareMs, ownMs };
};

const summarize = ({ bareMs, ownMs }: Measured) => {
  const rank = (values: readonly number[], p: number) =>
    rankOf(
      values.toSorted((a, b) => a - b),
      p,
    );
  // Pair by pair: what slowed the machine for a while slowed both.
  const over = (own: readonly number[]) => own.map((ms, index) => ms - (bareMs[index] ?? Number.NaN));
  return {
    bareMedianMs: rank(bareMs, 50),
    variants: [...ownMs].map(([name, own]) => ({
      name,
      runs: own.length,
      medianMs: rank(over(own), 50),
      fastestMs: rank(over(own), 0),
      p95Ms: rank(over(own), 95),
    })),
  };
};

/** What `plimsoll run` of one probe costs beside the measurement itself, over `node -e 0`. */
export const benchStartup: Bench = async (tell) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-startup-'));
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const outdir = await mkdtemp(join(cache, 'plimsoll-startup-'));
  const target = await startTarget();
  try {
    await writeConfig(folder, `${target.url}/0`);
    const variants: readonly Variant[] = [
      { name: 'from a clone', entry: join(root, 'bin', 'plimsoll.mjs') },
      { name: 'as published', entry: await buildPackage(outdir) },
    ];
    tell(`${rounds} rounds of node -e 0 and plimsoll run, ${variants.map(({ name }) => name).join(' and ')}`);
    const figures = summarize(await measureAll(variants, folder));
    return {
      limits: figures.variants.map(
        ({ name, medianMs }): Limit => ({
          what: `own time of a run ${name}, median`,
          actual: medianMs,
          atMost: atMostMs,
          unit: 'ms',
        }),
      ),
      text: [
        `over node -e 0 (median ${figures.bareMedianMs.toFixed(0)} ms), without the run itself, in ms:`,
        '',
        ...renderTable([
          ['plimsoll run', 'runs', 'median', 'fastest', 'p95'],
          ...figures.variants.map((one) => [
            one.name,
            one.runs,
            ...[one.medianMs, one.fastestMs, one.p95Ms].map(Math.round),
          ]),
        ]),
      ],
      figures,
    };
  } finally {
    await target.stop();
    await Promise.all([folder, outdir].map((one) => rm(one, { recursive: true, force: true })));
  }
};
