import { type Distribution, limits, type When } from '../fault.ts';
import { type Read, right, wrong } from './read.ts';

const durations: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000 };
const sizes: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const quantity = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)([a-z]*)$/;

const scaled = (text: string, units: Readonly<Record<string, number>>): number | undefined => {
  const [, number, unit = ''] = quantity.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (number === undefined || factor === undefined) return undefined;
  // 2.3 s is 2,300 ms, whatever binary fractions say.
  return factor === 1 ? Number(number) : Number((Number(number) * factor).toPrecision(12));
};

/** Reads `50ms`, `1.5s`, `2m` or a bare number of ms, at most ten minutes. */
export const readDuration = (text: string): Read<number> => {
  const ms = scaled(text, durations);
  return ms === undefined || ms > limits.delayMs
    ? wrong(`must be a duration such as 50ms or 2s, at most 10m, not ${text || 'nothing'}`)
    : right(ms);
};

export const writeDuration = (ms: number): string => `${ms}ms`;

/** Reads `500b`, `16kb`, `10mb`, `1gb` or a bare number of bytes; 1 kb is 1,024 bytes. */
export const readSize = (text: string, most: number): Read<number> => {
  const bytes = scaled(text, sizes);
  return bytes === undefined || !Number.isInteger(bytes) || bytes < 1 || bytes > most
    ? wrong(`must be a size such as 16kb or 10mb, at most ${writeSize(most)}, not ${text || 'nothing'}`)
    : right(bytes);
};

export const writeSize = (bytes: number): string => {
  const unit = (['gb', 'mb', 'kb'] as const).find((name) => bytes % (sizes[name] ?? 1) === 0);
  return unit ? `${bytes / (sizes[unit] ?? 1)}${unit}` : `${bytes}b`;
};

export const readWhole = (text: string, least: number, most: number): Read<number> => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most
    ? right(value)
    : wrong(`must be a whole number from ${least} to ${most}, not ${text || 'nothing'}`);
};

const shapes = 'must be 200ms, uniform(100ms,300ms), normal(200ms,50ms) or lognormal(200ms,0.5)';

/** Reads a delay: a duration, or a distribution by its name and two parameters. */
export const readDistribution = (text: string): Read<Distribution> => {
  const [, kind, first = '', second = ''] = /^([a-z]+)\(([^,()]*),([^,()]*)\)$/.exec(text) ?? [];
  const a = readDuration((kind ? first : text).trim());
  if ('problem' in a) return wrong(`${shapes}, at most 10m, not ${text || 'nothing'}`);
  if (kind === undefined) return right({ kind: 'constant', ms: a.value });
  const b = kind === 'lognormal' ? readSigma(second.trim()) : readDuration(second.trim());
  if ('problem' in b) return wrong(`${shapes}; its second parameter ${b.problem}`);
  if (kind === 'lognormal') return right({ kind, medianMs: a.value, sigma: b.value });
  if (kind === 'normal') return right({ kind, meanMs: a.value, deviationMs: b.value });
  if (kind !== 'uniform') return wrong(`${shapes}, not ${text}`);
  return a.value <= b.value
    ? right({ kind, minMs: a.value, maxMs: b.value })
    : wrong(`must have its smaller bound first, not ${text}`);
};

const readSigma = (text: string): Read<number> => {
  const sigma = scaled(text, { '': 1 });
  return sigma !== undefined && sigma <= 10
    ? right(sigma)
    : wrong(`must be a number from 0 to 10, not ${text || 'nothing'}`);
};

export const writeDistribution = (delay: Distribution): string => {
  switch (delay.kind) {
    case 'constant':
      return writeDuration(delay.ms);
    case 'uniform':
      return `uniform(${writeDuration(delay.minMs)},${writeDuration(delay.maxMs)})`;
    case 'normal':
      return `normal(${writeDuration(delay.meanMs)},${writeDuration(delay.deviationMs)})`;
    case 'lognormal':
      return `lognormal(${writeDuration(delay.medianMs)},${delay.sigma})`;
  }
};

/** Reads what follows the `@`: `0.3`, `30%`, `every:3`, `nth:3`, `from:3`. */
export const readWhen = (text: string): Read<When> => {
  const [, kind, n = ''] = /^(every|nth|from):(.*)$/s.exec(text) ?? [];
  if (kind === 'every' || kind === 'nth' || kind === 'from') {
    const count = readWhole(n, 1, limits.count);
    return 'problem' in count ? wrong(`${kind}: ${count.problem}`) : right({ kind, n: count.value });
  }
  const share = text.endsWith('%') ? (scaled(text.slice(0, -1), { '': 1 }) ?? 0) / 100 : (scaled(text, { '': 1 }) ?? 0);
  return share > 0 && share <= 1
    ? right({ kind: 'share', share })
    : wrong(`must be a share over 0 and up to 1 (0.3 or 30%), every:N, nth:N or from:N, not ${text || 'nothing'}`);
};

export const writeWhen = (when: When): string => (when.kind === 'share' ? `${when.share}` : `${when.kind}:${when.n}`);
