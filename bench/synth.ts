import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Limit } from './bench.ts';
import { rankOf } from './rank.ts';
import { renderTable } from './table.ts';

const root = join(import.meta.dirname, '..');

/** Issue 5: `npx cdk synth` with 10,000 probes. */
const atMostMs = 10_000;
const rounds = 3;

type Size = { readonly name: string; readonly probes: number; readonly crons: number };

const sizes: readonly Size[] = [
  { name: '1 probe', probes: 1, crons: 1 },
  { name: '100 probes', probes: 100, crons: 1 },
  { name: '10,000 probes', probes: 10_000, crons: 1 },
  { name: '10,000 probes of 300 crons', probes: 10_000, crons: 300 },
];

/** A module, for a config of 10,000 probes written out is larger than one may be. */
const configOf = ({ probes, crons }: Size): string => `const steps = [
  { name: 'list', request: { url: 'https://notes.example/api/v1/notes' }, expect: { status: 200, json: { '$.items': { minLength: 1 } } } },
];
const schedule = (index) => ${crons === 1 ? "({ every: '1m' })" : `({ cron: \`\${index % ${crons} % 60} \${Math.floor((index % ${crons}) / 60)} * * *\` })`};
export default {
  service: 'bench',
  probes: Array.from({ length: ${probes} }, (_, index) => ({ id: \`probe-\${index}\`, kind: 'http', schedule: schedule(index), steps })),
};
`;

type Synthesised = { readonly wallMs: number; readonly resources: number };

/** The whole command, the build of the functions with it. */
const synth = async (folder: string): Promise<Synthesised> => {
  const out = join(folder, 'out');
  const args = ['cdk', 'synth', '--quiet', '--output', out, '--context', `config=${join(folder, 'bench.config.ts')}`];
  const start = performance.now();
  const child = spawn('npx', args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const complained: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`cdk synth ended with ${code}: ${complained.join('').trim()}`);
  const wallMs = performance.now() - start;
  const template: { readonly Resources: object } = JSON.parse(
    await readFile(join(out, 'plimsoll-bench.template.json'), 'utf8'),
  );
  return { wallMs, resources: Object.keys(template.Resources).length };
};

const measure = async (size: Size) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-synth-'));
  try {
    await writeFile(join(folder, 'bench.config.ts'), configOf(size));
    const runs: Synthesised[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await synth(folder));
    const walls = runs.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b);
    return { name: size.name, resources: runs[0]?.resources ?? 0, medianMs: rankOf(walls, 50), walls };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** What `npx cdk synth` takes from a clone, and how many resources come of it. */
export const benchSynth: Bench = async (tell) => {
  const figures: Awaited<ReturnType<typeof measure>>[] = [];
  for (const size of sizes) {
    tell(`${rounds} times npx cdk synth, ${size.name}`);
    figures.push(await measure(size));
  }
  const counts = figures.map(({ resources }) => resources);
  const limits: readonly Limit[] = [
    ...figures.slice(2).map(
      ({ name, medianMs }): Limit => ({
        what: `cdk synth of ${name}, median`,
        actual: medianMs,
        atMost: atMostMs,
        unit: 'ms',
      }),
    ),
    { what: 'resources of the largest stack', actual: Math.max(...counts), atMost: 69, unit: '' },
    {
      what: 'resources more than those of one probe',
      actual: Math.max(...counts) - Math.min(...counts),
      atMost: 0,
      unit: '',
    },
  ];
  const rows = figures.map(({ name, resources, medianMs }) => [name, resources, Math.round(medianMs)]);
  return { limits, text: renderTable([['stack', 'resources', 'cdk synth, ms'], ...rows]), figures };
};
