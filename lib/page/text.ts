import { formatInstant, formatLatency, formatMs, formatSamples } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import type { PageEvent } from './event.ts';

/** An event before it was put in words. */
export type PageFacts = Omit<PageEvent, 'title' | 'text'>;

/** A page that must be scrolled is not read at three in the morning. */
const mostReasons = 5;
const longestReason = 300;

const words = { breached: 'BREACHED', recovered: 'RECOVERED', inconclusive: 'INCONCLUSIVE' } as const;

const shorten = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

const reasonLines = (reasons: readonly string[]): readonly string[] => {
  const shown = reasons.slice(0, mostReasons).map((reason) => shorten(plainLine(reason), longestReason));
  const more = reasons.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
};

const lasted = ({ since, slot }: PageFacts): string => formatMs(Date.parse(slot) - Date.parse(since));

const sinceLine = (facts: PageFacts): string => {
  if (facts.kind === 'recovered')
    return `${formatInstant(facts.since)} to ${formatInstant(facts.slot)}, ${lasted(facts)}`;
  return formatInstant(facts.since);
};

const figures = ({ latencyMs, samples, planned }: PageFacts): string => {
  const shown = (['p50', 'p95', 'max'] as const).map((name) => `${name} ${formatLatency(latencyMs[name], samples)}`);
  return `${shown.join(', ')} over ${formatSamples(samples, planned)}`;
};

const wordOf = ({ kind, rule }: PageFacts): string =>
  rule === 'overdue' && kind === 'breached' ? 'OVERDUE' : words[kind];

/** `BREACHED notes/api-read (dev): get: status equals 200 failed: got 503`. */
export const pageTitle = (facts: PageFacts): string => {
  const head = `${wordOf(facts)} ${facts.service}/${facts.probe} (${facts.environment})`;
  const because = facts.kind === 'recovered' ? `after ${lasted(facts)}` : (facts.reasons[0] ?? facts.counted);
  return shorten(plainLine(`${head}: ${because}`), longestReason);
};

type Row = readonly [name: string, text: string | undefined];

const reasonRows = (facts: PageFacts): readonly Row[] => {
  if (facts.kind === 'recovered') return reasonLines(facts.reasons).map((line) => ['beside', line]);
  const [first = facts.counted, ...rest] = reasonLines(facts.reasons);
  return [['evidence', first], ...rest.map((line) => ['', line] as const)];
};

/** The one text of every channel: a line for each question that somebody who was woken asks, without trailing line feed. */
export const pageText = (facts: PageFacts): string => {
  const { runId, counted, verdict } = facts;
  const rows: readonly Row[] = [
    ['what', runId === null ? counted : `${counted}; this run: ${verdict ?? 'no verdict'}`],
    ...reasonRows(facts),
    [facts.kind === 'recovered' ? 'lasted' : 'since', sinceLine(facts)],
    ['figures', runId === null ? undefined : figures(facts)],
    ['suspect', facts.suspect],
    ['runbook', facts.runbook],
    ['run', runId === null ? undefined : `plimsoll report --run ${runId}`],
  ];
  const lines = rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(10)}${plainLine(text)}`]));
  return [pageTitle(facts), '', ...lines].join('\n');
};
