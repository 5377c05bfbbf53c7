// Preloaded (`--import`) into a process that is measured: writes what it was like inside to the file of BENCH_REPORT as
// the process ends.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process saw of itself. */
export type ProcessReport = {
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Resident memory in bytes, one figure each ten seconds. */
  readonly rss: readonly number[];
  /** Bytes in use after a collection, once it has settled (after 30 seconds) and at the end: a leak shows here. */
  readonly liveBytes: { readonly start: number; readonly end: number };
  readonly cpuMs: number;
};

const resolutionMs = 10;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
const rss: number[] = [];
delay.enable();

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const liveBytes = (): number => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
let liveAtStart = 0;
setTimeout(() => {
  liveAtStart = liveBytes();
}, 30_000).unref();
setInterval(() => rss.push(process.memoryUsage.rss()), 10_000).unref();

// The histogram counts the timer's own interval too.
const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);

process.on('exit', () => {
  const file = process.env.BENCH_REPORT;
  if (file === undefined) return;
  const { user, system } = process.cpuUsage();
  const report: ProcessReport = {
    loopDelayMs: {
      p50: delayMs(delay.percentile(50)),
      p99: delayMs(delay.percentile(99)),
      max: delayMs(delay.max),
    },
    rss: [...rss, process.memoryUsage.rss()],
    liveBytes: { start: liveAtStart, end: liveBytes() },
    cpuMs: (user + system) / 1000,
  };
  writeFileSync(file, JSON.stringify(report));
});
