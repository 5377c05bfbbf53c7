import type { Outcome } from '../outcome.ts';

export type Style = 'strong' | 'faint' | 'good' | 'warn' | 'bad' | 'unsure' | 'link';

/** SGR codes that start and end each style; all of them are legible on dark and on light terminals. */
const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  strong: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  unsure: [35, 39],
  link: [36, 39],
};

export type Paint = (text: string, style: Style) => string;

export function palette(colour: boolean): Paint {
  if (!colour) return (text) => text;
  return (text, style) => `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m`;
}

/** Mark and style of each outcome; the word stands beside the mark, so that nothing hangs on colour. */
export const OUTCOME_MARKS: Readonly<Record<Outcome, { readonly mark: string; readonly style: Style }>> = {
  pass: { mark: '✓', style: 'good' },
  degraded: { mark: '!', style: 'warn' },
  fail: { mark: '✗', style: 'bad' },
  inconclusive: { mark: '?', style: 'unsure' },
  skipped: { mark: '–', style: 'faint' },
  deferred: { mark: '–', style: 'warn' },
  late: { mark: '–', style: 'warn' },
  missed: { mark: '–', style: 'warn' },
};
