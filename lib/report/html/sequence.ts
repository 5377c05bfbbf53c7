import type { Pass, Run, SequenceRecord } from '../../result/result.ts';
import { outcomeOf } from '../outcome.ts';
import { shortLine } from '../plain.ts';
import { foldRungs } from '../sequence/fold.ts';
import { type BrokenLink, brokenLinks, linkPlace } from '../sequence/links.ts';
import { leftoverWords, sequenceWords } from '../sequence/words.ts';
import { type Lane, lanesOf, lifelines, openings } from './lifelines.ts';
import { html, type Markup } from './markup.ts';
import { rungRow } from './rung.ts';
import { anchorAt, percent } from './scale.ts';

/** More than any prober keeps. */
const RUNGS = 200;

/**
 * The sequence of the pass that is shown, or else of the last one that has kept it: a line for Plimsoll and one for each
 * connection, an arrow for each frame, the broken link in the colour of a failure. Of a run that passed it is folded away.
 */
export function sequenceFigure(run: Run, passes: readonly Pass[], id: string): Markup | null {
  const pass = [...passes, run.exemplar].findLast((one) => one?.sequence !== undefined);
  if (!pass?.sequence) return null;
  const words = `pass ${pass.index + 1}: ${sequenceWords(pass.sequence)}`;
  const leftovers = leftoverWords(pass.sequence);
  const left = leftovers === null ? null : html`<p class="caption">${leftovers}</p>`;
  const links = brokenLinks(pass);
  const drawn = html`${diagram(pass.sequence, links, { id, label: `Sequence of ${run.probe}` })}${left}`;
  if (outcomeOf(run) === 'pass') {
    return html`<details><summary>Sequence of ${words}</summary><figure>${drawn}</figure></details>`;
  }
  const jump = jumps(pass.sequence, links, id);
  return html`<figure><figcaption><h3>Sequence</h3><span>${words}</span>${jump}</figcaption>${drawn}</figure>`;
}

const MOST_JUMPS = 3;

/** Links to the first of what broke: a diagram may be long. */
function jumps({ rungs }: SequenceRecord, links: readonly BrokenLink[], id: string): readonly Markup[] {
  const told = links.slice(0, MOST_JUMPS);
  const more = links.length - told.length;
  return [
    ...told.map((link, index) => html`<a href="#${id}-${index}">broken link ${linkPlace(rungs, link)}</a>`),
    ...(more > 0 ? [html`<span>and ${more} more</span>`] : []),
  ];
}

function diagram(
  record: SequenceRecord,
  links: readonly BrokenLink[],
  { id, label }: { readonly id: string; readonly label: string },
): Markup {
  const folded = foldRungs(record.rungs, links, RUNGS);
  const rungs = folded.map(({ rung }) => rung);
  const lanes = lanesOf(record);
  const lines = lifelines(rungs, lanes);
  const opened = openings(rungs);
  const rows = folded.map((one, index) =>
    rungRow({
      ...one,
      lanes,
      lifelines: lines[index] ?? html``,
      opens: opened.get(index),
      id: `${id}-${one.link === undefined ? 0 : links.indexOf(one.link)}`,
    }),
  );
  return html`<div class="sequence">${heads(lanes)}<ol aria-label="${label}, times in ms since the start of the pass">${rows}</ol></div>`;
}

/** Names from this many on alternate between two lines. */
const CROWD = 4;
const NAME = 120;

function heads(lanes: readonly Lane[]): Markup {
  const room = Math.max(6, Math.floor(30 / Math.max(1, lanes.length)));
  const names = [{ name: 'plimsoll', at: 0 }, ...lanes].map(({ name, at }, index) => {
    const y = lanes.length >= CROWD && index % 2 === 1 ? 15 : 31;
    const whole = shortLine(name, NAME);
    const shown = [...whole].slice(0, room).join('');
    return html`<text x="${percent(at)}" y="${y}" text-anchor="${anchorAt(at)}">${shown === whole ? whole : `${shown}…`}<title>${whole}</title></text>`;
  });
  return html`<div class="sq-row sq-heads" aria-hidden="true"><span class="sq-at"><b>#</b><span>ms</span></span><svg class="sq-lines">${names}</svg><span class="sq-step">step</span></div>`;
}
