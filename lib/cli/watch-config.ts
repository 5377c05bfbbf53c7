import type { ProbePlan } from '../config/plan.ts';
import type { WatchSettings } from '../local/watch.ts';
import type { Store } from '../result/store.ts';
import { resolveRecipients, unsentWords } from './channels.ts';
import { CommandError } from './exit.ts';
import { type ConfigOptions, chooseProbes, type ResolvedPlan, requireVariables, resolvePlan } from './load-plan.ts';
import { monitorDeps, refuseOverrides, refuseUnsafe, warnOfShortSecrets } from './monitor-deps.ts';
import type { Terminal } from './terminal.ts';

/** A config that may be watched: it was checked as `run` would, and its channels can be reached. */
export type WatchConfig = {
  readonly resolved: ResolvedPlan;
  /** Those that have a schedule. */
  readonly probes: readonly ProbePlan[];
  readonly channels: WatchSettings['channels'];
};

const scheduledOf = (chosen: readonly ProbePlan[], ids: readonly string[]): readonly ProbePlan[] => {
  const probes = chosen.filter(({ schedule }) => schedule !== undefined);
  const idle = ids.filter((id) => !probes.some((probe) => probe.id === id));
  if (idle.length > 0) {
    throw new CommandError(`no schedule to watch: ${idle.join(', ')}; give it one, or use plimsoll run`);
  }
  if (probes.length === 0) {
    throw new CommandError('no probe has a schedule to watch: give one a schedule, or use plimsoll run');
  }
  return probes;
};

/** @throws CommandError for a config that may not be watched. */
export const readWatchConfig = async (
  ids: readonly string[],
  options: ConfigOptions,
  terminal: Terminal,
): Promise<WatchConfig> => {
  const resolved = await resolvePlan(options, terminal);
  const chosen = chooseProbes(resolved.plan, ids);
  requireVariables(resolved);
  refuseUnsafe(resolved, terminal);
  refuseOverrides(resolved, chosen);
  return {
    resolved,
    probes: scheduledOf(chosen, ids),
    channels: resolveRecipients(resolved),
  };
};

export const warnOfConfig = ({ resolved }: WatchConfig, terminal: Terminal): void => {
  warnOfShortSecrets(resolved, terminal);
  for (const words of unsentWords(resolved)) terminal.err(`plimsoll: ${words}\n`);
};

export const settingsOf = (
  { resolved, probes, channels }: WatchConfig,
  store: Store,
  terminal: Terminal,
  concurrency: number,
): WatchSettings => ({
  probes,
  channels,
  monitor: monitorDeps(resolved, store, terminal, Math.min(concurrency, probes.length)),
});
