import type { ProbePlan } from '../../config/plan.ts';
import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { confirmItem, latenessOf } from '../../dispatch/late.ts';
import { packMessages } from '../../dispatch/pack.ts';
import { deployedService } from '../../dispatch/service.ts';
import { lacksConfirmation, wantsLook } from '../../judge/attention.ts';
import { keysOf } from '../../judge/judge.ts';
import type { ProbeState } from '../../judge/memory.ts';
import { stepTick } from '../../monitor/step.ts';
import type { PageEvent } from '../../page/event.ts';
import type { Store } from '../../result/store.ts';
import type { Events } from '../events.ts';
import type { Log } from '../log.ts';
import { wordsOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { sideBySide } from '../side-by-side.ts';
import type { WorkQueue } from '../work-queue.ts';

/** What a look over all probes works with. */
export type TickDeps = {
  readonly deployed: DeployedPlan;
  readonly store: Store;
  readonly events: Events;
  readonly queue: WorkQueue;
  readonly metrics: Metrics;
  /** Whether it is ours to publish the gauges, of all who want that now; resolves when it is time. */
  readonly turn: () => Promise<boolean>;
  readonly log: Log;
  readonly remainingMs: () => number;
};

export type Now = { readonly nowMs: number; readonly shiftMs?: number };

/** Probes that are stepped at once: each is a read and a write of its own items. */
const looksAtOnce = 8;

/** For the events, the gauges and the heartbeat, when there are more probes to look at than time. */
const reserveMs = 20_000;

/** An event is given so long to be sent before it is put once more; to put it too often harms nobody. */
const pendingMs = 60_000;

type Looked = { readonly state?: ProbeState; readonly events: readonly PageEvent[]; readonly failed: boolean };

const look = async (probe: ProbePlan, { nowMs }: Now, deps: TickDeps): Promise<Looked> => {
  const { deployed, store, log } = deps;
  const { service, maintenance, probes } = deployed.plan;
  if (deps.remainingMs() < reserveMs) return { events: [], failed: true };
  try {
    const judging = { store, service, maintenance, keys: keysOf(probes) };
    const { after, events } = await stepTick(probe, { nowMs }, deployed.environment, judging);
    return { ...(after ? { state: after } : {}), events, failed: false };
  } catch (error) {
    log({ level: 'error', what: 'look failed', probe: probe.id, reason: wordsOf(error) });
    return { events: [], failed: true };
  }
};

/** Those that nobody settled: the bus lost them, or the page function did. It knows what it has sent. */
const stillPending = async ({ store }: TickDeps, { nowMs }: Now, fresh: readonly PageEvent[]) => {
  const known = new Set(fresh.map(({ id }) => id));
  const pending = await store.pendingEvents();
  return pending.filter(({ id, slot }) => !known.has(id) && nowMs - Date.parse(slot) >= pendingMs);
};

const confirmations = (states: readonly ProbeState[], { deployed }: TickDeps, { nowMs }: Now) => {
  const probes = new Map(deployed.plan.probes.map((probe) => [probe.id, probe]));
  return states.flatMap((state) => {
    const probe = probes.get(state.probe);
    if (!probe || !state.confirm || !lacksConfirmation(state, nowMs)) return [];
    const item = confirmItem(probe, state.confirm);
    return latenessOf(item, nowMs) === undefined ? [item] : [];
  });
};

const publish = ({ metrics, deployed }: TickDeps, states: readonly ProbeState[], heartbeat: boolean) =>
  metrics.publishGauges({ states, probes: deployed.plan.probes, metrics: deployed.plan.metrics, heartbeat });

/** After a change of a verdict: the gauges, a few seconds later, for all that changed meanwhile. */
export const publishChanged = async (deps: TickDeps): Promise<void> => {
  if (await deps.turn()) await publish(deps, await deps.store.states(), false);
};

/**
 * Looks over all probes: tells of runs that do not come, puts what is still to be told on the bus once more, asks for extra
 * runs that were lost, and publishes the gauges.
 * @throws Error when a probe could not be looked at, after all else is done.
 */
export const takeTick = async (deps: TickDeps, now: Now): Promise<void> => {
  const { plan } = deps.deployed;
  const before = new Map((await deps.store.states()).map((state) => [state.probe, state]));
  const rules = { keys: keysOf(plan.probes), maintenance: plan.maintenance };
  const wanted = plan.probes.filter((probe) => wantsLook(probe, before.get(probe.id), rules, now.nowMs));
  const looked = await sideBySide(wanted, looksAtOnce, (probe) => look(probe, now, deps));
  const states = new Map([...before, ...looked.flatMap(({ state }) => (state ? [[state.probe, state] as const] : []))]);
  const fresh = looked.flatMap(({ events }) => events);
  await deps.events.put([...fresh, ...(await stillPending(deps, now, fresh))]);
  await publish(deps, [...states.values()], true);
  const items = confirmations([...states.values()], deps, now);
  await deps.queue.send(packMessages(deployedService(deps.deployed), items, now.nowMs, now.shiftMs).messages);
  const failed = looked.filter((one) => one.failed).length;
  if (failed > 0) throw new Error(`${failed} of ${wanted.length} probes could not be looked at: see the log`);
};
