import { formatMs } from '../../format.ts';
import { html, type Markup } from '../../html/markup.ts';
import { percent } from '../../html/scale.ts';
import type { Stretch } from './moments.ts';

/** One line of the picture: its name, its plot, its figure. */
export type Lane = {
  readonly name: string;
  readonly plot: Markup | readonly Markup[];
  readonly words: string;
  readonly tone?: 'fail';
};

export const axisRow = ({ ticks }: Stretch): Markup => {
  const labels = ticks.map(
    ({ at, label, anchor }) => html`<text x="${percent(at)}" y="12" text-anchor="${anchor}">${label}</text>`,
  );
  return html`<div class="wf-row wf-axis dr-row" aria-hidden="true"><span></span><svg class="wf-plot" height="18">${labels}</svg><span></span></div>`;
};

export const gridLines = ({ ticks }: Stretch, rowHeight: number): readonly Markup[] =>
  ticks.map(({ at }) => html`<line class="grid" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="${rowHeight}"/>`);

/** A rectangle between two times, wide enough to be seen. */
export const bar = (
  { at }: Stretch,
  [fromMs, toMs]: readonly [number, number],
  [y, tall]: readonly [number, number],
  look: string,
  title: string,
): Markup => {
  const x = percent(at(fromMs));
  const width = percent(at(toMs) - at(fromMs));
  return html`<g class="${look}"><title>${title}</title><rect x="${x}" y="${y}" width="1.5" height="${tall}"/><rect x="${x}" y="${y}" width="${width}" height="${tall}"/></g>`;
};

/** `+1.20 s`, `300 ms before it`: counted from the restart. */
export const since = ({ zeroMs }: Stretch, atMs: number): string =>
  atMs < zeroMs ? `${formatMs(zeroMs - atMs)} before it` : `+${formatMs(atMs - zeroMs)}`;
