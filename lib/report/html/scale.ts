/** Places values on an axis, as a percentage of its length. */
export type Scale = {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
};

/** From 0 to `max`, with about `count` ticks at 1, 2 or 5 times a power of ten. */
export function linearScale(max: number, count: number): Scale {
  const top = max > 0 ? max : 1;
  const step = niceStep(top / count);
  const ticks = Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => index * step);
  return { at: (value) => clamp((value / top) * 100), ticks };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((one) => one * power >= rough) ?? 10;
  return factor * power;
}

/** Smallest value of a log axis: a clock of ours knows no less. */
const FLOOR = 0.001;
/** Room for a label, in percent of the axis. */
const APART = 14;

/** Logarithmic over all of `values`, with some room at both ends. */
export function logScale(values: readonly number[]): Scale {
  const known = values.map((value) => Math.max(FLOOR, value));
  const low = Math.log(known.reduce((a, b) => Math.min(a, b), Number.MAX_VALUE) / 1.2);
  const high = Math.log(known.reduce((a, b) => Math.max(a, b), FLOOR) * 1.2);
  const at = (value: number): number => clamp(((Math.log(Math.max(FLOOR, value)) - low) / (high - low)) * 100);
  return { at, ticks: logTicks(Math.exp(low), Math.exp(high), at) };
}

function logTicks(low: number, high: number, at: (value: number) => number): readonly number[] {
  const decades = Math.log10(high / low);
  const factors = decades > 3 ? [1] : decades > 1.6 ? [1, 3] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      const last = ticks.at(-1);
      if (tick >= low && tick <= high && (last === undefined || at(tick) - at(last) >= APART)) ticks.push(tick);
    }
  }
  return ticks;
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** For SVG attributes: `43.21%`. */
export function percent(value: number): string {
  return `${Number(value.toFixed(2))}%`;
}

/** Keeps a label inside the axis. */
export function anchorAt(position: number): 'start' | 'middle' | 'end' {
  if (position < 8) return 'start';
  return position > 92 ? 'end' : 'middle';
}

/** A tick's label: round as it is, without the places that a measurement has. */
export function tickLabel(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(4))} s`;
  return `${Number(ms.toPrecision(4))} ms`;
}
