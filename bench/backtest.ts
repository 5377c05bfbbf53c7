import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { rankOf } from './rank.ts';
import { renderTable } from './table.ts';

const root = join(import.meta.dirname, '..');

/** Issue 4: a million points in under 10 s, whole. */
const points = 1_000_000;
const atMostMs = 10_000;
/** Of a history of any length. */
const atMostBytes = 500_000_000;
const rounds = 3;

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

/** Two years of minutes: a daily season, noise (the same each time), and a regression of a week now and then. */
const valueAt = (index: number): number => {
  const season = 1 + 0.2 * Math.sin((2 * Math.PI * (index * minuteMs)) / dayMs);
  const noise = 0.1 * (((Math.imul(index, 2654435761) >>> 8) % 1000) / 1000 - 0.5);
  const slow = index % 150_000 > 140_000 ? 1.4 : 1;
  return 200 * season * slow * (1 + noise);
};

const writeHistory = async (file: string, count: number): Promise<void> => {
  const out = createWriteStream(file);
  out.write('time,value\n');
  const part = 10_000;
  for (let from = 0; from < count; from += part) {
    const rows = Array.from({ length: Math.min(part, count - from) }, (_, row) => {
      const at = new Date(Date.UTC(2024, 0, 1) + (from + row) * minuteMs).toISOString();
      return `${at},${valueAt(from + row).toFixed(2)}\n`;
    });
    if (!out.write(rows.join(''))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
};

type Measured = { readonly wallMs: number; readonly peakBytes: number; readonly alerts: number };

/** One whole command: from before it is started until its output has ended. */
const measure = async (folder: string, file: string, args: readonly string[]): Promise<Measured> => {
  const peak = join(folder, 'peak');
  const preload = join(import.meta.dirname, 'child', 'peak.ts');
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', preload, join(root, 'bin', 'plimsoll.ts'), 'backtest', '--csv', file, '--json', ...args],
    { cwd: folder, env: { ...process.env, BENCH_PEAK: peak }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`plimsoll backtest ended with ${code}`);
  const wallMs = performance.now() - start;
  const document = JSON.parse(said.join(''));
  if (document.points !== points) throw new Error(`it judged ${document.points} points of ${points}`);
  return { wallMs, peakBytes: Number(await readFile(peak, 'utf8')), alerts: document.counts.total };
};

const variants: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'regression, with the picture', args: ['--html', 'backtest.html'] },
  { name: 'an error budget', args: ['--rule', 'slo', '--objective', 'p(95)<300'] },
];

const summarize = (name: string, measured: readonly Measured[]) => {
  const rank = (of: (one: Measured) => number, p: number) =>
    rankOf(
      measured.map(of).toSorted((a, b) => a - b),
      p,
    );
  return {
    name,
    medianMs: rank(({ wallMs }) => wallMs, 50),
    fastestMs: rank(({ wallMs }) => wallMs, 0),
    peakBytes: rank(({ peakBytes }) => peakBytes, 100),
    alerts: measured[0]?.alerts ?? 0,
  };
};

/** `plimsoll backtest --csv` over a million points, whole: reading, judging, and drawing. */
export const benchBacktest: Bench = async (tell) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-backtest-'));
  try {
    const file = join(folder, 'history.csv');
    await writeHistory(file, points);
    tell(`${rounds} rounds over ${points} points, ${variants.map(({ name }) => name).join(' and ')}`);
    const figures: ReturnType<typeof summarize>[] = [];
    for (const { name, args } of variants) {
      const measured: Measured[] = [];
      for (let round = 0; round < rounds; round += 1) measured.push(await measure(folder, file, args));
      figures.push(summarize(name, measured));
    }
    return {
      limits: figures.flatMap(({ name, medianMs, peakBytes }) => [
        { what: `a million points, ${name}, median`, actual: medianMs, atMost: atMostMs, unit: 'ms' as const },
        { what: `peak memory, ${name}`, actual: peakBytes, atMost: atMostBytes, unit: 'B' as const },
      ]),
      text: renderTable([
        ['plimsoll backtest', 'median ms', 'fastest ms', 'points a second', 'peak MB', 'alerts'],
        ...figures.map((one) => [
          one.name,
          Math.round(one.medianMs),
          Math.round(one.fastestMs),
          Math.round(points / (one.medianMs / 1000)),
          Math.round(one.peakBytes / 1e6),
          one.alerts,
        ]),
      ]),
      figures,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
