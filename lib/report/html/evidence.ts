import type { Evidence, FrameEvidence, Run } from '../../result/result.ts';
import { type Fault, firstFault } from '../facts.ts';
import { formatBytes, formatMs } from '../format.ts';
import { excerpt } from '../plain.ts';
import { figureHeads, html, type Markup, table } from './markup.ts';

const BODY_LINES = 200;
const BODY_CHARACTERS = 8_000;

/** What shows the first fault; of a run without one, the last exchange, folded away. */
export function evidence(run: Run): Markup | null {
  if (run.exemplar === null) return null;
  const fault = firstFault(run.exemplar);
  if (fault !== null) return run.exemplar.sequence === undefined ? faultEvidence(fault) : besideSequence(fault);
  const last = run.exemplar.steps.findLast((step) => step.evidence !== undefined);
  if (last?.evidence === undefined) return null;
  return html`<details><summary>What was sent and what came, in ${last.step}</summary>${shown(last.evidence, new Set())}</details>`;
}

function faultEvidence(fault: Fault): Markup {
  const rest =
    fault.evidence === undefined
      ? html`<p class="caption">nothing was received that could be shown</p>`
      : shown(fault.evidence, fault.broken);
  return html`${faultHead(fault)}${rest}`;
}

/** The sequence of the pass has shown the frames and what is wrong with them: here they are at more length, for who asks. */
function besideSequence(fault: Fault): Markup | null {
  if (fault.evidence === undefined) return null;
  const { frames: around, ...rest } = fault.evidence;
  const sent = exchange(rest);
  const listed = around === undefined || around.length === 0 ? null : frames(around, fault.broken);
  return html`${sent === null ? null : html`${faultHead(fault)}${sent}`}${listed === null ? null : html`<details><summary>The frames around the fault</summary>${listed}</details>`}`;
}

function faultHead(fault: Fault): Markup {
  const where =
    fault.step === undefined ? html`Pass ${fault.pass + 1}` : html`Pass ${fault.pass + 1}, step ${fault.step}`;
  return html`<h3>Evidence of the first fault</h3><p class="fault"><strong>${where}:</strong> ${fault.message}</p>`;
}

function shown(one: Evidence, broken: ReadonlySet<number>): Markup {
  return html`${exchange(one)}${one.frames === undefined || one.frames.length === 0 ? null : frames(one.frames, broken)}`;
}

function exchange({ request, response }: Evidence): Markup | null {
  if (request === undefined && response === undefined) return null;
  const sent =
    request === undefined
      ? null
      : message('Request', `${request.method} ${request.url}`, request.headers, request.body);
  const from = response?.remoteAddress === undefined ? '' : `, from ${response.remoteAddress}`;
  const came =
    response === undefined
      ? html`<div class="message"><h4>Answer</h4><p class="line">none</p></div>`
      : message(
          'Answer',
          `${response.status}, ${formatBytes(response.bodyBytes)}${from}`,
          response.headers,
          response.body,
        );
  return html`<div class="exchange">${sent}${came}</div>`;
}

function message(
  title: string,
  line: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Markup {
  const given = Object.entries(headers);
  const list =
    given.length === 0
      ? null
      : html`<dl>${given.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
  const text =
    body === undefined || body === ''
      ? null
      : html`<pre tabindex="0" aria-label="Body">${excerpt(body, BODY_LINES, BODY_CHARACTERS)}</pre>`;
  return html`<div class="message"><h4>${title}</h4><p class="line">${line}</p>${list}${text}</div>`;
}

const DIRECTIONS: Readonly<Record<FrameEvidence['direction'], string>> = { in: '← in', out: '→ out', life: '· life' };

function frames(all: readonly FrameEvidence[], broken: ReadonlySet<number>): Markup {
  const rows = all.map((frame) => {
    const at = broken.has(frame.n);
    return html`<tr class="${at ? 'is-broken' : ''}"><th scope="row" class="n">${at ? html`<span class="pointer" title="the broken frame">&gt;</span>` : null}${frame.n}</th>
<td>${frame.connection}</td><td class="direction">${DIRECTIONS[frame.direction]}</td><td class="n">${formatMs(frame.atMs)}</td><td class="frame"><code>${frame.text}</code></td></tr>`;
  });
  return table('Frames', [...figureHeads(['Frame']), 'On', 'Way', ...figureHeads(['At']), 'Content'], rows);
}
