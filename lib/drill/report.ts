import type { Proof } from './identity.ts';
import type { Observed } from './live-client.ts';
import type { Fence } from './ports.ts';
import type { EpochMs, Finding, RestartReceipt, Sighting, Status, Tick, TrailEntry } from './record.ts';
import type { IntervalMs, Outage } from './recovery.ts';
import type { Verdict } from './verdict.ts';
import type { ReportedWrite } from './writes.ts';

/** Evidence of one drill: schema 1, chained to the one before it by its hash. */
export type DrillReport = {
  readonly schema: 1;
  readonly tool: string;
  readonly service: string;
  readonly environment: string;
  readonly drill: string;
  readonly run: string;
  readonly target: string;
  readonly trigger: 'demand' | 'schedule';
  readonly requester: string;
  readonly reason: string;
  readonly configHash: string;
  /** ISO. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly status: Status;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly objectives: { readonly rtoMs: number; readonly rpoMs: number };
  readonly measured: {
    readonly outage: Outage;
    /** From the interruption to full function; `null`: none was seen. */
    readonly rta: IntervalMs | null;
    readonly rpa: IntervalMs | null;
    /** From the command to full function: longer than the RTA where the old process drains. */
    readonly commandToRecovered: IntervalMs | null;
    /** From the accepted restart to the end of the verification. */
    readonly verifiedMs: number | null;
  };
  readonly identity: {
    readonly before: readonly Sighting[];
    readonly after: readonly Sighting[];
    readonly proven: Proof['proven'];
    /** What proves it, or why nothing does. */
    readonly reasons: Proof['reasons'];
  };
  /** Just before the restart was asked for; `null`: nobody asked. */
  readonly askedAt: EpochMs | null;
  readonly receipt: RestartReceipt | null;
  readonly ledger: Readonly<
    Record<
      'attempted' | 'acknowledged' | 'lost' | 'recovered' | 'unexpected' | 'duplicated' | 'stale' | 'corrupt',
      number
    >
  >;
  /** The writes that `ledger` counts; of more than 2,000 all lost ones, and those nearest to the restart. */
  readonly writes: readonly ReportedWrite[];
  readonly findings: readonly Finding[];
  readonly notExercised: readonly string[];
  readonly leftovers: readonly string[];
  readonly trail: readonly TrailEntry[];
  readonly ticks: readonly Tick[];
  /** What a live client of the streams saw; absent where none can be followed. */
  readonly observed?: Observed;
  readonly fence: Fence | null;
  /** SHA-256 of the report of this drill before it, in its canonical JSON; `null` for the first. */
  readonly previous: string | null;
  readonly hash: string;
};
