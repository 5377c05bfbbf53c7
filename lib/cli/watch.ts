import { join, resolve } from 'node:path';
import { onFileChange } from '../local/file-changes.ts';
import { startWatch, type Watch, type WatchListener } from '../local/watch.ts';
import { lockFile } from '../local/watch-lock.ts';
import { createWatchSource, type WatchSource } from '../local/watch-source.ts';
import { plural } from '../report/format.ts';
import type { Store } from '../result/store.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { type ConfigOptions, environmentOf, requireEmbeddedStorage } from './load-plan.ts';
import { openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';
import { readWatchConfig, settingsOf, type WatchConfig, warnOfConfig } from './watch-config.ts';
import { describeWatch, openWatchConsole, type WatchConsole } from './watch-console.ts';
import { type DashboardChoice, openDashboard } from './watch-dashboard.ts';

export type WatchOptions = ConfigOptions &
  DashboardChoice & {
    readonly data: string;
    /** Probes side by side. */
    readonly concurrency: number;
    /** Run each probe once first. */
    readonly now: boolean;
    readonly verbose: boolean;
    /** Serve one. */
    readonly dashboard: boolean;
  };

/** What a run under way is given on Ctrl-C before it is cut (its cleanup still runs), and what unsent pages are. */
const stopLimits = { graceMs: 3000, sendMs: 5000 };

const pruneEveryMs = 3_600_000;

/** What the parts of one watch share. */
type Session = {
  /** A reload changes it. */
  readonly current: { config: WatchConfig };
  readonly ids: readonly string[];
  readonly options: WatchOptions;
  readonly terminal: Terminal;
  readonly store: Store;
};

const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });

/** SIGTERM is how a supervisor ends a service that did well; Ctrl-C is somebody stopping a command. */
const exitOfSignal = ({ reason }: AbortSignal): ExitCode =>
  reason instanceof Error && reason.message === 'SIGTERM' ? exitCodes.good : exitCodes.interrupted;

const currentSettings = ({ current, store, terminal, options }: Session) =>
  settingsOf(current.config, store, terminal, options.concurrency);

/** Reads the config again when its file changes; a broken one is said, and the one from before goes on. */
const followConfig = (session: Session, watch: Watch, source: WatchSource): (() => void) => {
  const { current, ids, options, terminal } = session;
  const reload = async (): Promise<void> => {
    try {
      current.config = await readWatchConfig(ids, options, terminal);
      watch.reload(currentSettings(session));
      terminal.out(`the config was read again: ${plural(current.config.probes.length, 'probe')}\n`);
      warnOfConfig(current.config, terminal);
      source.changed();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      terminal.err(`plimsoll: ${error.message}\nplimsoll: the config from before goes on\n`);
    }
  };
  let reloading = Promise.resolve();
  return onFileChange(resolve(terminal.cwd, options.config), () => {
    // One after another: the last one that was saved is the one that counts.
    reloading = reloading.then(reload);
  });
};

const pruneHourly = (store: Store, lines: WatchConsole): (() => void) => {
  const prune = () => store.prune(systemClock.now()).catch((error) => lines.failed('the store', error));
  const timer = setInterval(prune, pruneEveryMs);
  return () => clearInterval(timer);
};

const listenerOf = (lines: WatchConsole, source: WatchSource): WatchListener => ({
  ...lines,
  began: source.changed,
  ended: (run, alarm) => {
    lines.ended(run, alarm);
    source.ended(run, alarm);
  },
  moved: (probe, alarm) => {
    lines.moved(probe, alarm);
    source.moved(probe, alarm);
  },
});

const startSession = async (session: Session, source: WatchSource, lines: WatchConsole): Promise<Watch> => {
  const { options, terminal } = session;
  const { concurrency } = options;
  const watch = await startWatch(currentSettings(session), {
    clock: systemClock,
    environment: environmentOf(terminal),
    concurrency,
    random: Math.random,
    listener: listenerOf(lines, source),
  });
  terminal.out(`${describeWatch(session.current.config.probes, watch).join('\n')}\n\n`);
  if (options.now) watch.demand();
  return watch;
};

/** Watches until the terminal's signal, and leaves nothing running. */
const watchUntilSignal = async (session: Session): Promise<void> => {
  const { options, terminal, store, current } = session;
  const environment = environmentOf(terminal);
  const { service } = current.config.resolved.plan;
  const probes = () => current.config.probes;
  terminal.out(
    `watching ${service} (${environment}): ${plural(probes().length, 'probe')}, ${options.concurrency} at a time\n`,
  );
  let watch: Watch | undefined;
  const source = createWatchSource({ service, environment, store, probes, watch: () => watch });
  const lines = openWatchConsole(probes, options.verbose, terminal);
  const dashboard = options.dashboard ? await openDashboard(source, options, terminal) : undefined;
  try {
    if (dashboard) terminal.out(`dashboard ${dashboard.url}\n`);
    watch = await startSession(session, source, lines);
    const stopFollowing = followConfig(session, watch, source);
    const stopPruning = pruneHourly(store, lines);
    await interrupted(terminal.signal);
    terminal.err('plimsoll: stopping\n');
    stopFollowing();
    stopPruning();
    await watch.stop(stopLimits);
  } finally {
    await dashboard?.close();
  }
};

/** `plimsoll watch [id…]`: runs until Ctrl-C (exit 130) or SIGTERM (exit 0). One at a time on a data folder. */
export const watchCommand = async (
  ids: readonly string[],
  options: WatchOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  requireEmbeddedStorage(terminal);
  const config = await readWatchConfig(ids, options, terminal);
  warnOfConfig(config, terminal);
  const current = { config };
  const store = await openLocalStore(options.data, () => current.config.resolved.plan, terminal);
  try {
    const release = lockFile(join(resolve(terminal.cwd, options.data), 'watch.lock'));
    if (!release) {
      throw new CommandError(
        `another plimsoll watch runs on ${options.data}: stop it, or choose another --data folder`,
      );
    }
    try {
      await watchUntilSignal({ current, ids, options, terminal, store });
      return exitOfSignal(terminal.signal);
    } finally {
      release();
    }
  } finally {
    await store.close();
  }
};
