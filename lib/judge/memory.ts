import type { Severity } from '../config/plan.ts';
import type { BaselineDocument } from '../result/store.ts';
import type { AlarmRule } from './alarm-rule.ts';
import type { RegressionHot } from './regression.ts';
import type { SloMemory } from './slo.ts';
import type { AlarmMemory, AlarmState, Deploy, Incident } from './state.ts';

export type { AlarmRule } from './alarm-rule.ts';

/** An alarm of a probe, with what was told of it. */
export type ProbeAlarm = AlarmMemory & {
  /** While its incident is open. */
  readonly told?: Told;
};

/** Who was told of an incident. */
export type Told = {
  /** Severities at which this alarm told it, in order; none: it is part of another alarm's trouble. */
  readonly as: readonly Severity[];
  /** As it is now: about the last runs, and not about hours and days. */
  readonly prompt: boolean;
  /** The alarm that told it, where it joined that one … */
  readonly joined?: AlarmRule;
  /** … and the ISO slot at which that alarm was over. What outlives it by `graceMs` is told after all. */
  readonly orphanedAt?: string;
  /** How long its own windows still hold what is over. */
  readonly graceMs: number;
};

/** `inconclusive` runs in a row. */
export type Streak = {
  /** ISO slot of the first of them. */
  readonly since: string;
  /** ISO slot of the one with which it was told. */
  readonly toldAt?: string;
};

/** The state of a probe: what people look at. Small plain JSON. */
export type ProbeState = {
  readonly probe: string;
  /** Counts its changes: what is written must follow on what was read. */
  readonly revision: number;
  /** The worst of its alarms, since when, and which: an overdue run comes after all that is known of the service. */
  readonly state: AlarmState;
  /** ISO; `null` before its first run. */
  readonly since: string | null;
  readonly rule?: AlarmRule;
  /** Those that have said something. */
  readonly alarms: Readonly<Partial<Record<AlarmRule, ProbeAlarm>>>;
  /** `inconclusive` runs in a row, up to now. */
  readonly inconclusive: number;
  /** While there are some; a state of before it was kept has none. */
  readonly streak?: Streak;
  /** ISO slot of the last run that was taken in, by a schedule or to confirm; an older one changes nothing. */
  readonly lastSlot?: string;
  /** ISO time from which on a probe that never ran is waited for. */
  readonly watchedSince?: string;
  readonly deploy?: Deploy;
  /** An extra run that is due at this ISO time, as this slot. */
  readonly confirm?: { readonly slot: string; readonly at: string };
};

/** What the detectors remember from run to run. Plain JSON of some kilobytes. */
export type Detectors = {
  /** By objective. */
  readonly slo: Readonly<Record<string, SloMemory>>;
  /** By series: the hot part; the baselines have a document of their own. */
  readonly regression: Readonly<Record<string, RegressionHot>>;
};

/** All that the judge remembers of a probe: memory + input -> memory + findings. */
export type ProbeMemory = {
  readonly state: ProbeState;
  readonly detectors: Detectors;
  /** Changes seldom; the very same object while it did not. */
  readonly baseline?: BaselineDocument;
};

/** A streak of `inconclusive` runs is told (`inconclusive`), or the end of one that was (`conclusive`). */
export type StreakChange = {
  readonly kind: 'inconclusive' | 'conclusive';
  /** ISO slot of the run that brought it. */
  readonly slot: string;
  /** How many were inconclusive. */
  readonly runs: number;
  readonly streak: Streak;
};

/** What people are told of. An `inconclusive` streak is no word on the service: it goes to those who own the monitor. */
export type StateChange =
  | {
      readonly kind: 'breached' | 'recovered';
      readonly rule: AlarmRule;
      /** ISO slot of the run that brought it; of an overdue probe, the time at which it was noticed. */
      readonly slot: string;
      readonly incident: Incident;
      readonly severity: Severity;
      /** What the alarm counted: `2 of the last 3 runs were bad`. */
      readonly counted: string;
      /** Why, in plain words with the figures, beside what the run itself says; the other alarms of the same trouble last. */
      readonly reasons: readonly string[];
    }
  | StreakChange;
