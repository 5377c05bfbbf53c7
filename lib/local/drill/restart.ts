import { DrillError, type Restarter } from '../../drill/ports.ts';
import type { TargetProcess } from './process.ts';

/**
 * Ends the process that this drill started, by its id, and starts it again: what a supervisor does. Goes through with it
 * though the drill is aborted meanwhile, for a service that was killed has to come back.
 */
export const processRestarter =
  (target: TargetProcess, signal: NodeJS.Signals, now: () => number): Restarter =>
  async () => {
    if (!target.current()) {
      throw new DrillError(
        'Drill.RestartRefused',
        `there is no process to restart: it ended by itself${saying(target)}`,
      );
    }
    const acceptedAt = now();
    const ended = await target.signal(signal);
    const endedAt = now();
    const started = await target.start();
    const platformIds = [...(ended ? [`pid ${ended.pid} ended`] : []), `pid ${started.pid} started`];
    return { adapter: 'process', acceptedAt, platformIds, details: { signal, endedMs: endedAt - acceptedAt } };
  };

/** What it printed last, for a sentence that says that it ended. */
export const saying = (target: TargetProcess): string => {
  const words = target.lastWords();
  return words === '' ? '' : `; the last that it printed: ${words}`;
};
