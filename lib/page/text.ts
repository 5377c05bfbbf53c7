import { formatInstant, formatLatency, formatMs, formatSamples } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import type { PageEvent } from './event.ts';
import { layOut, longestTitle, type Row, shorten } from './layout.ts';

/** An event before it was put in words. */
export type PageFacts = Omit<PageEvent, 'title' | 'text'>;

/** A page that must be scrolled is not read at three in the morning. */
const mostReasons = 5;
const longestReason = 300;

const words = { breached: 'BREACHED', recovered: 'RECOVERED', inconclusive: 'INCONCLUSIVE' } as const;

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

/** `p50 12.0 ms, p95 18.3 ms, max 21.0 ms over 20 samples`. */
export const figures = ({
  latencyMs,
  samples,
  planned,
}: Pick<PageFacts, 'latencyMs' | 'samples' | 'planned'>): string => {
  const shown = (['p50', 'p95', 'max'] as const).map((name) => `${name} ${formatLatency(latencyMs[name], samples)}`);
  return `${shown.join(', ')} over ${formatSamples(samples, planned)}`;
};

const wordOf = ({ kind, rule }: PageFacts): string =>
  rule === 'overdue' && kind === 'breached' ? 'OVERDUE' : words[kind];

/** Of what is over. That the monitor sees again does not mean that what it sees is good. */
const overWords = (facts: PageFacts): string =>
  `${facts.rule === 'inconclusive' ? 'runs say something again, ' : ''}after ${lasted(facts)}`;

/** `BREACHED notes/api-read (dev): get: status equals 200 failed: got 503`. */
export const pageTitle = (facts: PageFacts): string => {
  const head = `${wordOf(facts)} ${facts.service}/${facts.probe} (${facts.environment})`;
  const because = facts.kind === 'recovered' ? overWords(facts) : (facts.reasons[0] ?? facts.counted);
  return shorten(plainLine(`${head}: ${because}`), longestTitle);
};

const reasonRows = (facts: PageFacts): readonly Row[] => {
  if (facts.kind === 'recovered') return reasonLines(facts.reasons).map((line) => ['beside', line]);
  const [first = facts.counted, ...rest] = reasonLines(facts.reasons);
  return [['evidence', first], ...rest.map((line) => ['', line] as const)];
};

/** The one text of every channel: a line for each question that somebody who was woken asks, without trailing line feed. */
export const pageText = (facts: PageFacts): string => {
  const { runId, counted, verdict, region } = facts;
  const rows: readonly Row[] = [
    ['what', runId === null ? counted : `${counted}; this run: ${verdict ?? 'no verdict'}`],
    ...reasonRows(facts),
    [facts.kind === 'recovered' ? 'lasted' : 'since', sinceLine(facts)],
    ['figures', runId === null ? undefined : figures(facts)],
    ['suspect', facts.suspect],
    ['runbook', facts.runbook],
    ['run', runId === null ? undefined : `plimsoll report${region === undefined ? '' : ' --aws'} --run ${runId}`],
  ];
  return layOut(pageTitle(facts), rows);
};
