import { findStack } from '../../aws/stack.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import { chooseProbes, loadPlan } from '../load-plan.ts';
import { requireDestinations, type ShowOptions, showOutcome } from '../reports.ts';
import { describeStored, findRuns } from '../stored-runs.ts';
import type { Terminal } from '../terminal.ts';
import { reachAws, type StackOptions, stackName } from './reach.ts';
import { openStackStore } from './store.ts';

export type ReportOfStackOptions = ShowOptions &
  StackOptions & {
    readonly config: string;
    /** One stored run instead of the latest of each probe. */
    readonly run?: string;
  };

/** `plimsoll report [id…] --aws`: the same report, of the runs in the table of a stack. */
export const reportOfStack = async (
  ids: readonly string[],
  options: ReportOfStackOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  const probes = chooseProbes(plan, ids).map(({ id }) => id);
  await requireDestinations(options, terminal);
  return reachAws(terminal, async (cloud) => {
    const stack = await findStack(cloud, stackName(options, plan), ['table', 'bucket']);
    const store = openStackStore(cloud, stack, plan);
    const stored = await findRuns(store, probes, options.run);
    if (stored.length === 0) {
      const what = options.run === undefined ? 'no stored run of these probes' : `no stored run ${options.run}`;
      throw new CommandError(`${what} in the stack ${stack.name} in ${stack.region}: plimsoll run --aws makes one`);
    }
    const runs = stored.map(({ run }) => run);
    await showOutcome({ document: describeStored(plan.service, runs, terminal), stored }, options, terminal);
    return exitCodes.good;
  });
};
