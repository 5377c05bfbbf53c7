import type { Environment, ProbeKind, Severity } from '../../config/plan.ts';
import type { AlarmRule } from '../../judge/alarm-rule.ts';
import type { AlarmState } from '../../judge/state.ts';
import type { Pass, Run } from '../../result/result.ts';

/** A probe as the dashboard shows it. */
export type ProbeView = {
  readonly id: string;
  readonly kind: ProbeKind;
  readonly description?: string;
  readonly severity: Severity;
  /** In words: `every 1m`. */
  readonly schedule: string;
  /** ISO; `null` when it runs on demand only. */
  readonly nextSlot: string | null;
  readonly running: boolean;
  readonly state: AlarmState;
  /** ISO; `null` before the first run. */
  readonly since: string | null;
  /** The alarm that has brought it; absent while all are ok. */
  readonly rule?: AlarmRule;
  /** The latest runs, oldest first, without samples: at most 60. */
  readonly runs: readonly Run[];
};

/** What the dashboard asks of the watch; every answer is read afresh. */
export type DashboardSource = {
  readonly service: string;
  readonly environment: Environment;
  probes(): Promise<readonly ProbeView[]>;
  /** Runs of one probe by slot, newest first. */
  history(probe: string, limit: number): Promise<readonly Run[]>;
  /** The latest runs that were not good, newest first, over all probes. */
  failures(limit: number): Promise<readonly Run[]>;
  run(runId: string): Promise<{ readonly run: Run; readonly passes: readonly Pass[] } | undefined>;
  /** Calls back after each change (a run began or ended, the config was reloaded); answers how to stop. */
  subscribe(listener: () => void): () => void;
};
