import { usualSendPolicy } from '../probe/send.ts';
import { startDelivery } from './delivery.ts';
import { createQuiet, type Quiet, quietProbers, quietStore } from './quiet.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import { resumeWatch } from './watch/catch-up.ts';
import type { WatchDeps, WatchSettings } from './watch/settings.ts';
import { createTurns } from './watch/turns.ts';

export type { WatchDeps, WatchListener, WatchSettings } from './watch/settings.ts';

/** What the end of a run waits for a quiet moment at most. */
const longestQuietWaitMs = 100;

export type Watch = Pick<Scheduler, 'next' | 'isRunning' | 'demand'> & {
  /** Takes another config; probes whose schedule is the same keep their place. */
  reload(settings: WatchSettings): void;
  /** Starts nothing more; aborts, with their cleanup, the runs that have not ended after `graceMs`; sends what is left. */
  stop(limits: { readonly graceMs: number; readonly sendMs: number }): Promise<void>;
};

const calmed = (settings: WatchSettings, quiet: Quiet): WatchSettings => ({
  ...settings,
  monitor: {
    ...settings.monitor,
    store: quietStore(settings.monitor.store, quiet),
    probers: quietProbers(settings.monitor.probers, quiet),
  },
});

/** Watches: schedule → probe → store → judge → event → page, until it is stopped. Goes on where a killed one was. */
export const startWatch = async (first: WatchSettings, deps: WatchDeps): Promise<Watch> => {
  const { clock, concurrency, listener } = deps;
  const { store } = first.monitor;
  const { takenMs, pending } = await resumeWatch(first.probes, first.monitor);
  const quiet = createQuiet(clock, longestQuietWaitMs);
  let settings = calmed(first, quiet);

  const recipients = () => ({ context: settings.monitor.context, channels: settings.channels });
  const { random } = deps;
  const delivery = startDelivery({ store, clock, recipients, policy: usualSendPolicy, random, say: listener.told });
  delivery.add(pending);

  const abort = new AbortController();
  const turns = createTurns(
    () => settings,
    deps,
    (event) => delivery.add([event]),
    abort.signal,
  );
  const scheduler = startScheduler({ clock, concurrency, ...turns, onClockStep: listener.clockStepped });
  scheduler.replace(first.probes, takenMs);

  return {
    next: scheduler.next,
    isRunning: scheduler.isRunning,
    demand: scheduler.demand,
    reload: (next) => {
      settings = calmed(next, quiet);
      scheduler.replace(next.probes);
    },
    stop: async ({ graceMs, sendMs }) => {
      const ended = new AbortController();
      const finished = scheduler.stop().then(() => ended.abort());
      await clock.sleep(graceMs, ended.signal);
      abort.abort(new Error('the watch ends'));
      await finished;
      await delivery.close(sendMs);
    },
  };
};
