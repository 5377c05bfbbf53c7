import type { Paint, Style } from './palette.ts';

/** A piece of a line in one style. Widths are counted before colour is added, so colour never breaks an alignment. */
export type Span = {
  readonly text: string;
  readonly style?: Style;
  /** Never broken over two lines: a figure stays with its unit. */
  readonly whole?: boolean;
};

export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

/** A span that does not wrap. */
export function whole(text: string, style?: Style): Span {
  return { ...span(text, style), whole: true };
}

/** Two columns for wide characters of East Asia and emoji, none for what sits on another character. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/\p{Mn}|\p{Me}|\u200b|\u200d|\ufe0f/u.test(character)) return 0;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u.test(
    character,
  )
    ? 2
    : 1;
}

export function lineWidth(line: Line): number {
  return line.reduce((width, one) => width + textWidth(one.text), 0);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** `text` in at most `width` columns, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return `${takeColumns(text, Math.max(0, width - 1))}…`;
}

function takeColumns(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

/** Breaks a line at its spaces; a word that is wider than a whole line is broken where the line ends. */
export function wrap(line: Line, width: number): readonly Line[] {
  const lines: Span[][] = [[]];
  let used = 0;
  for (const word of line.flatMap((one) => wordsOf(one, width))) {
    const wide = textWidth(word.text);
    const isSpace = word.text.trim() === '';
    if (used + wide > width && used > 0 && !isSpace) {
      lines.push([]);
      used = 0;
    }
    if (isSpace && (used === 0 || used + wide > width)) continue;
    lines.at(-1)?.push(word);
    used += wide;
  }
  return lines;
}

function wordsOf(one: Span, width: number): readonly Span[] {
  const words = one.whole === true ? [one.text] : one.text.split(/( +)/).filter((word) => word !== '');
  return words.flatMap((word) => chunks(word, width)).map((text) => ({ ...one, text }));
}

function chunks(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let rest = word;
  while (textWidth(rest) > width) {
    // A wide character in a one-column line still has to go somewhere.
    const piece = takeColumns(rest, width) || [...rest].slice(0, 1).join('');
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return rest === '' ? pieces : [...pieces, rest];
}

/** Narrower than this, text is a column of syllables. */
const LEAST = 12;

/** `first` before the first line and its width in spaces before the others; over the body when it leaves no room. */
export function hang(first: Line, body: Line, width: number): readonly Line[] {
  const indent = lineWidth(first);
  if (width - indent < LEAST) return [...wrap(first, width), ...wrap(body, width)];
  const margin = span(' '.repeat(indent));
  return wrap(body, width - indent).map((line, index) => [...(index === 0 ? first : [margin]), ...line]);
}

export function renderLine(line: Line, paint: Paint): string {
  const last = line.findLastIndex((one) => one.text.trimEnd() !== '');
  return line
    .slice(0, last + 1)
    .map((one, index) => (index === last ? { ...one, text: one.text.trimEnd() } : one))
    .map((one) => (one.style === undefined || one.text.trim() === '' ? one.text : paint(one.text, one.style)))
    .join('');
}
