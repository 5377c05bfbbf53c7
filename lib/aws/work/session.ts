import type { DeployedService } from '../../dispatch/deployed.ts';
import type { WorkItem, WorkMessage } from '../../dispatch/message.ts';
import { lanes } from '../../dispatch/time-left.ts';
import { createQuiet, type Quiet } from '../../monitor/quiet.ts';
import type { JudgeDeps } from '../../monitor/step.ts';
import type { MonitorDeps } from '../../monitor.ts';
import type { Clock } from '../../probe/prober.ts';
import type { StoredRun } from '../../result/store.ts';
import { shiftClock } from '../clock.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Leases } from '../dynamodb/leases.ts';
import type { Events } from '../events.ts';
import type { Log } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import type { WorkQueue } from '../work-queue.ts';
import { type Keeping, type OpenKept, openKeeping } from './keeping.ts';
import { measuringOf } from './measuring.ts';

/** What the probe function works with, whatever message comes. */
export type WorkDeps = {
  readonly region: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly queue: WorkQueue;
  readonly deadLetters: DeadLetters;
  readonly events: Events;
  readonly openKept: OpenKept;
  readonly leases: () => Promise<Leases>;
  readonly publishRuns: (service: DeployedService, runs: readonly StoredRun[]) => Promise<boolean>;
};

/** What the runs of one message share. */
export type Session = WorkDeps & {
  readonly service: DeployedService;
  /** Set forward in a rehearsal. */
  readonly shifted: Clock;
  readonly measuring: Pick<MonitorDeps, 'context' | 'probers' | 'control'>;
  readonly judging: JudgeDeps;
  readonly keeping: Keeping;
  readonly quiet: Quiet;
  /** The message was delivered before: what it asks for may be done. */
  readonly again: boolean;
  /** What is left of the function's life, in ms. */
  readonly remainingMs: () => number;
  /** Puts runs into the queue once more, to be delivered after so long. */
  readonly queueAgain: (items: readonly WorkItem[], delayS: number) => Promise<void>;
};

/** What is loaded at the end of a run waits so long for the others' samples. */
const longestQuietWaitMs = 2_000;

export const openSession = async (
  { service, items, shiftMs }: WorkMessage,
  deps: WorkDeps,
  delivery: Pick<Session, 'again' | 'remainingMs'>,
): Promise<Session> => {
  const shifted = shiftClock(deps.clock, shiftMs ?? 0);
  await deps.secrets.warm(service.variables);
  const measuring = await measuringOf(service, deps.secrets, shifted, Math.min(lanes, items.length));
  const keeping = openKeeping(deps.openKept, service, items, shifted);
  const { maintenance, keys } = service;
  return {
    ...deps,
    ...delivery,
    service,
    shifted,
    measuring,
    keeping,
    judging: { store: keeping.store, service: service.service, maintenance, keys },
    quiet: createQuiet(deps.sleep, longestQuietWaitMs),
    queueAgain: (again, delayS) =>
      deps.queue.send([
        { message: { schema: 1, service, items: again, ...(shiftMs === undefined ? {} : { shiftMs }) }, delayS },
      ]),
  };
};
