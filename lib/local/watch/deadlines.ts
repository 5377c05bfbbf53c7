import { overdueAtMs, type ProbeRules, rulesOf } from '../../judge/judge.ts';
import type { ProbeState } from '../../judge/memory.ts';
import type { WatchSettings } from './settings.ts';

/** When each probe of a watch has to be looked at because its run does not come. Times are epoch ms. */
export type Deadlines = {
  /** Takes note of what a probe is waiting for. */
  note(state: ProbeState): void;
  /** Takes the probes of another config. */
  replace(settings: WatchSettings): void;
  /** From this moment on somebody looks without a break: what was not run before has time to come. */
  wake(nowMs: number): void;
  /** Looks again at a probe, not before this. */
  putOff(probe: string, untilMs: number): void;
  due(nowMs: number): readonly string[];
  /** Infinite when nothing is waited for. */
  nextMs(): number;
};

type Awaited = Pick<ProbeState, 'lastSlot' | 'watchedSince'> & { readonly told: boolean };

const awaitedOf = ({ lastSlot, watchedSince, alarms }: ProbeState): Awaited => ({
  ...(lastSlot === undefined ? {} : { lastSlot }),
  ...(watchedSince === undefined ? {} : { watchedSince }),
  told: alarms.overdue?.incident !== undefined,
});

/** @param firstLookMs after which a probe that never ran is looked at. */
export const openDeadlines = (states: readonly ProbeState[], firstLookMs: number, nowMs: number): Deadlines => {
  const awaited = new Map(states.map((state) => [state.probe, awaitedOf(state)]));
  const rules = new Map<string, ProbeRules>();
  const dueMs = new Map<string, number>();
  let awakeSinceMs = nowMs;

  const dueOf = (probe: string): number => {
    const known = rules.get(probe);
    const waits = awaited.get(probe);
    if (!known || waits?.told) return Number.POSITIVE_INFINITY;
    if (waits?.lastSlot === undefined && waits?.watchedSince === undefined) return awakeSinceMs + firstLookMs;
    return overdueAtMs(known, waits, awakeSinceMs);
  };

  return {
    note: (state) => {
      awaited.set(state.probe, awaitedOf(state));
      if (rules.has(state.probe)) dueMs.set(state.probe, dueOf(state.probe));
    },
    replace: ({ probes, monitor }) => {
      rules.clear();
      dueMs.clear();
      for (const probe of probes) {
        rules.set(probe.id, rulesOf(probe, monitor.keys, monitor.maintenance));
        dueMs.set(probe.id, dueOf(probe.id));
      }
    },
    wake: (atMs) => {
      awakeSinceMs = atMs;
      for (const probe of dueMs.keys()) dueMs.set(probe, dueOf(probe));
    },
    putOff: (probe, untilMs) => {
      const due = dueMs.get(probe);
      if (due !== undefined) dueMs.set(probe, Math.max(due, untilMs));
    },
    due: (atMs) => [...dueMs].flatMap(([probe, due]) => (due <= atMs ? [probe] : [])),
    nextMs: () => [...dueMs.values()].reduce((next, due) => Math.min(next, due), Number.POSITIVE_INFINITY),
  };
};
