import type { Outcome } from '../outcome.ts';
import { html, type Markup } from './markup.ts';

/** Strokes on a field of 16 by 16, one shape for each outcome: colour is never all that tells them apart. */
const STROKES: Readonly<Record<Outcome, string>> = {
  pass: 'M4.5 8.4l2.4 2.4 4.6-5.4',
  degraded: 'M8 4v5M8 11.4v.6',
  fail: 'M5 5l6 6M11 5l-6 6',
  inconclusive: 'M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.6v.4',
  skipped: 'M4.5 8h7',
  deferred: 'M6.2 5.2v5.6M9.8 5.2v5.6',
  late: 'M8 4.6V8l2.2 1.6',
  missed: 'M4.5 8h7',
};

export function outcomeIcon(outcome: Outcome): Markup {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7.25"/><path d="${STROKES[outcome]}"/></svg>`;
}

export function pill(outcome: Outcome): Markup {
  return html`<span class="pill is-${outcome}">${outcomeIcon(outcome)}${outcome}</span>`;
}

/** `holds` or `broken`, with its mark. */
export function mark(good: boolean, word: string): Markup {
  return html`<span class="mark is-${good ? 'pass' : 'fail'}">${outcomeIcon(good ? 'pass' : 'fail')}${word}</span>`;
}

/** The load line of a hull: a ring with a bar across. */
export function loadLine(): Markup {
  return html`<svg class="logo" viewBox="0 0 32 24" aria-hidden="true"><circle cx="16" cy="12" r="8.5"/><path d="M2 12h28"/></svg>`;
}
