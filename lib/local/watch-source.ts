import type { Environment, ProbePlan } from '../config/plan.ts';
import { describeSchedule } from '../config/schedule.ts';
import type { ProbeState } from '../judge/memory.ts';
import type { AlarmStep } from '../monitor.ts';
import type { Run } from '../result/result.ts';
import type { Store } from '../result/store.ts';
import type { DashboardSource, ProbeView } from './dashboard/source.ts';
import type { Watch } from './watch.ts';

/** Runs in the strip of a probe, and in those of all together: a thousand probes show fewer each. */
const stripRuns = 60;
const allStripRuns = 10_000;
const fewestStripRuns = 10;

export type WatchSourceOptions = {
  readonly service: string;
  readonly environment: Environment;
  readonly store: Store;
  /** The probes of the moment. */
  readonly probes: () => readonly ProbePlan[];
  readonly watch: () => Pick<Watch, 'next' | 'isRunning'> | undefined;
};

/** The dashboard's source, and what keeps it up to date. */
export type WatchSource = DashboardSource & {
  ended(run: Run, alarm: AlarmStep): void;
  moved(probe: string, alarm: AlarmStep): void;
  /** Something else that is shown changed: a run began, the config was reloaded. */
  changed(): void;
};

/** A thousand probes with their evidence would be a gigabyte: a strip needs the figures alone. */
const slim = (run: Run): Run => ({ ...run, exemplar: null, series: [], connections: [], cleanup: [] });

const bySlot = (a: Run, b: Run): number => a.slot.localeCompare(b.slot) || a.startedAt.localeCompare(b.startedAt);

const createStrips = (store: Store, probes: WatchSourceOptions['probes']) => {
  const strips = new Map<string, readonly Run[]>();
  const length = (): number =>
    Math.max(fewestStripRuns, Math.min(stripRuns, Math.floor(allStripRuns / Math.max(1, probes().length))));
  return {
    of: async (probe: string): Promise<readonly Run[]> => {
      const known = strips.get(probe);
      if (known) return known;
      const runs = (await store.list({ probe, limit: length() })).map(slim).toReversed();
      strips.set(probe, runs);
      return runs;
    },
    add: (run: Run): void => {
      const known = strips.get(run.probe);
      // Not looked at yet: the store has it when it is.
      if (!known) return;
      strips.set(
        run.probe,
        [...known.filter(({ runId }) => runId !== run.runId), slim(run)].sort(bySlot).slice(-length()),
      );
    },
  };
};

/** What the dashboard asks, answered from the store and from the watch as it stands. */
export const createWatchSource = (options: WatchSourceOptions): WatchSource => {
  const { store, service, environment } = options;
  const listeners = new Set<() => void>();
  const strips = createStrips(store, options.probes);
  const states = new Map<string, ProbeState>();
  let statesRead = false;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const readStates = async (): Promise<void> => {
    if (statesRead) return;
    const stored = await store.states();
    for (const state of stored) if (!states.has(state.probe)) states.set(state.probe, state);
    statesRead = true;
  };
  const viewOf = async (probe: ProbePlan): Promise<ProbeView> => {
    const state = states.get(probe.id);
    const watch = options.watch();
    const next = watch?.next(probe.id);
    return {
      id: probe.id,
      kind: probe.kind,
      ...(probe.description === undefined ? {} : { description: probe.description }),
      severity: probe.severity,
      schedule: probe.schedule ? describeSchedule(probe.schedule) : 'on demand',
      nextSlot: next === undefined ? null : new Date(next.slotMs).toISOString(),
      running: watch?.isRunning(probe.id) ?? false,
      state: state?.state ?? 'ok',
      since: state?.since ?? null,
      ...(state?.rule === undefined ? {} : { rule: state.rule }),
      runs: await strips.of(probe.id),
    };
  };

  return {
    service,
    environment,
    probes: async () => {
      await readStates();
      const views: ProbeView[] = [];
      for (const probe of options.probes()) views.push(await viewOf(probe));
      return views;
    },
    history: (probe, limit) => store.list({ probe, limit }),
    failures: (limit) => store.list({ notGood: true, limit }),
    run: async (runId) => {
      const stored = await store.get(runId);
      return stored && { run: stored.run, passes: stored.passes };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ended: (run, alarm) => {
      strips.add(run);
      if (alarm.after) states.set(run.probe, alarm.after);
      changed();
    },
    moved: (probe, alarm) => {
      if (!alarm.after) return;
      states.set(probe, alarm.after);
      changed();
    },
    changed,
  };
};
