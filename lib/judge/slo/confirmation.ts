/** A run of a schedule that may be worth an extra one. */
export type ConfirmationQuestion = {
  /** The plan's `alarm.confirmAfterMs`: set by default from a cadence of ten minutes on. `null`: never. */
  readonly confirmAfterMs: number | null;
  /** Passes measured, and those of them that were complete and right. */
  readonly samples: number;
  readonly good: number;
  /** It is itself an extra run. */
  readonly isConfirmation: boolean;
  /** The run before it, an extra one too, had no good pass either: that outage has been asked after. */
  readonly failedBefore: boolean;
};

/**
 * Whether this run is the first total failure of a slow probe, to be confirmed by one extra run soon after: what would
 * take hours to be sure of takes a minute (detection.md §9). Never twice in a row.
 */
export const needsConfirmation = (run: ConfirmationQuestion): boolean =>
  run.confirmAfterMs !== null && run.samples > 0 && run.good === 0 && !run.isConfirmation && !run.failedBefore;
