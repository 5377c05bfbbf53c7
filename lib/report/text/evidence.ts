import type { Evidence } from '../../result/result.ts';
import type { Fault } from '../facts.ts';
import { formatBytes, formatMs } from '../format.ts';
import { excerpt, plainLine } from '../plain.ts';
import { cut, hang, type Line, padEnd, padStart, span, textWidth } from './spans.ts';

const BODY_LINES = 6;
const BODY_CHARACTERS = 480;
const FRAMES = 12;
/** Columns for a connection's name. */
const CONNECTION = 12;

const ARROWS = { in: '←', out: '→', life: '·' } as const;

/**
 * What shows the first fault: request and answer, or the numbered frames with the broken ones marked `>`. No frames where
 * the sequence of the pass shows them better.
 */
export function evidenceLines(fault: Fault, width: number, withFrames: boolean): readonly Line[] {
  if (fault.evidence === undefined) return [];
  const where = fault.step === undefined ? '' : `${plainLine(fault.step)}, `;
  const shown = [
    ...exchangeLines(fault.evidence, width),
    ...(withFrames ? frameLines(fault.evidence, fault.broken, width) : []),
  ];
  return shown.length === 0 ? [] : [[span(`${where}pass ${fault.pass + 1}`, 'faint')], ...shown];
}

function exchangeLines({ request, response }: Evidence, width: number): readonly Line[] {
  const lines: Line[] = [];
  if (request !== undefined) {
    lines.push([span(cut(`→ ${plainLine(request.method)} ${plainLine(request.url)}`, width))]);
    lines.push(...bodyLines(request.body, width));
  }
  if (response !== undefined) {
    const from = response.remoteAddress === undefined ? '' : ` from ${plainLine(response.remoteAddress)}`;
    lines.push([span(`← ${response.status}, ${formatBytes(response.bodyBytes)}${from}`)]);
    lines.push(...bodyLines(response.body, width));
  }
  return lines;
}

function bodyLines(body: string | undefined, width: number): readonly Line[] {
  if (body === undefined || body.trim() === '') return [];
  return excerpt(body, BODY_LINES, BODY_CHARACTERS)
    .split('\n')
    .map((line) => [span(cut(`  ${line.replaceAll('\t', '  ')}`, width), 'faint')]);
}

function frameLines(evidence: Evidence, broken: ReadonlySet<number>, width: number): readonly Line[] {
  const frames = framesAround(evidence.frames ?? [], broken);
  const columns = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth));
  const n = columns(frames.map((frame) => String(frame.n)));
  const names = frames.map((frame) => cut(plainLine(frame.connection), CONNECTION));
  const connection = columns(names);
  const at = columns(frames.map((frame) => formatMs(frame.atMs)));
  return frames.flatMap((frame, index) => {
    const isBroken = broken.has(frame.n);
    const head = `${isBroken ? '>' : ' '} ${padStart(String(frame.n), n)}  ${padEnd(names[index] ?? '', connection)} ${ARROWS[frame.direction]}  ${padStart(formatMs(frame.atMs), at)}  `;
    // The broken frame is the point of it all: whole, over several lines if need be.
    if (isBroken) return hang([span(head, 'bad')], [span(plainLine(frame.text), 'bad')], width);
    return [[span(cut(head + plainLine(frame.text), width), 'faint')]];
  });
}

/** A window that holds the first broken frame; else the newest frames. */
function framesAround<T extends { readonly n: number }>(
  frames: readonly T[],
  broken: ReadonlySet<number>,
): readonly T[] {
  const at = frames.findIndex((frame) => broken.has(frame.n));
  if (at === -1) return frames.slice(-FRAMES);
  const start = Math.max(0, Math.min(at - FRAMES / 2, frames.length - FRAMES));
  return frames.slice(start, start + FRAMES);
}
