import type { ProbeKind } from '../config/plan.ts';
import type { Quiet } from '../monitor/quiet.ts';
import type { Prober } from '../probe/prober.ts';
import type { Store } from '../result/store.ts';

type Probers = Readonly<Record<ProbeKind, Prober>>;

export const quietProbers = (probers: Probers, quiet: Quiet): Probers => ({
  http: (...call) => quiet.during(() => probers.http(...call)),
  websocket: (...call) => quiet.during(() => probers.websocket(...call)),
});

/**
 * The same store, but what it does at the end of a run waits for a quiet moment: once, at the first look into it after
 * the measurement. The writes follow in the same breath, and a second wait would only hold up the queue.
 */
export const quietStore = (store: Store, quiet: Quiet): Store => ({
  ...store,
  memory: async (...call) => {
    await quiet.wait();
    return store.memory(...call);
  },
  put: async (stored) => {
    if (stored.run.status !== 'done') await quiet.wait();
    return store.put(stored);
  },
});
