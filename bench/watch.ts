import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { firesBetween } from '../lib/config/schedule.ts';
import { startOffsetMs } from '../lib/config/spread.ts';
import { openSqliteStore } from '../lib/local/sqlite.ts';
import type { Run } from '../lib/result/result.ts';
import type { Bench, Limit } from './bench.ts';
import type { ProcessReport } from './child/process-watch.ts';

const probes = 1000;
const servers = 4;
const everyMs = 60_000;
const schedule = { kind: 'every', everyMs } as const;

/** Five, or what the environment says: a shorter one shows less of the memory. */
const minutes = Number(process.env.BENCH_WATCH_MINUTES ?? 5);

const root = join(import.meta.dirname, '..');
const idOf = (n: number): string => `probe-${n}`;

const startServer = async (): Promise<Server> => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end('{"ok":true}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const configOf = (ports: readonly number[]) => ({
  service: 'bench',
  probes: Array.from({ length: probes }, (_, n) => ({
    id: idOf(n),
    kind: 'http',
    schedule: { every: '1m' },
    samples: 1,
    steps: [
      {
        name: 'get',
        request: { url: `http://127.0.0.1:${ports[n % ports.length]}/` },
        expect: { status: 200, json: { '$.ok': true } },
      },
    ],
  })),
});

type Watched = { readonly fromMs: number; readonly untilMs: number; readonly report: ProcessReport };

/** A real `plimsoll watch`, for as long as asked, stopped as a supervisor stops it. */
const watchFor = async (folder: string): Promise<Watched> => {
  const reportFile = join(folder, 'report.json');
  const preload = join(import.meta.dirname, 'child', 'process-watch.ts');
  const args = ['--import', preload, join(root, 'bin', 'plimsoll.ts'), 'watch', '-c', 'bench.json', '--no-dashboard'];
  const env = { ...process.env, BENCH_REPORT: reportFile };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await Promise.race([once(child.stdout, 'data'), ended]);
    child.stdout.resume();
    // Its plan is printed once every probe has its place.
    const fromMs = Date.now() + 1000;
    await wait(minutes * 60_000);
    // What is due now may still be in the queue.
    const untilMs = Date.now() - 5000;
    child.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`the watch ended with ${code}`);
    return { fromMs, untilMs, report: JSON.parse(readFileSync(reportFile, 'utf8')) };
  } finally {
    child.kill('SIGKILL');
  }
};

type Slots = { readonly runs: readonly Run[]; readonly due: number; readonly lost: number; readonly doubled: number };

/** What the store says of each slot whose start lay in the watched time. */
const countSlots = async (folder: string, { fromMs, untilMs }: Watched): Promise<Slots> => {
  const path = join(folder, '.plimsoll', 'plimsoll.db');
  const store = await openSqliteStore({ path, clock: { now: Date.now, monotonic: () => performance.now() } });
  const counts = { runs: [] as Run[], due: 0, lost: 0, doubled: 0 };
  for (let n = 0; n < probes; n += 1) {
    const probe = idOf(n);
    const runs = await store.list({ probe, limit: 10_000 });
    counts.runs.push(...runs);
    const offsetMs = startOffsetMs(probe, schedule);
    const due = firesBetween(schedule, fromMs - offsetMs, untilMs - offsetMs);
    const measured = runs.filter(({ status }) => status === 'done').map(({ slot }) => Date.parse(slot));
    counts.due += due.length;
    counts.lost += due.filter((slot) => !measured.includes(slot)).length;
    counts.doubled += measured.length - new Set(measured).size;
  }
  await store.close();
  return counts;
};

const rank = (sorted: readonly number[], percentile: number): number =>
  sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? Number.NaN;

const describe = ({ report }: Watched, { runs, due, lost, doubled }: Slots) => {
  const late = runs.flatMap(({ lateMs }) => lateMs ?? []).sort((a, b) => a - b);
  const [rssStart = 0] = report.rss;
  return {
    probes,
    minutes,
    slots: { due, lost, doubled, notPassed: runs.filter(({ verdict }) => verdict !== 'pass').length },
    latenessMs: { p50: rank(late, 50), p99: rank(late, 99), max: late.at(-1) ?? Number.NaN },
    loopDelayMs: report.loopDelayMs,
    rssBytes: { start: rssStart, end: report.rss.at(-1) ?? 0 },
    liveBytes: report.liveBytes,
    cpuShare: report.cpuMs / (minutes * 60_000),
  };
};

type Figures = ReturnType<typeof describe>;

const limitsOf = ({ slots, latenessMs, loopDelayMs, rssBytes, liveBytes }: Figures): readonly Limit[] => [
  { what: 'slots lost', actual: slots.lost, atMost: 0, unit: '' },
  { what: 'slots doubled', actual: slots.doubled, atMost: 0, unit: '' },
  { what: 'lateness p50', actual: latenessMs.p50, atMost: 50, unit: 'ms' },
  { what: 'lateness p99', actual: latenessMs.p99, atMost: 1000, unit: 'ms' },
  { what: 'event-loop delay p99', actual: loopDelayMs.p99, atMost: 100, unit: 'ms' },
  { what: 'memory in use grown', actual: liveBytes.end - liveBytes.start, atMost: 5_000_000, unit: 'B' },
  { what: 'resident memory', actual: rssBytes.end, atMost: 400_000_000, unit: 'B' },
];

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const textOf = (figures: Figures): readonly string[] => {
  const { slots, latenessMs, loopDelayMs, rssBytes, liveBytes, cpuShare } = figures;
  return [
    `${probes} probes at one a minute, 4 at a time, for ${minutes} minutes, against ${servers} servers on loopback`,
    `slots        ${slots.due} due, ${slots.lost} lost, ${slots.doubled} doubled; ${slots.notPassed} did not pass`,
    `lateness     p50 ${ms(latenessMs.p50)}, p99 ${ms(latenessMs.p99)}, max ${ms(latenessMs.max)}`,
    `loop delay   p50 ${ms(loopDelayMs.p50)}, p99 ${ms(loopDelayMs.p99)}, max ${ms(loopDelayMs.max)}`,
    `memory       ${mb(rssBytes.start)} resident after 10 s, ${mb(rssBytes.end)} at the end; ${mb(liveBytes.start)} in use after 30 s, ${mb(liveBytes.end)} at the end`,
    `processor    ${(cpuShare * 100).toFixed(0)} % of one core`,
  ];
};

/** `plimsoll watch` with a thousand probes at one a minute: is it on time, does it lose or double a slot, does it grow? */
export const benchWatch: Bench = async (tell) => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  const targets = await Promise.all(Array.from({ length: servers }, startServer));
  try {
    const ports = targets.map((server) => (server.address() as AddressInfo).port);
    writeFileSync(join(folder, 'bench.json'), JSON.stringify(configOf(ports)));
    tell(`watching ${probes} probes for ${minutes} minutes`);
    const watched = await watchFor(folder);
    const figures = describe(watched, await countSlots(folder, watched));
    return { limits: limitsOf(figures), text: textOf(figures), figures };
  } finally {
    for (const server of targets) server.close().closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
};
