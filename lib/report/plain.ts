/** Code points that act instead of showing: control codes, direction marks and overrides, and what is no character. */
const ACTING: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfffe, 0xffff],
];

/** Most texts by far, known at a glance. */
const HARMLESS = /^[\n\t -~]*$/;

/**
 * Makes a text safe to show. Texts of a report come from targets: an escape sequence would move the reader's cursor, and
 * a direction override would reorder the line (CVE-2021-42574). They stay readable, as `\x1b` and `\u202e`. Tabs and line
 * feeds stay; CRLF becomes a line feed.
 */
export function plain(text: string): string {
  if (HARMLESS.test(text)) return text;
  let shown = '';
  for (const character of text.replaceAll('\r\n', '\n')) {
    const code = character.codePointAt(0) ?? 0;
    shown += ACTING.some(([from, to]) => code >= from && code <= to) ? escaped(code) : character;
  }
  return shown;
}

/** `plain`, on one line. */
export function plainLine(text: string): string {
  return plain(text)
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replaceAll('\t', ' ');
}

/** `plainLine`, of the first `most` characters alone; combining ones count, for they may be any number. */
export function shortLine(text: string, most: number): string {
  const characters = [...text.slice(0, 2 * most + 2)];
  if (characters.length <= most) return plainLine(text);
  return `${plainLine(characters.slice(0, most).join(''))} …`;
}

/** The first `lines` lines of at most `length` characters in all; what was left off is said in the last line. */
export function excerpt(text: string, lines: number, length: number): string {
  const all = plain(text).split('\n');
  const kept = all.slice(0, lines).join('\n');
  const characters = [...kept];
  if (all.length <= lines && characters.length <= length) return kept;
  return `${characters.slice(0, length).join('')} …`;
}

function escaped(code: number): string {
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
