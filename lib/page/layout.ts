import { plainLine } from '../report/plain.ts';

/** At most `most` UTF-16 units; what was cut ends in `…`, and no character is halved. */
export const shorten = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 2)) ? most - 2 : most - 1;
  return `${text.slice(0, Math.max(0, end))}…`;
};

/** A line of a page; `undefined`: there is nothing to say there. */
export type Row = readonly [name: string, text: string | undefined];

/** A page in plain text: its title, and a line for each question, without trailing line feed. */
export const layOut = (title: string, rows: readonly Row[]): string => {
  const lines = rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(10)}${plainLine(text)}`]));
  return [title, '', ...lines].join('\n');
};

/** A title is one line of so many characters at most. */
export const longestTitle = 300;
