import { type Alert, openLedger, type RuleSubject, type Told } from './backtest/ledger.ts';
import type { HistoryPoint } from './backtest/point.ts';
import { openTrace, type TraceBucket } from './backtest/trace.ts';

export type { Alert, AlertSeverity, Episode, Evidence, RuleKind, RuleSubject, WeekCount } from './backtest/ledger.ts';
export { runsSubject, slotsSubject } from './backtest/ledger.ts';

/** What a rule made of one point. */
export type Signal<Memory> = {
  readonly memory: Memory;
  /** `null`: it does not fire. */
  readonly alert: Alert | null;
  /** It knows enough to fire; a regression has to learn first. */
  readonly ready: boolean;
  /** The level that it compares with, for the picture. */
  readonly baseline?: number;
};

/** An alarm rule as a value. The reducer is the very one that `watch` runs. */
export type Detector<Memory = unknown> = RuleSubject & {
  // A method, so that detectors with memories of their own make one list.
  advance(before: Memory | undefined, point: HistoryPoint): Signal<Memory>;
};

export type RuleStanding = RuleSubject & {
  /** From here on it could fire; `null`: it never knew enough. */
  readonly readyMs: number | null;
};

/** What rules would have done over a history. */
export type Replayed = Told & {
  readonly points: number;
  /** Epoch ms of the first and the last point; `null` when there is none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly rules: readonly RuleStanding[];
  /** The level that a rule compared with, where one had one. */
  readonly baseline: readonly TraceBucket[];
};

/** A replay under way. */
export type Replay = {
  /** The next points, in any portions. */
  take(points: readonly HistoryPoint[]): void;
  end(): Replayed;
};

/** One rule on its way through the history. */
type Runner = { readonly detector: Detector; memory: unknown; readyMs: number | null };

/** Replays rules over points that come by time. What comes out does not depend on the size of the portions. */
export const openReplay = (detectors: readonly Detector[]): Replay => {
  const ledger = openLedger();
  const baseline = openTrace();
  const runners = detectors.map((detector): Runner => ({ detector, memory: undefined, readyMs: null }));
  let [points, fromMs, toMs]: [number, number | null, number | null] = [0, null, null];
  return {
    take: (batch) => {
      for (const point of batch) {
        const { atMs } = point;
        for (const runner of runners) {
          const signal = runner.detector.advance(runner.memory, point);
          runner.memory = signal.memory;
          ledger.say(runner.detector, atMs, signal.alert);
          if (signal.ready) runner.readyMs ??= atMs;
          if (signal.baseline !== undefined) baseline.add(atMs, signal.baseline);
        }
        fromMs ??= atMs;
        toMs = atMs;
      }
      points += batch.length;
    },
    end: () => ({
      ...ledger.end(fromMs, toMs),
      points,
      fromMs,
      toMs,
      rules: runners.map(({ detector: { rule, subject }, readyMs }) => ({ rule, subject, readyMs })),
      baseline: baseline.buckets(),
    }),
  };
};
