import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment, ProbePlan, RehearsalPlan } from '../../config/plan.ts';
import { keysOf } from '../../judge/judge.ts';
import { judgeRehearsal, type RehearsalOutcome, type Told } from '../../judge/rehearsal.ts';
import type { AlarmStep, MonitorDeps } from '../../monitor.ts';
import type { PageEvent } from '../../page/event.ts';
import { createGuard } from '../../probe/guard.ts';
import { createRedactor } from '../../result/redact.ts';
import type { Store } from '../../result/store.ts';
import { openSqliteStore } from '../sqlite.ts';
import { startWatch, type WatchSettings } from '../watch.ts';
import { openVirtualClock, type VirtualClock } from './clock.ts';
import { simulatedProber } from './target.ts';

export type RehearsalDeps = {
  readonly service: string;
  readonly environment: Environment;
  /** Names of the config's variables. */
  readonly variables: readonly string[];
  readonly maintenance: MonitorDeps['maintenance'];
  /** Probes side by side. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** How far it is, each simulated day. */
  readonly tell: (playedMs: number, runs: number) => void;
};

export type PlayedRehearsal = RehearsalOutcome & {
  /** Epoch ms. */
  readonly originMs: number;
  readonly runs: number;
  readonly told: readonly Told[];
};

/** A Monday, so that what goes by weekdays is the same in every rehearsal. */
const originMs = Date.UTC(2024, 0, 1);

const dayMs = 86_400_000;

/** What a rehearsal plays does not depend on who has which variables, or on work put off. */
const playable = ({ deferred: _, ...probe }: ProbePlan): ProbePlan => ({ ...probe, enabled: true });

const toldOf = (event: PageEvent): Told => ({
  probe: event.probe,
  atMs: Date.parse(event.slot),
  kind: event.kind,
  route: event.route,
  title: event.title,
});

const settingsOf = (
  probes: readonly ProbePlan[],
  plan: RehearsalPlan,
  store: Store,
  clock: VirtualClock,
  deps: RehearsalDeps,
): WatchSettings => {
  const prober = simulatedProber({ seed: plan.seed, originMs, incidents: plan.incidents });
  return {
    probes,
    channels: { page: [], ticket: [], monitoring: [] },
    monitor: {
      probers: { http: prober, websocket: prober },
      store,
      service: deps.service,
      maintenance: deps.maintenance,
      keys: keysOf(probes),
      context: {
        clock,
        // The target that is not there takes any value.
        values: new Map(deps.variables.map((name) => [name, 'rehearsed'])),
        guard: createGuard({ allow: [], loopback: false }),
        redact: createRedactor([]),
        taintedAboveMs: Number.POSITIVE_INFINITY,
        concurrency: deps.concurrency,
      },
    },
  };
};

const playWatch = async (
  probes: readonly ProbePlan[],
  plan: RehearsalPlan,
  store: Store,
  clock: VirtualClock,
  deps: RehearsalDeps,
): Promise<{ readonly told: readonly Told[]; readonly runs: number }> => {
  const told: Told[] = [];
  let runs = 0;
  let failure: unknown;
  const watch = await startWatch(settingsOf(probes, plan, store, clock, deps), {
    clock,
    environment: deps.environment,
    concurrency: deps.concurrency,
    // Only delays between tries of sending are drawn, and nothing is sent.
    random: () => 0.5,
    longestSleepMs: Number.POSITIVE_INFINITY,
    listener: {
      began: () => {},
      ended: (_, alarm: AlarmStep) => {
        runs += 1;
        told.push(...alarm.events.map(toldOf));
      },
      moved: (_, alarm) => void told.push(...alarm.events.map(toldOf)),
      told: () => {},
      clockStepped: () => {},
      failed: (_, error) => {
        failure ??= error;
      },
    },
  });
  for (let day = 1; day * dayMs <= plan.spanMs + dayMs && !deps.signal.aborted && failure === undefined; day++) {
    const playedMs = Math.min(day * dayMs, plan.spanMs);
    await clock.playUntil(originMs + playedMs, deps.signal);
    deps.tell(playedMs, runs);
  }
  const stopped = watch.stop({ graceMs: 0, sendMs: 0 });
  await clock.playUntil(clock.now() + dayMs, new AbortController().signal);
  await stopped;
  deps.signal.throwIfAborted();
  if (failure !== undefined) throw failure;
  return { told, runs };
};

/**
 * Plays the schedule against a simulated target: scheduler, judge, store and pages are those of `watch`; only the clock
 * and the prober are others. Its store is a file of its own that is gone afterwards.
 */
export const playRehearsal = async (
  probes: readonly ProbePlan[],
  plan: RehearsalPlan,
  deps: RehearsalDeps,
): Promise<PlayedRehearsal> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-rehearsal-'));
  try {
    const clock = openVirtualClock(originMs);
    const playables = probes.map(playable);
    const store = await openSqliteStore({ path: join(folder, 'plimsoll.db'), clock, durable: false });
    try {
      const { told, runs } = await playWatch(playables, plan, store, clock, deps);
      return { ...judgeRehearsal(playables, plan.incidents, told, originMs), originMs, runs, told };
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
