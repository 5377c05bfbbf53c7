import type { ProbeState } from '../judge/memory.ts';
import { createQuiet, type Quiet } from '../monitor/quiet.ts';
import type { AlarmStep } from '../monitor.ts';
import { usualSendPolicy } from '../probe/send.ts';
import { startDelivery } from './delivery.ts';
import { quietProbers, quietStore } from './quiet.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import { resumeWatch } from './watch/catch-up.ts';
import type { WatchDeps, WatchSettings } from './watch/settings.ts';
import { startTicks } from './watch/ticks.ts';
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

/** An extra run that a kill prevented comes late, or not at all. */
const longestConfirmDelayMs = 600_000;

const isStillWanted = (state: ProbeState, nowMs: number): state is ProbeState & Required<Pick<ProbeState, 'confirm'>> =>
  state.confirm !== undefined && nowMs - Date.parse(state.confirm.at) <= longestConfirmDelayMs;

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
  const { takenMs, pending, states } = await resumeWatch(first.probes, first.monitor);
  const quiet = createQuiet(clock.sleep, longestQuietWaitMs);
  let settings = calmed(first, quiet);

  const recipients = () => ({ context: settings.monitor.context, channels: settings.channels });
  const { random } = deps;
  const delivery = startDelivery({ store, clock, recipients, policy: usualSendPolicy, random, say: listener.told });
  delivery.add(pending);

  const abort = new AbortController();
  const stepped = (probe: string, { before, after, events }: AlarmStep): void => {
    delivery.add(events);
    if (!after) return;
    ticks.note(after);
    if (after.confirm && after.confirm.slot !== before?.confirm?.slot) confirm(probe, after.confirm);
  };
  const turns = createTurns(() => settings, deps, stepped, abort.signal);
  const { clockStepped: onClockStep } = listener;
  const napping = deps.longestSleepMs === undefined ? {} : { longestSleepMs: deps.longestSleepMs };
  const scheduler = startScheduler({ clock, concurrency, ...turns, onClockStep, ...napping });
  const confirm = (probe: string, { slot, at }: NonNullable<ProbeState['confirm']>): void =>
    scheduler.confirm(probe, { slotMs: Date.parse(slot), atMs: Date.parse(at) });
  const ticks = startTicks(
    () => settings,
    deps,
    states,
    ({ id }, alarm) => {
      listener.moved(id, alarm);
      stepped(id, alarm);
    },
  );
  scheduler.replace(first.probes, takenMs);
  for (const state of states) {
    if (isStillWanted(state, clock.now())) confirm(state.probe, state.confirm);
  }

  return {
    next: scheduler.next,
    isRunning: scheduler.isRunning,
    demand: scheduler.demand,
    reload: (next) => {
      settings = calmed(next, quiet);
      scheduler.replace(next.probes);
      ticks.replace();
    },
    stop: async ({ graceMs, sendMs }) => {
      const ended = new AbortController();
      const looked = ticks.stop();
      const finished = scheduler.stop().then(() => ended.abort());
      await clock.sleep(graceMs, ended.signal);
      abort.abort(new Error('the watch ends'));
      await Promise.all([finished, looked]);
      await delivery.close(sendMs);
    },
  };
};
