import { type Parsed, parsed, refused } from './parsed.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Ten years: beyond it a duration is a slip of the keyboard, and timers overflow long before. */
const longestMs = 3_660 * 86_400_000;

const part = /(\d+(?:\.\d+)?)(ms|[smhdw])/y;

export const durationRemedy = "write a number with its unit, such as '250ms', '5s', '1m', '1h' or '30d'";

/** `250ms`, `5s`, `1.5s`, `1m`, `1h30m`, `30d` to whole milliseconds, rounded. `0s` is a duration. */
export const parseDuration = (text: string): Parsed<number> => {
  const compact = text.trim();
  let totalMs = 0;
  let at = 0;
  let smallestMs = Number.POSITIVE_INFINITY;
  while (at < compact.length) {
    part.lastIndex = at;
    const match = part.exec(compact);
    const size = unitMs[match?.[2] ?? ''];
    if (!match || size === undefined) return refused('is not a duration');
    // `1m1h` is more likely a slip than a sum.
    if (size >= smallestMs) return refused('is not a duration: its units must go from the largest to the smallest');
    smallestMs = size;
    totalMs += Number(match[1]) * size;
    at = part.lastIndex;
  }
  if (at === 0) return refused('is not a duration');
  if (totalMs > longestMs) return refused('is longer than ten years');
  return parsed(Math.round(totalMs));
};

const reportUnits: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** For reports: `1m 30s`, `250ms`, `1d 2h`, `0ms`. Exact; a fraction of a millisecond is rounded away. */
export const formatDurationMs = (durationMs: number): string => {
  if (!Number.isFinite(durationMs)) return String(durationMs);
  let restMs = Math.round(Math.abs(durationMs));
  const parts: string[] = [];
  for (const [unit, size] of reportUnits) {
    const count = Math.floor(restMs / size);
    if (count > 0) parts.push(`${count}${unit}`);
    restMs -= count * size;
  }
  const text = parts.length > 0 ? parts.join(' ') : '0ms';
  return durationMs < 0 && text !== '0ms' ? `-${text}` : text;
};
