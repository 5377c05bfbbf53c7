const dayMs = 86_400_000;

/** How long a store keeps what. */
export type Retention = {
  /** Runs live at least this long … */
  readonly runsMs: number;
  /** … and at least this many cadences, so that a weekly probe has a past to compare with. */
  readonly runCadences: number;
  /** Raw samples, which never outlive their run. */
  readonly samplesMs: number;
};

/** 90 days or 200 cadences; samples 400 days. */
export const defaultRetention: Retention = { runsMs: 90 * dayMs, runCadences: 200, samplesMs: 400 * dayMs };

export type Expiry = { readonly runAt: number; readonly samplesAt: number };

/** When (epoch ms) a run of this slot and its samples have outlived their use. No cadence: on demand. */
export const expiryOf = (retention: Retention, slotMs: number, cadenceMs: number | undefined): Expiry => ({
  runAt: slotMs + Math.max(retention.runsMs, retention.runCadences * (cadenceMs ?? 0)),
  samplesAt: slotMs + retention.samplesMs,
});
