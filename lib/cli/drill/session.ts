import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { DrillPlan } from '../../config/plan.ts';
import { type LocalPorts, openLocalPorts } from '../../local/drill/open.ts';
import type { LocalDrillStore } from '../../local/drill/store.ts';
import { openTarget } from '../../probe/target/open.ts';
import type { Store } from '../../result/store.ts';
import { systemClock } from '../clock.ts';
import { environmentOf, type ResolvedPlan } from '../load-plan.ts';
import { probeContext } from '../monitor-deps.ts';
import { openLocalStore } from '../store.ts';
import type { Terminal } from '../terminal.ts';
import type { ChosenDrill } from './choose.ts';
import { openDrillStore } from './store.ts';
import type { DrillView } from './view.ts';

/** What the drills of one call of the command share. */
export type DrillSession = {
  readonly resolved: ResolvedPlan;
  readonly store: LocalDrillStore;
  readonly runs: Store;
  readonly terminal: Terminal;
  readonly view: DrillView;
  /** Absolute. */
  readonly dataFolder: string;
  readonly requester: string;
};

/** Sorts by time, and says in a list of files whose it is. */
export const newRunId = ({ id }: DrillPlan): string => {
  const at = new Date(systemClock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${id}-${at}-${randomBytes(3).toString('hex')}`;
};

/** Opens what the drills of a data folder need, and closes it after the work. */
export const withSession = async <T>(
  options: Omit<DrillSession, 'store' | 'runs' | 'dataFolder'> & { readonly data: string },
  work: (session: DrillSession) => Promise<T>,
): Promise<T> => {
  const { data, terminal, resolved } = options;
  const dataFolder = resolve(terminal.cwd, data);
  const runs = await openLocalStore(data, () => resolved.plan, terminal);
  try {
    const store = await openDrillStore(data, terminal);
    try {
      return await work({ ...options, dataFolder, store, runs });
    } finally {
      await store.close();
    }
  } finally {
    await runs.close();
  }
};

/** What one run of a drill works with. */
export const portsOf = (session: DrillSession, { drill, targetPlan }: ChosenDrill, runId: string): LocalPorts => {
  const { resolved, terminal, view, dataFolder, requester, store, runs } = session;
  const context = probeContext(resolved, terminal, 1);
  return openLocalPorts({
    plan: resolved.plan,
    drill,
    targetPlan,
    runId,
    requester,
    environment: environmentOf(terminal),
    dataFolder,
    cwd: terminal.cwd,
    env: terminal.env,
    target: openTarget(targetPlan, context),
    store,
    runs,
    context,
    clock: systemClock,
    progress: view.progress,
    say: view.say,
  });
};
