import { weekOf, weeksBetween } from './week.ts';

export type AlertSeverity = 'page' | 'ticket';
export type RuleKind = 'regression' | 'slo' | 'runs' | 'overdue';

/** A rule, by what it looks at: a series or an objective, as `total` or `p(95)<400`. */
export type RuleSubject = { readonly rule: RuleKind; readonly subject: string };

/** What the rules `runs` and `overdue` of a stored probe look at. */
export const runsSubject = 'verdict';
export const slotsSubject = 'slots';

/** The figures behind an alert: plain JSON, by name. */
export type Evidence = Readonly<Record<string, string | number | boolean | null | readonly (number | null)[]>>;

/** What a rule says while it fires. */
export type Alert = { readonly severity: AlertSeverity; readonly reason: string; readonly evidence: Evidence };

/** A stretch of time in which a rule fired at one severity: somebody was told once. */
export type Episode = RuleSubject &
  Alert & {
    /** Epoch ms of the point at which it began to fire. Reason and evidence are those of that moment. */
    readonly atMs: number;
    /** Of the first at which it no longer did; `null` while it is open. */
    readonly untilMs: number | null;
  };

export type WeekCount = { readonly week: string; readonly pages: number; readonly tickets: number };

/** What was told over a history. */
export type Told = {
  /** By their beginning. */
  readonly episodes: readonly Episode[];
  /** Episodes beyond those listed, which are counted only. */
  readonly unlisted: number;
  /** Every week of the history, the quiet ones too. */
  readonly perWeek: readonly WeekCount[];
};

/** Keeps what rules say as episodes. Times never go back. */
export type Ledger = {
  /** What a rule says at a time; `null`: it does not fire. Saying the same again changes nothing. */
  say(rule: RuleSubject, atMs: number, alert: Alert | null): void;
  /** From the first point to the last; `null`: there was none. */
  end(fromMs: number | null, toMs: number | null): Told;
};

type Open = { -readonly [Key in keyof Episode]: Episode[Key] };

/** A rule that flaps all through a history of gigabytes may not fill the memory with what it said. */
const mostEpisodes = 100_000;

const none = { pages: 0, tickets: 0 };

export const openLedger = (): Ledger => {
  const episodes: Open[] = [];
  // By the rule's own identity: a look-up by name, for each point and rule, would cost more than the rule.
  const open = new Map<RuleSubject, Open>();
  const weeks = new Map<string, { pages: number; tickets: number }>();
  let unlisted = 0;

  const enter = (episode: Open): void => {
    if (episodes.length < mostEpisodes) episodes.push(episode);
    else unlisted += 1;
    const week = weekOf(episode.atMs);
    const counts = weeks.get(week) ?? { ...none };
    counts[episode.severity === 'page' ? 'pages' : 'tickets'] += 1;
    weeks.set(week, counts);
  };

  return {
    say: (rule, atMs, alert) => {
      const before = open.get(rule);
      if (before?.severity === alert?.severity) return;
      if (before) before.untilMs = atMs;
      open.delete(rule);
      if (!alert) return;
      const episode: Open = { atMs, untilMs: null, rule: rule.rule, subject: rule.subject, ...alert };
      open.set(rule, episode);
      enter(episode);
    },
    end: (fromMs, toMs) => ({
      episodes: episodes.map((episode) => ({ ...episode })),
      unlisted,
      perWeek:
        fromMs === null || toMs === null
          ? []
          : weeksBetween(fromMs, toMs).map((week) => ({ week, ...(weeks.get(week) ?? none) })),
    }),
  };
};
