/** Places values between the foot (0) and the head (1) of a picture. */
export type ValueAxis = {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  /** The highest value that is drawn at its place. */
  readonly top: number;
};

const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
};

const rankOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/**
 * Linear, so that a fifth more looks like a fifth more; from 0 unless all lie far above it. A few outliers are cut off at the
 * top: on an axis that holds them nothing else could be seen. Three times the median always fits.
 *
 * @param peaks The highest value of each stretch.
 * @param lows The lowest of each.
 */
export const valueAxis = (peaks: readonly number[], lows: readonly number[], lines: readonly number[]): ValueAxis => {
  const sorted = peaks.toSorted((a, b) => a - b);
  const highest = sorted.at(-1) ?? 1;
  const usual = Math.max(1.2 * rankOf(sorted, 0.98), 3 * rankOf(sorted, 0.5));
  const shown = lines.filter((line) => line <= 2 * usual);
  const top = Math.max(Math.min(1.05 * highest, usual), ...shown.map((line) => 1.05 * line)) || 1;
  const lowest = Math.min(...[...shown, ...lows.toSorted((a, b) => a - b).slice(0, 1)]);
  const foot = lowest > 0.6 * top ? Math.max(0, lowest - 0.3 * (top - lowest)) : 0;
  const step = niceStep((top - foot) / 4);
  const first = Math.ceil(foot / step - 1e-9);
  const ticks = Array.from({ length: Math.max(0, Math.floor(top / step + 1e-9) - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  return { at: (value) => Math.min(1, Math.max(0, (value - foot) / (top - foot))), ticks, top };
};

/** Places times between 0 and 1. */
export type TimeAxis = {
  readonly at: (atMs: number) => number;
  readonly ticks: readonly { readonly atMs: number; readonly label: string }[];
};

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** The first Monday after 1970 began. */
const mondayMs = 4 * dayMs;

const stepsMs = [
  ...[1, 5, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 3, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14].map((days) => days * dayMs),
];
const stepsInMonths = [1, 2, 3, 6, 12, 24, 60, 120, 240];

const mostTicks = 8;

const evenly = (stepMs: number, fromMs: number, toMs: number): readonly number[] => {
  const offset = stepMs % (7 * dayMs) === 0 ? mondayMs : 0;
  const first = Math.ceil((fromMs - offset) / stepMs) * stepMs + offset;
  return Array.from(
    { length: Math.max(0, Math.floor((toMs - first) / stepMs) + 1) },
    (_, index) => first + index * stepMs,
  );
};

const monthly = (step: number, fromMs: number, toMs: number): readonly number[] => {
  const from = new Date(fromMs);
  const ticks: number[] = [];
  const first = Math.floor((from.getUTCFullYear() * 12 + from.getUTCMonth()) / step) * step;
  for (let month = first; ; month += step) {
    const atMs = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (atMs > toMs) return ticks;
    if (atMs >= fromMs) ticks.push(atMs);
  }
};

/** At most eight ticks at round times (UTC). */
export const timeAxis = (fromMs: number, toMs: number): TimeAxis => {
  const span = Math.max(1, toMs - fromMs);
  const at = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / span));
  const stepMs = stepsMs.find((step) => span / step <= mostTicks);
  if (stepMs !== undefined) {
    const label = (atMs: number) => {
      const iso = new Date(atMs).toISOString();
      return stepMs >= dayMs ? iso.slice(0, 10) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
    };
    return { at, ticks: evenly(stepMs, fromMs, toMs).map((atMs) => ({ atMs, label: label(atMs) })) };
  }
  const step = stepsInMonths.find((months) => span / (months * 30.4 * dayMs) <= mostTicks) ?? 480;
  return {
    at,
    ticks: monthly(step, fromMs, toMs).map((atMs) => ({
      atMs,
      label: new Date(atMs).toISOString().slice(0, step >= 12 ? 4 : 7),
    })),
  };
};
