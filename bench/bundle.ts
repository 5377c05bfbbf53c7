import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { budgets } from '../build/functions/budget.ts';
import { type BundleFile, bytesOf, type FunctionBundle, staticOf } from '../build/functions/bundle.ts';
import { buildFunctions } from '../build/functions.ts';
import type { Bench, Limit } from './bench.ts';
import { askChild } from './child.ts';
import { findForbidden, weighPackages } from './probe-bundle.ts';
import { rankOf } from './rank.ts';
import { renderTable } from './table.ts';

const rounds = 11;
const largest = 12;

type Weighed = {
  readonly name: string;
  readonly files: readonly BundleFile[];
  readonly loadMs: number;
  /** Of the probe: evaluated when its first request reaches a target, by the process itself. */
  readonly beforeFirstSample?: readonly BundleFile[];
};

const loadMs = async (index: string): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(((await askChild('load-function.ts', [index])) as { loadMs: number }).loadMs);
  }
  return rankOf(
    times.toSorted((a, b) => a - b),
    50,
  );
};

const beforeFirstSample = async (index: string, files: readonly BundleFile[]): Promise<readonly BundleFile[]> => {
  const answer = (await askChild('first-sample.ts', [index])) as { readonly files: readonly string[] };
  const evaluated = new Set(answer.files);
  return files.filter(({ file }) => evaluated.has(file));
};

const weigh = async ({ name, files }: FunctionBundle, outdir: string): Promise<Weighed> => {
  const index = join(outdir, name, 'index.js');
  const first = name === 'probe' ? { beforeFirstSample: await beforeFirstSample(index, files) } : {};
  return { name, files, loadMs: await loadMs(index), ...first };
};

const limitsOf = ({ name, files, beforeFirstSample: first }: Weighed): readonly Limit[] => {
  const budget = budgets[name] ?? { total: 0, atStart: 0 };
  const start = first ? 'evaluated before the first sample' : 'evaluated at the start';
  return [
    { what: `${name}: whole, with its SDK clients`, actual: bytesOf(files), atMost: budget.total, unit: 'B' },
    { what: `${name}: ${start}`, actual: bytesOf(first ?? staticOf(files)), atMost: budget.atStart, unit: 'B' },
  ];
};

const render = (weighed: readonly Weighed[]): readonly string[] => {
  const probe = weighed.find(({ beforeFirstSample: first }) => first !== undefined);
  return [
    ...renderTable([
      ['function', 'files', 'bytes', 'at its start', 'loads in ms'],
      ...weighed.map(({ name, files, loadMs }) => [
        name,
        files.length,
        bytesOf(files),
        bytesOf(staticOf(files)),
        Math.round(loadMs),
      ]),
    ]),
    '',
    ...renderTable([['probe: largest parts', 'bytes'], ...weighPackages(probe?.files ?? []).slice(0, largest)]),
    '',
    ...renderTable([['before the first sample', 'bytes'], ...weighPackages(probe?.beforeFirstSample ?? [])]),
  ];
};

/** Each function as it is deployed: its size, how long it takes to load, and what is evaluated before the first sample. */
export const benchBundle: Bench = async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'plimsoll-functions-'));
  try {
    const weighed: Weighed[] = [];
    for (const bundle of await buildFunctions(outdir)) weighed.push(await weigh(bundle, outdir));
    const forbidden = weighed.flatMap(({ name, files }) => findForbidden(files).map((found) => `${name}: ${found}`));
    return {
      limits: [
        ...weighed.flatMap(limitsOf),
        { what: 'parts that no Lambda may carry', actual: forbidden.length, atMost: 0, unit: '' },
      ],
      text: [...render(weighed), ...forbidden],
      figures: {
        functions: weighed.map(({ name, files, loadMs, beforeFirstSample: first }) => ({
          name,
          bytes: bytesOf(files),
          bytesAtStart: bytesOf(staticOf(files)),
          loadMs,
          ...(first ? { bytesBeforeFirstSample: bytesOf(first) } : {}),
        })),
        forbidden,
      },
    };
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
};
