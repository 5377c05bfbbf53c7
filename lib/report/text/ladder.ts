import type { Pass, Rung, SequenceRecord } from '../../result/result.ts';
import { formatAt, plural } from '../format.ts';
import { shortLine } from '../plain.ts';
import { foldRungs, type LinkedRung } from '../sequence/fold.ts';
import { type BrokenLink, brokenLinks } from '../sequence/links.ts';
import { cut, hang, type Line, padEnd, padStart, span, textWidth } from './spans.ts';

export type LadderOptions = {
  /** Columns it may take. */
  readonly width: number;
  /** Rungs it may have; about. */
  readonly most: number;
};

const ARROWS = { in: '←', out: '→', life: '·' } as const;
/** Columns for the name of a connection, and for that of a step. */
const NAME = 8;
const STEP = 22;
/** The text of a broken link stands whole, up to this. */
const WHOLE = 600;

/**
 * The sequence of a pass as a numbered ladder: number, time since its start, a lane for each connection (`→` sent, `←`
 * received, `·` what befell it), the text, and the step that sent or claimed it. A broken link is marked `✗` and whole;
 * the frames that its sentence speaks of are marked `>`.
 */
export function ladderLines(pass: Pass, { width, most }: LadderOptions): readonly Line[] {
  const { sequence } = pass;
  if (sequence === undefined) return [];
  const rungs = foldRungs(sequence.rungs, brokenLinks(pass), most);
  const columns = measure(sequence, rungs, width);
  return [[span(headOf(columns), 'faint')], ...rungs.flatMap((one, index) => rungLines(one, index, columns))];
}

type Columns = {
  readonly width: number;
  readonly n: number;
  readonly at: number;
  readonly lanes: Lanes;
  readonly text: number;
  /** 0 where there is no room for it. */
  readonly step: number;
};

function measure(sequence: SequenceRecord, rungs: readonly LinkedRung[], width: number): Columns {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth));
  const frames = rungs.flatMap(({ rung }) => (rung.kind === 'frame' ? [rung] : []));
  const timed = rungs.flatMap(({ rung }) => (rung.kind === 'elided' ? [] : [rung]));
  const n = widest(['#', ...frames.map((rung) => String(rung.n))]);
  const at = widest(['ms', ...timed.map((rung) => formatAt(rung.atMs))]);
  const lanes = lanesOf(sequence, rungs, Math.floor(width / 4));
  const left = MARK.length + n + 2 + at + 2 + lanes.width + 2;
  const steps = widest(timed.map((rung) => shortLine(rung.step ?? '', 2 * STEP)));
  const step = Math.min(steps, STEP, Math.floor(width / 4));
  const room = Math.max(8, width - left - (step === 0 ? 0 : step + 2));
  const texts = rungs.filter(({ link }) => link === undefined).map(({ rung }) => textOf(rung));
  return { width, n, at, lanes, text: Math.min(room, widest(texts)), step };
}

/** Two columns before the numbers: here the broken link is marked. */
const MARK = '  ';

type Lanes = {
  readonly width: number;
  readonly head: string;
  /** What stands in the lanes of each rung. */
  readonly cells: readonly string[];
};

/** A lane for each connection while there is room for them all; else its name beside the arrow. */
function lanesOf({ connections }: SequenceRecord, rungs: readonly LinkedRung[], room: number): Lanes {
  const names = connections.map(({ name }) => name);
  const heads = names.map((name) => cut(shortLine(name, 2 * NAME), NAME));
  const widths = heads.map((head) => Math.max(1, textWidth(head)));
  const width = widths.reduce((sum, one) => sum + one + 1, -1);
  if (names.length === 0 || width > room) return namedLanes(rungs);
  const shown = lifelines(names, rungs);
  const join = (cells: readonly string[]): string =>
    cells.map((cell, index) => padEnd(cell, widths[index] ?? 1)).join(' ');
  return { width, head: join(heads), cells: shown.map(join) };
}

function namedLanes(rungs: readonly LinkedRung[]): Lanes {
  const named = rungs.map(({ rung }) =>
    rung.kind === 'elided' ? '' : cut(shortLine(rung.connection ?? '', 2 * NAME), NAME),
  );
  const width = Math.max(0, ...named.map(textWidth));
  const cells = rungs.map(({ rung }, index) => {
    const arrow = rung.kind === 'frame' ? ARROWS[rung.direction] : rung.kind === 'missing' ? '┆' : '⋮';
    return `${padEnd(named[index] ?? '', width)} ${arrow}`;
  });
  return { width: width + 2, head: ' '.repeat(width + 2), cells };
}

/** A connection has a line from its first rung on; a gap in the chain that is no connection's own is one in every line. */
function lifelines(names: readonly string[], rungs: readonly LinkedRung[]): readonly (readonly string[])[] {
  const begun = new Set<string>();
  return rungs.map(({ rung }) => {
    if (rung.kind === 'frame') begun.add(rung.connection);
    return names.map((name) => {
      if (!begun.has(name)) return ' ';
      if (rung.kind === 'elided') return '⋮';
      if (rung.connection !== name && rung.connection !== undefined) return '│';
      return rung.kind === 'missing' ? '┆' : ARROWS[rung.direction];
    });
  });
}

function headOf({ n, at, lanes, text, step }: Columns): string {
  const head = `${MARK}${padStart('#', n)}  ${padStart('ms', at)}  ${padEnd(lanes.head, lanes.width)}`;
  return step === 0 ? head : `${head}  ${' '.repeat(text)}  ${cut('step', step)}`;
}

function rungLines({ rung, link, named }: LinkedRung, index: number, columns: Columns): readonly Line[] {
  const { width, n, at, lanes } = columns;
  const number = rung.kind === 'frame' ? String(rung.n) : '';
  const time = rung.kind === 'elided' ? '' : formatAt(rung.atMs);
  const places = `${padStart(number, n)}  ${padStart(time, at)}  ${padEnd(lanes.cells[index] ?? '', lanes.width)}  `;
  if (link !== undefined) {
    const [text, ...more] = brokenTexts(rung, link);
    const below = more.flatMap((one) => hang([span(' '.repeat(textWidth(MARK + places)))], [span(one, 'bad')], width));
    return [...hang([span(`✗ ${places}`, 'bad')], [span(text, 'bad')], width), ...below];
  }
  const mark = named ? '> ' : MARK;
  const text = padEnd(cut(textOf(rung), columns.text), columns.text);
  return [[span(mark + places + text + stepOf(rung, columns), isAside(rung) && !named ? 'faint' : undefined)]];
}

/** Whole, over several lines if need be: it is the point of it all. A gap says what is wrong by itself. */
function brokenTexts(rung: Rung, { sentence, step }: BrokenLink): readonly [string, ...string[]] {
  const said = `${step === undefined ? '' : `${shortLine(step, WHOLE)}: `}${shortLine(sentence, WHOLE)}`;
  return rung.kind === 'frame' ? [textOf(rung), `└ ${said}`] : [said];
}

function stepOf(rung: Rung, { step }: Columns): string {
  if (step === 0 || rung.kind === 'elided') return '';
  return `  ${cut(shortLine(rung.step ?? '', 2 * STEP), step)}`;
}

/** What no step sent or claimed. */
function isAside(rung: Rung): boolean {
  return rung.kind === 'elided' || (rung.kind === 'frame' && (rung.step === undefined || rung.auto === true));
}

function textOf(rung: Rung): string {
  if (rung.kind === 'elided') return `⋮ ${plural(rung.frames, 'frame')}`;
  const text = shortLine(rung.text, WHOLE);
  return rung.kind === 'frame' && rung.auto === true ? `${text} (by itself)` : text;
}
