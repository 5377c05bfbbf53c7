import { plainLine } from '../../report/plain.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { loadPlan, requireEmbeddedStorage } from '../load-plan.ts';
import type { Terminal } from '../terminal.ts';
import { readStopReason, type StopOptions } from './stop-reason.ts';
import { openDrillStore } from './store.ts';

export type SwitchOptions = StopOptions & { readonly config: string; readonly data: string };

/** `plimsoll drill --stop REASON` and `--resume`: the kill switch of all drills of a data folder. */
export const switchCommand = async (options: SwitchOptions, terminal: Terminal): Promise<ExitCode> => {
  requireEmbeddedStorage(terminal);
  const reason = readStopReason(options);
  const { service } = await loadPlan(options.config, terminal);
  const store = await openDrillStore(options.data, terminal);
  try {
    await store.setKillSwitch(reason !== undefined, reason ?? '');
  } finally {
    await store.close();
  }
  const told =
    reason === undefined
      ? `drills of ${service} may run again`
      : `drills of ${service} are stopped: ${reason}; plimsoll drill --resume lets them run again`;
  terminal.out(`${plainLine(told)}\n`);
  return exitCodes.good;
};
