import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes, loadPlan } from './load-plan.ts';
import { requireDestinations, type ShowOptions, showOutcome } from './reports.ts';
import { hasLocalStore, openLocalStore } from './store.ts';
import { describeStored, findRuns } from './stored-runs.ts';
import type { Terminal } from './terminal.ts';

export type ReportOptions = ShowOptions & {
  readonly config: string;
  readonly data: string;
  /** One stored run instead of the latest of each probe. */
  readonly run?: string;
};

/** `plimsoll report [id…]`: the latest stored run of each probe, or one run, in any form. */
export const reportCommand = async (
  ids: readonly string[],
  options: ReportOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  const probes = chooseProbes(plan, ids);
  await requireDestinations(options, terminal);
  const what = options.run === undefined ? 'no stored run of these probes' : `no stored run ${options.run}`;
  const nothing = new CommandError(`${what} in ${options.data}: plimsoll run makes one`);
  // Looking makes nothing: a folder that was misspelt stays away.
  if (!hasLocalStore(options.data, terminal)) throw nothing;
  const store = await openLocalStore(options.data, () => plan, terminal);
  try {
    const stored = await findRuns(
      store,
      probes.map((probe) => probe.id),
      options.run,
    );
    if (stored.length === 0) throw nothing;
    const runs = stored.map(({ run }) => run);
    await showOutcome({ document: describeStored(plan.service, runs, terminal), stored }, options, terminal);
    return exitCodes.good;
  } finally {
    await store.close();
  }
};
