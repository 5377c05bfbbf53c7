import { formatDurationMs } from '../config/duration.ts';
import type { RehearsalEffect } from '../config/plan.ts';
import type { IncidentOutcome, RehearsalOutcome, Told } from '../judge/rehearsal.ts';
import { formatFraction, formatInstant, plural } from './format.ts';
import { plainLine } from './plain.ts';
import { type Paint, palette, type Style } from './text/palette.ts';
import { hang, type Line, padEnd, renderLine, span } from './text/spans.ts';

/** What was played, beside how it ended. */
export type RehearsalReport = RehearsalOutcome & {
  readonly service: string;
  readonly probes: readonly string[];
  readonly spanMs: number;
  readonly seed: number;
  readonly runs: number;
  /** Whether the incidents are the usual ones: the config names none. */
  readonly usual: boolean;
};

export type RehearsalTextOptions = { readonly colour: boolean; readonly width: number };

const effectWords = (effect: RehearsalEffect): string => {
  switch (effect.kind) {
    case 'down':
      return 'down';
    case 'blind':
      return 'our own side broken';
    case 'errors':
      return `${formatFraction(effect.share)} errors`;
    case 'tail':
      return `${formatFraction(effect.share)} three times as slow`;
    case 'slower':
      return `${formatFraction(effect.by)} slower`;
    case 'creep':
      return `${formatFraction(effect.byPerDay)} slower each day`;
  }
};

const marks: Readonly<Record<IncidentOutcome['result'], readonly [mark: string, style: Style]>> = {
  told: ['✓', 'good'],
  silent: ['✓', 'good'],
  missed: ['✗', 'bad'],
  late: ['✗', 'warn'],
  'wrongly told': ['✗', 'bad'],
};

/** Durations of a rehearsal are whole seconds: no week has 604,800.000 of them. */
const lasting = (ms: number): string => formatDurationMs(Math.max(1000, Math.round(ms / 1000) * 1000));

const wanted = ({ incident }: IncidentOutcome): string => {
  const { expect, withinMs } = incident;
  if (expect === 'none') return 'nobody is to be told';
  return `${expect === 'monitoring' ? 'monitoring' : `a ${expect}`} within ${lasting(withinMs)}`;
};

const happened = ({ first, startMs, result }: IncidentOutcome): string => {
  if (!first) return result === 'silent' ? 'nobody was' : 'nobody was told on that route';
  return `came after ${lasting(first.atMs - startMs)}: ${plainLine(first.title)}`;
};

const incidentLines = (outcome: IncidentOutcome, { width }: RehearsalTextOptions, names: number): readonly Line[] => {
  const [mark, style] = marks[outcome.result];
  const { effect, forMs } = outcome.incident;
  const head: Line = [
    span(`${mark} ${padEnd(outcome.result, 12)}  `, style),
    span(`${padEnd(outcome.probe, names)}  `, 'strong'),
  ];
  const told = `${effectWords(effect)} for ${lasting(forMs)} from ${formatInstant(new Date(outcome.startMs).toISOString())}`;
  return [
    ...hang(head, [span(told)], width),
    ...hang([span(' '.repeat(16))], [span(`${wanted(outcome)}; ${happened(outcome)}`, 'faint')], width),
  ];
};

const falseAlarmLine = ({ atMs, route, title }: Told): Line => [
  span('✗ false alarm   ', 'bad'),
  span(`${formatInstant(new Date(atMs).toISOString())}  ${route ?? 'nobody'}  ${plainLine(title)}`),
];

const summary = ({ incidents, falseAlarms, passed }: RehearsalReport): Line => {
  const kept = incidents.filter(({ result }) => result === 'told' || result === 'silent').length;
  const alarms = falseAlarms.length === 0 ? 'no false alarm' : plural(falseAlarms.length, 'false alarm');
  const words = `${kept} of ${plural(incidents.length, 'incident')} as expected, ${alarms}`;
  return [span(`${passed ? '✓ pass' : '✗ fail'}  ${words}`, passed ? 'good' : 'bad')];
};

/** As many as one reads. */
const mostFalseAlarms = 20;

export const renderRehearsalText = (report: RehearsalReport, options: RehearsalTextOptions): string => {
  const { incidents, falseAlarms, probes, spanMs, runs, seed, usual, service } = report;
  const names = Math.max(...incidents.map(({ probe }) => probe.length), 0);
  const shown = falseAlarms.slice(0, mostFalseAlarms).map(falseAlarmLine);
  const more = falseAlarms.length - shown.length;
  const whose = usual ? 'the usual incidents: the config names none' : "the config's incidents";
  const lines: readonly Line[] = [
    [
      span(service, 'strong'),
      span(`: ${lasting(spanMs)} of ${plural(probes.length, 'probe')} rehearsed, ${plural(runs, 'run')}, seed ${seed}`),
    ],
    [span(whose, 'faint')],
    [],
    ...incidents.flatMap((outcome) => incidentLines(outcome, options, names)),
    ...(shown.length > 0 ? [[], ...shown] : []),
    ...(more > 0 ? [[span(`  and ${plural(more, 'more false alarm')}`, 'bad')] satisfies Line] : []),
    [],
    summary(report),
  ];
  const paint: Paint = palette(options.colour);
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
};

const toldJson = ({ atMs, ...told }: Told) => ({ at: new Date(atMs).toISOString(), ...told });

/** One JSON document: times are ISO, durations in ms. */
export const renderRehearsalJson = ({ incidents, falseAlarms, ...report }: RehearsalReport): string => {
  const outcomes = incidents.map(({ probe, incident, startMs, result, first }) => ({
    probe,
    result,
    at: new Date(startMs).toISOString(),
    forMs: incident.forMs,
    effect: incident.effect,
    expect: incident.expect,
    withinMs: incident.withinMs,
    first: first ? toldJson(first) : null,
  }));
  const document = { schema: 1, ...report, incidents: outcomes, falseAlarms: falseAlarms.map(toldJson) };
  return `${JSON.stringify(document, null, 2)}\n`;
};
