import type { Rung } from '../../result/result.ts';
import { formatAt, plural } from '../format.ts';
import { shortLine } from '../plain.ts';
import type { LinkedRung } from '../sequence/fold.ts';
import type { BrokenLink } from '../sequence/links.ts';
import { outcomeIcon } from './icons.ts';
import type { Lane } from './lifelines.ts';
import { html, type Markup } from './markup.ts';
import { percent } from './scale.ts';

type FrameRung = Extract<Rung, { readonly kind: 'frame' }>;

/** Where the arrow of a row is, in px from its top. */
const ARROW = 27;
/** Characters of a text; CSS cuts it to one line, and its title says the rest. */
const TEXT = 400;
const SENTENCE = 1_000;
const NAME = 120;

export type RungRow = LinkedRung & {
  readonly lanes: readonly Lane[];
  readonly lifelines: Markup;
  /** Where this rung opens its connection: for the how many-th time. */
  readonly opens: number | undefined;
  /** Anchor of a broken link. */
  readonly id: string;
};

/** A row of the diagram: number and time, what was said over its arrow, and the step that said or claimed it. */
export function rungRow(row: RungRow): Markup {
  const { rung, link, named } = row;
  const kind = rung.kind === 'frame' ? `is-${rung.direction}` : `is-${rung.kind}`;
  const state = link !== undefined ? ' is-fail' : named ? ' is-named' : isAside(rung) ? ' is-aside' : '';
  const anchor = link === undefined ? null : html` id="${row.id}"`;
  return html`<li class="sq-row ${kind}${state}"${anchor}>${place(rung)}<svg class="sq-lines" aria-hidden="true">${row.lifelines}${mark(row)}</svg>
<span class="sq-said">${said(row)}</span>${stepOf(rung)}${link === undefined ? null : note(link)}</li>`;
}

function isAside(rung: Rung): boolean {
  return rung.kind === 'frame' && (rung.step === undefined || rung.auto === true);
}

function place(rung: Rung): Markup {
  if (rung.kind === 'elided') return html`<span class="sq-at"></span>`;
  const n = rung.kind === 'frame' ? html`<b>#${rung.n}</b>` : html`<b></b>`;
  return html`<span class="sq-at">${n}<span>${formatAt(rung.atMs)}<span class="unseen"> ms</span></span></span>`;
}

/** An arrow to or from the connection's line, a dot on it for what befell it, a broken arrow for what never came. */
function mark({ rung, lanes }: RungRow): Markup | null {
  if (rung.kind === 'elided') return null;
  // A gap that is no connection's own spans them all.
  const own = lanes.find((lane) => lane.name === rung.connection);
  const at = (own ?? (rung.kind === 'missing' ? lanes.at(-1) : undefined))?.at;
  if (at === undefined) return null;
  const x = percent(at);
  const shaft = html`<line class="sq-shaft" x1="0" x2="${x}" y1="${ARROW}" y2="${ARROW}"/>`;
  if (rung.kind === 'missing') {
    const cross = html`<svg x="${percent(at / 2)}" y="${ARROW}" class="anchor"><path class="sq-cross" d="M-5-5L5 5M5-5L-5 5"/></svg>`;
    return html`${shaft}${head('0', 'in')}${cross}`;
  }
  if (rung.direction === 'life') return html`${shaft}<circle class="sq-dot" cx="${x}" cy="${ARROW}" r="4"/>`;
  return html`${shaft}${head(rung.direction === 'in' ? '0' : x, rung.direction)}`;
}

function head(x: string, direction: 'in' | 'out'): Markup {
  const path = direction === 'in' ? 'M8-4.5L1 0L8 4.5' : 'M-8-4.5L-1 0L-8 4.5';
  return html`<svg x="${x}" y="${ARROW}" class="anchor"><path class="sq-head" d="${path}"/></svg>`;
}

const VERBS = { in: 'received on', out: 'sent on', life: 'of' } as const;

function said({ rung, opens }: RungRow): Markup {
  if (rung.kind === 'elided') return html`<span class="sq-text">⋮ ${plural(rung.frames, 'frame')}</span>`;
  if (rung.kind === 'missing')
    return html`<span class="sq-text">not as awaited${rung.connection === undefined ? '' : ` on ${shortLine(rung.connection, NAME)}`}</span>`;
  const text = `${shortLine(rung.text, TEXT)}${rung.auto === true ? ' (by itself)' : ''}`;
  const who = `${VERBS[rung.direction]} ${shortLine(rung.connection, NAME)}: `;
  return html`${opening(rung, opens)}<span class="unseen">${who}</span><span class="sq-text" title="${text}">${text}</span>`;
}

function opening({ connection }: FrameRung, opens: number | undefined): Markup | null {
  if (opens === undefined) return null;
  const name = shortLine(connection, NAME);
  const words = opens === 1 ? `connect ${name}` : `reconnect ${name} (${opens})`;
  return html`<b class="sq-opens" title="${name}, generation ${opens}">${words}</b>`;
}

function stepOf(rung: Rung): Markup | null {
  if (rung.kind === 'elided' || rung.step === undefined) return null;
  const name = shortLine(rung.step, NAME);
  return html`<span class="sq-step" title="${name}">${name}</span>`;
}

function note({ sentence, step }: BrokenLink): Markup {
  const words = `${step === undefined ? '' : `${shortLine(step, NAME)}: `}${shortLine(sentence, SENTENCE)}`;
  return html`<span class="sq-note">${outcomeIcon('fail')}<span><b>Broken link.</b> ${words}</span></span>`;
}
