import type { Replayed, WeekCount } from '../../judge/backtest.ts';
import { plural } from '../format.ts';
import { html, type Markup } from '../html/markup.ts';
import { anchorAt, percent } from '../html/scale.ts';
import { totalWords } from './words.ts';

const height = 64;
const axisHeight = 20;
const labelled = 8;

const bar = (
  kind: 'page' | 'ticket',
  count: number,
  below: number,
  most: number,
  left: string,
  width: string,
): Markup | null => {
  if (count === 0) return null;
  const tall = (count / most) * (height - 14);
  const top = height - tall - (below / most) * (height - 14);
  return html`<rect class="bt-mark is-${kind}" stroke="none" x="${left}" y="${top.toFixed(1)}" width="${width}" height="${tall.toFixed(1)}"/>`;
};

/** Pages and tickets of each week as bars, pages at the foot. Null for a week alone. */
export const weeksChart = (replayed: Replayed): Markup | null => {
  const { perWeek } = replayed;
  if (perWeek.length < 2) return null;
  // A lone ticket is no tower.
  const most = Math.max(4, ...perWeek.map(({ pages, tickets }) => pages + tickets));
  const wide = 100 / perWeek.length;
  const every = Math.ceil(perWeek.length / labelled);
  const column = ({ week, pages, tickets }: WeekCount, index: number): Markup => {
    const left = percent((index + 0.2) * wide);
    const width = percent(wide * 0.6);
    const middle = (index + 0.5) * wide;
    const sum = pages + tickets;
    const top = height - (sum / most) * (height - 14) - 3;
    const count =
      sum > 0 && perWeek.length <= 60
        ? html`<text x="${percent(middle)}" y="${top.toFixed(1)}" text-anchor="middle">${sum}</text>`
        : null;
    const label =
      index % every === 0
        ? html`<text class="${(index / every) % 3 === 0 ? 'bt-major' : 'bt-minor'}" x="${percent(middle)}" y="${height + 15}" text-anchor="${wide > 8 ? 'middle' : anchorAt(middle)}">${week}</text>`
        : null;
    return html`<g><title>${week}: ${plural(pages, 'page')}, ${plural(tickets, 'ticket')}</title><rect class="bt-hit" x="${percent(index * wide)}" y="0" width="${percent(wide)}" height="${height}" fill="none" pointer-events="all"/>${bar('page', pages, 0, most, left, width)}${bar('ticket', tickets, pages, most, left, width)}${count}</g>${label}`;
  };
  return html`<svg class="weeks" height="${height + axisHeight}" role="img"><title>${totalWords(replayed)} over ${plural(perWeek.length, 'week')}</title>
${perWeek.map(column)}<line class="baseline" x1="0" x2="100%" y1="${height}" y2="${height}"/></svg>`;
};
