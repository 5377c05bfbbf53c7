import { diffEpisodes } from '../../lib/judge/backtest/diff.ts';
import { judgeIncidents } from '../../lib/judge/backtest/incidents.ts';
import { openTrace } from '../../lib/judge/backtest/trace.ts';
import { openReplay } from '../../lib/judge/backtest.ts';
import type { BacktestReport } from '../../lib/report/backtest/report.ts';
import { ruleBy } from './toy-rule.ts';

export const hourMs = 3_600_000;
export const startMs = Date.UTC(2026, 0, 5);

/** Six weeks of hours: a slow day, a worse one, a lone outlier and a gap. */
const values = Array.from({ length: 1008 }, (_, hour) => {
  const slow = hour >= 600 && hour < 624 ? 2 : hour >= 800 && hour < 806 ? 3 : hour === 400 ? 40 : 1;
  return { atMs: startMs + hour * hourMs, value: 200 * slow * (1 + 0.1 * Math.sin(hour)) };
}).filter((_, hour) => hour < 450 || hour >= 500);

const settings = [{ rule: 'slo', subject: 'p(95)<300', severity: 'page', words: 'over 300', limit: 300 }] as const;

/**
 * A backtest with all that it can have: a page, a ticket, incidents of each result, a change, and rows left out.
 *
 * @param name Stands in every text that comes from outside.
 */
export const makeBacktest = (name = 'history.csv'): BacktestReport => {
  const subject = name === 'history.csv' ? 'p(95)<300' : name;
  const replay = openReplay([ruleBy(subject, 300, 500)]);
  const changed = openReplay([ruleBy(subject, 500, 500)]);
  const trace = openTrace();
  replay.take(values);
  changed.take(values);
  for (const { atMs, value } of values) trace.add(atMs, value);
  const [replayed, after] = [replay.end(), changed.end()];
  const window = (hour: number, hours: number, label: string) => ({
    startMs: startMs + hour * hourMs,
    endMs: startMs + (hour + hours) * hourMs,
    name: label,
  });
  const incidents = [
    window(598, 24, 'slow disk'),
    window(700, 5, name),
    window(802, 1, 'already on'),
    window(5000, 2, 'after'),
  ];
  const own = settings.map((one) => ({ ...one, subject }));
  return {
    tool: 'plimsoll 0.0.0',
    source: { kind: 'csv', name },
    measure: { name: 'value', unit: null },
    settings: own,
    replayed,
    trace: trace.buckets(),
    skipped: [{ cause: 'value', rows: 1200, firstLine: 17, example: name }],
    incidents: judgeIncidents(incidents, replayed.episodes, own, { fromMs: startMs, toMs: startMs + 1007 * hourMs }),
    change: {
      words: `objective=${name}`,
      settings: own,
      replayed: after,
      diff: diffEpisodes(replayed.episodes, after.episodes),
    },
  };
};
