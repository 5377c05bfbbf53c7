import { loadLine, outcomeIcon } from '../../report/html/icons.ts';
import { html, type Markup, trusted } from '../../report/html/markup.ts';
import { OUTCOME_WORDS, type Outcome } from '../../report/outcome.ts';
import type { DashboardSource } from './source.ts';
import type { ShownState } from './view/state.ts';

const OUTCOMES = Object.keys(OUTCOME_WORDS) as readonly Outcome[];

/** Strokes on a field of 16 by 16. A shape of its own for each state: colour is never all that tells them apart. */
const STATE_STROKES: Readonly<Record<ShownState, string>> = {
  breached: 'M5 5l6 6M11 5l-6 6',
  pending: 'M8 4.3v4.4M8 11.2v.5',
  recovering: 'M8 11.6V4.8M5.2 7.4L8 4.6l2.8 2.8',
  waiting: 'M5 8v.1M8 8v.1M11 8v.1',
  ok: 'M4.5 8.4l2.4 2.4 4.6-5.4',
};
const STATES = Object.keys(STATE_STROKES) as readonly ShownState[];

/** The page without its data: the scripts fill it, and take every icon from its templates. */
export function shellPage({ service, environment }: Pick<DashboardSource, 'service' | 'environment'>): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${service} (Plimsoll)</title><link rel="icon" href="/assets/icon.svg"><link rel="stylesheet" href="/assets/style.css">
<script type="module" src="/assets/main.js"></script></head>
<body><a class="skip" href="#main">Skip to the probes</a>
<header class="masthead"><div class="bar"><a class="brand" href="/">${loadLine()}Plimsoll</a><p class="live is-connecting" id="live" role="status"><span class="lamp" aria-hidden="true"></span><span>connecting</span></p></div>
<div class="title"><h1>${service}</h1><span class="pill" id="overall"></span><span class="environment">${environment}</span></div>
<p class="headline" id="headline" role="status"></p></header>
<main id="main" tabindex="-1"><noscript><p class="card">This page is drawn by a script of this server alone; allow it to run.</p></noscript></main>
<footer><p>Times are in your own zone; hold the pointer over one for UTC.</p></footer>
${OUTCOMES.map((outcome) => template(`outcome-${outcome}`, outcomeIcon(outcome)))}${STATES.map((state) => template(`state-${state}`, stateIcon(state)))}
</body></html>
`.markup;
}

function template(id: string, icon: Markup): Markup {
  return html`<template id="${id}">${icon}</template>`;
}

function stateIcon(state: ShownState): Markup {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7.25"/><path d="${trusted(STATE_STROKES[state])}"/></svg>`;
}
