import type { Figure, LatencyMs, Percentiles, ThresholdResult } from '../result/result.ts';

/** Three figures of a duration with its unit: `0.42 ms`, `12.3 ms`, `1.20 s`, `2 min 5 s`; `never` for what did not answer. */
export function formatMs(ms: LatencyMs): string {
  if (ms === null || !Number.isFinite(ms)) return 'never';
  if (ms <= 0) return '0 ms';
  if (ms < 0.005) return '<0.01 ms';
  // The limits are those of the rounded figure: 999.6 is 1.00 s, and never 1000 ms.
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return formatLong(Math.round(ms / 1000));
}

function formatLong(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A latency out of `samples`; a dash when there were none, for then `null` does not mean `never`. */
export function formatLatency(ms: LatencyMs, samples: number): string {
  return samples === 0 ? '–' : formatMs(ms);
}

/** `98.5 %` of a fraction; what is short of the whole never reads as `100 %`, and what is there never as `0 %`. */
export function formatFraction(fraction: number): string {
  const percent = fraction * 100;
  for (const digits of [1, 2, 3, 4]) {
    const text = percent.toFixed(digits);
    const rounded = Number(text);
    if ((rounded !== 0 || percent === 0) && (rounded !== 100 || percent === 100)) return `${rounded} %`;
  }
  return percent < 50 ? '<0.0001 %' : '>99.9999 %';
}

/** `0–16.8 %`. */
export function formatShareInterval([low, high]: readonly [number, number]): string {
  return `${formatFraction(low).replace(' %', '')}–${formatFraction(high)}`;
}

/** A ratio of two latencies: `×1.08`. */
export function formatRatio(ratio: number): string {
  return `×${ratio.toFixed(2)}`;
}

/** `×1.22 to ×1.41`, or `×1.22 and up` where the upper end is open. */
export function formatRatioInterval([low, high]: readonly [number, number | null]): string {
  return `${formatRatio(low)} ${high === null ? 'and up' : `to ${formatRatio(high)}`}`;
}

/** What a threshold was measured to be, in its own unit. */
export function formatActual(threshold: ThresholdResult): string {
  if (threshold.total === 0) return 'no samples';
  if (threshold.unit === 'ms') return formatMs(threshold.actual);
  return threshold.actual === null ? 'no samples' : formatFraction(threshold.actual);
}

/** `1 sample`, `20 samples`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Thousands apart by a comma: `12,000`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A figure in its own unit: `2.10 ms`, `12,345 messages/s`, `3 messages`. */
export function formatFigure({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (unit === 'ms') return formatMs(value);
  const count = value < 10 ? String(Number(value.toFixed(1))) : formatCount(Math.round(value));
  return unit === 'messages' ? `${count} message${value === 1 ? '' : 's'}` : `${count} ${unit}`;
}

/** A moment since the start of a pass, in ms, in one unit and with one place, so that a column of them reads as a clock. */
export function formatAt(ms: number): string {
  const [whole = '0', place = '0'] = ms.toFixed(1).split('.');
  return `${formatCount(Number(whole))}.${place}`;
}

/** `64 B`, `1.5 kB`, `10.0 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_950) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `2026-04-07 13:00:05 UTC` of an ISO stamp; any other text stays as it is. */
export function formatInstant(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso);
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC`;
}

/** How long ago something was, in the largest unit of which it is two or more: `45 s`, `12 min`, `24 h`, `3 d`. */
export function formatAge(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const;
  const [unit, size] = units.find(([, one]) => ms >= 2 * one) ?? ['s', 1000];
  return `${formatCount(Math.max(0, Math.floor(ms / size)))} ${unit}`;
}

/** `5 of 20`, or `20` when all that was planned was measured. */
export function formatSamples(samples: number, planned: number): string {
  return samples === planned ? plural(samples, 'sample') : `${formatCount(samples)} of ${plural(planned, 'sample')}`;
}

/** The percentiles that reports print, in order. */
export const PERCENTILES = ['min', 'p50', 'p90', 'p95', 'p99', 'max'] as const satisfies readonly (keyof Percentiles)[];
