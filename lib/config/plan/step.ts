import type { FrameStep } from './frame.ts';
import type { Threshold } from './probe.ts';
import type { RequestStep } from './request.ts';

export type Step = RequestStep | FrameStep;
export type StepType = Step['type'];

export type StepCommon = {
  /** Unique in its probe. Default: its position, what it does and to whom, as `2 send a`. */
  readonly name: string;
  /** Default: the probe's. */
  readonly timeoutMs: number;
  readonly thresholds: readonly Threshold[];
  /** Names the moment at which the step begins its work, for `latency.since`, `from` and invariants. */
  readonly mark?: string;
};
