import type { EpisodeDiff } from '../../judge/backtest/diff.ts';
import type { IncidentReport } from '../../judge/backtest/incidents.ts';
import type { Skipped } from '../../judge/backtest/point.ts';
import type { TraceBucket } from '../../judge/backtest/trace.ts';
import type { Episode, Replayed, RuleKind, RuleStanding } from '../../judge/backtest.ts';

/** A rule as the user set it. */
export type RuleSettings = {
  readonly rule: RuleKind;
  readonly subject: string;
  /** The loudest that it may be. */
  readonly severity: Episode['severity'];
  /** What it fires on, in words: `p95 over +20 % of its baseline`. */
  readonly words: string;
  /** Drawn as a line, in the unit of the points. */
  readonly limit?: number;
};

/** What the same history looks like under changed rules. */
export type ChangeReport = {
  /** What was changed, as it was written: `max-regression=30%`. */
  readonly words: string;
  readonly settings: readonly RuleSettings[];
  readonly replayed: Replayed;
  readonly diff: EpisodeDiff;
};

/** A backtest, to be told in any form. */
export type BacktestReport = {
  readonly tool: string;
  readonly source: { readonly kind: 'csv' | 'ndjson' | 'stored'; readonly name: string };
  /** What the trace shows of each point: `value`, or `p95`; whoever exported values knows their unit. */
  readonly measure: { readonly name: string; readonly unit: 'ms' | null };
  readonly settings: readonly RuleSettings[];
  readonly replayed: Replayed;
  readonly trace: readonly TraceBucket[];
  readonly skipped: readonly Skipped[];
  readonly incidents?: IncidentReport;
  readonly change?: ChangeReport;
};

/** Of a rule, in the order of the settings. */
export const standingOf = ({ rules }: Replayed, { rule, subject }: RuleSettings): RuleStanding | undefined =>
  rules.find((one) => one.rule === rule && one.subject === subject);

export const episodesOf = ({ episodes }: Replayed, severity: Episode['severity']): readonly Episode[] =>
  episodes.filter((episode) => episode.severity === severity);

/** Of all weeks, those that are not listed included. */
export const totalsOf = ({ perWeek }: Replayed): { readonly pages: number; readonly tickets: number } => ({
  pages: perWeek.reduce((sum, week) => sum + week.pages, 0),
  tickets: perWeek.reduce((sum, week) => sum + week.tickets, 0),
});
