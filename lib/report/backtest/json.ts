import type { IncidentReport } from '../../judge/backtest/incidents.ts';
import type { Episode, Replayed } from '../../judge/backtest.ts';
import {
  type BacktestReport,
  type ChangeReport,
  episodesOf,
  type RuleSettings,
  standingOf,
  totalsOf,
} from './report.ts';

const isoOf = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

const alertOf = ({ atMs, untilMs, rule, subject, severity, reason, evidence }: Episode) => ({
  at: isoOf(atMs),
  until: isoOf(untilMs),
  rule,
  subject,
  severity,
  reason,
  evidence,
});

const ruleOf = (settings: RuleSettings, replayed: Replayed) => ({
  rule: settings.rule,
  subject: settings.subject,
  severity: settings.severity,
  firesOn: settings.words,
  judgesFrom: isoOf(standingOf(replayed, settings)?.readyMs ?? null),
});

const outcomeOf = (settings: readonly RuleSettings[], replayed: Replayed) => {
  const { pages, tickets } = totalsOf(replayed);
  return {
    rules: settings.map((one) => ruleOf(one, replayed)),
    pages: episodesOf(replayed, 'page').map(alertOf),
    tickets: episodesOf(replayed, 'ticket').map(alertOf),
    counts: {
      total: pages + tickets,
      pages,
      tickets,
      perWeek: replayed.perWeek,
      ...(replayed.unlisted > 0 ? { unlisted: replayed.unlisted } : {}),
    },
  };
};

const incidentsOf = ({ incidents, ...scores }: IncidentReport) => ({
  ...scores,
  incidents: incidents.map(({ startMs, endMs, name, result, findings }) => ({
    start: isoOf(startMs),
    end: isoOf(endMs),
    ...(name === undefined ? {} : { name }),
    result,
    findings: findings.map(({ atMs, ...finding }) => ({ ...finding, at: isoOf(atMs) })),
  })),
});

const diffOf = ({ words, settings, replayed, diff }: ChangeReport) => ({
  change: words,
  ...outcomeOf(settings, replayed),
  gained: diff.gained.map(alertOf),
  lost: diff.lost.map(alertOf),
  moved: diff.moved.map(({ before, after }) => ({
    before: alertOf(before),
    after: alertOf(after),
    byMs: after.atMs - before.atMs,
  })),
  same: diff.same,
});

/** The one document of `backtest --json`. Times are ISO; `until` is `null` while an alert is open. */
export const renderBacktestJson = (report: BacktestReport): string => {
  const { tool, source, settings, replayed, skipped, incidents, change } = report;
  const document = {
    schema: 1,
    tool,
    source,
    points: replayed.points,
    from: isoOf(replayed.fromMs),
    to: isoOf(replayed.toMs),
    ...outcomeOf(settings, replayed),
    skipped,
    ...(incidents ? { incidents: incidentsOf(incidents) } : {}),
    ...(change ? { diff: diffOf(change) } : {}),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
