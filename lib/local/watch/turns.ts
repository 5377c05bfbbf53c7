import type { Environment, ProbePlan } from '../../config/plan.ts';
import { type Occasion, recordUnrun } from '../../judge/run.ts';
import { type AlarmStep, monitorOnce } from '../../monitor.ts';
import { localRegion as region, runId } from '../../result/run-id.ts';
import type { StoredRun } from '../../result/store.ts';
import type { SchedulerDeps, Turn, Unrun } from '../scheduler.ts';
import type { WatchDeps, WatchSettings } from './settings.ts';

const isoOf = (ms: number): string => new Date(ms).toISOString();

const occasionOf = (turn: Turn, environment: Environment, nowMs: number): Occasion => {
  const where = { region, environment };
  if (turn.kind === 'demand') return { slot: isoOf(nowMs), trigger: 'demand', ...where, token: crypto.randomUUID() };
  const slot = isoOf(turn.slotMs);
  if (turn.kind === 'confirm') return { slot, trigger: 'confirm', ...where, token: 'confirm' };
  return { slot, trigger: 'schedule', ...where, lateMs: Math.round(turn.lateMs) };
};

const unrunOf = (probe: ProbePlan, unrun: Unrun, environment: Environment, nowMs: number): StoredRun => {
  const { status, slotMs, reason, missed } = unrun;
  const stands = missed ? { missed: { slots: missed.slots, from: isoOf(missed.fromMs) } } : {};
  const occasion: Occasion = { slot: isoOf(slotMs), trigger: 'schedule', region, environment, ...stands };
  return recordUnrun(probe, occasion, status, reason, nowMs);
};

/**
 * What the scheduler's turns do: the pipeline over the settings of the moment. `stepped` takes what a run did to alarms;
 * `signal` aborts the runs under way.
 */
export const createTurns = (
  settings: () => WatchSettings,
  { clock, environment, listener }: WatchDeps,
  stepped: (probe: string, alarm: AlarmStep) => void,
  signal: AbortSignal,
): Pick<SchedulerDeps, 'run' | 'record' | 'isKnown'> => ({
  run: async (probe, turn) => {
    listener.began(probe.id);
    try {
      const occasion = occasionOf(turn, environment, clock.now());
      const { run, alarm } = await monitorOnce(probe, occasion, settings().monitor, signal);
      listener.ended(run, alarm);
      stepped(probe.id, alarm);
    } catch (error) {
      // A run that was cut is none: its slot is run again, or told as missed.
      if (!signal.aborted) listener.failed(probe.id, error);
    }
  },
  record: async (probe, unrun) => {
    try {
      const stored = unrunOf(probe, unrun, environment, clock.now());
      if ((await settings().monitor.store.put(stored)) === 'stored') listener.ended(stored.run, { events: [] });
    } catch (error) {
      listener.failed(probe.id, error);
    }
  },
  isKnown: async (probe, slotMs) =>
    (await settings().monitor.store.get(runId({ probe, slot: isoOf(slotMs), region }))) !== undefined,
});
