import { demandRuns } from '../../aws/demand.ts';
import { LambdaClient } from '../../aws/sdk/lambda.ts';
import { findStack } from '../../aws/stack.ts';
import { probeDefaults } from '../../config/compile/probe.ts';
import { formatDurationMs } from '../../config/duration.ts';
import type { Plan } from '../../config/plan.ts';
import type { DispatchOutput } from '../../dispatch/input.ts';
import { mostItems } from '../../dispatch/message.ts';
import { lambdaTimeoutMs, lanes } from '../../dispatch/time-left.ts';
import { plural } from '../../report/format.ts';
import type { Store } from '../../result/store.ts';
import { systemClock } from '../clock.ts';
import { CommandError, type ExitCode, exitOf } from '../exit.ts';
import { chooseProbes, loadPlan } from '../load-plan.ts';
import { startProgress } from '../progress.ts';
import { requireDestinations, type ShowOptions, showOutcome } from '../reports.ts';
import { describeStored } from '../stored-runs.ts';
import type { Terminal } from '../terminal.ts';
import { type Arrivals, awaitRuns, awaitSamples } from './arrivals.ts';
import { reachAws, type StackOptions, stackName } from './reach.ts';
import { openStackStore } from './store.ts';

export type RunOnStackOptions = ShowOptions &
  StackOptions & {
    readonly config: string;
    readonly set: Readonly<Record<string, string>>;
    /** The same token asks once, for 7 days. Default: one of its own for each call. */
    readonly token?: string;
    /** How long to wait for the runs, in ms. Default: the longest deadline of a probe, and what it takes to get there. */
    readonly wait?: number;
  };

/** From the queue to the table, for functions that start cold. */
const wayMs = 60_000;
/** Of a probe that the config here does not know. */
const { longestDeadlineMs } = probeDefaults;

const waitMsOf = ({ probes }: Plan, { runs }: DispatchOutput): number => {
  const deadlines = runs.map(({ probe }) => probes.find(({ id }) => id === probe)?.deadlineMs ?? longestDeadlineMs);
  const turns = Math.ceil(Math.min(runs.length, mostItems) / lanes);
  return Math.min(turns * Math.max(0, ...deadlines), lambdaTimeoutMs) + wayMs;
};

const namesOf = (probes: readonly string[]): string => {
  const shown = probes.slice(0, 5).join(', ');
  return probes.length > 5 ? `${shown} and ${probes.length - 5} more` : shown;
};

const warnOfMissing = ({ missing }: Arrivals, waitMs: number, token: string, terminal: Terminal): void => {
  if (missing.length === 0) return;
  const what = `${plural(missing.length, 'run')} did not come within ${formatDurationMs(waitMs)}`;
  const then = `look for its reason with plimsoll replay --dry-run, or wait on with --token ${token}`;
  terminal.err(`plimsoll: ${what}: ${namesOf(missing.map(({ probe }) => probe))}; ${then}\n`);
};

/** Waits for runs that are in the queue; only a page shows their samples. */
const follow = async (
  { runs }: DispatchOutput,
  waitMs: number,
  store: Store,
  options: RunOnStackOptions,
  terminal: Terminal,
): Promise<Arrivals> => {
  const progress = startProgress(runs.length, terminal);
  for (const { probe } of runs) progress.begin(probe);
  const deps = { store, clock: systemClock, signal: terminal.signal, arrived: progress.end };
  const arrivals = await awaitRuns(runs, waitMs, deps).finally(() => progress.close());
  return options.html === undefined ? arrivals : { ...arrivals, stored: await awaitSamples(arrivals.stored, deps) };
};

const refuseOverrides = ({ set }: RunOnStackOptions): void => {
  if (Object.keys(set).length === 0) return;
  throw new CommandError('--set is for runs made here: what a stack runs with is set when it is deployed');
};

/** `plimsoll run [id…] --aws`: has the runs made where the stack is, waits for them, and reports them as if made here. */
export const runOnStack = async (
  ids: readonly string[],
  options: RunOnStackOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  refuseOverrides(options);
  const plan = await loadPlan(options.config, terminal);
  const chosen = chooseProbes(plan, ids).map(({ id }) => id);
  const asked = ids.length === 0 ? [] : chosen;
  await requireDestinations(options, terminal);
  const token = options.token ?? crypto.randomUUID();
  return reachAws(terminal, async (cloud) => {
    const stack = await findStack(cloud, stackName(options, plan), ['table', 'bucket', 'dispatchFunction']);
    const store = openStackStore(cloud, stack, plan);
    const demand = { kind: 'demand', probes: asked, clientToken: token } as const;
    const output = await demandRuns(new LambdaClient(cloud.config), stack.dispatchFunction, demand);
    const waitMs = options.wait ?? waitMsOf(plan, output);
    const arrivals = await follow(output, waitMs, store, options, terminal).catch((error) => {
      if (terminal.signal.aborted) terminal.err(`plimsoll: the runs go on in AWS: wait on with --token ${token}\n`);
      throw error;
    });
    warnOfMissing(arrivals, waitMs, token, terminal);
    const runs = arrivals.stored.map(({ run }) => run);
    const document = describeStored(
      plan.service,
      runs,
      terminal,
      arrivals.missing.length === 0 ? [] : ['inconclusive'],
    );
    const shown = { ...options, storedAs: 'plimsoll report --aws' };
    await showOutcome({ document, stored: arrivals.stored }, shown, terminal);
    return exitOf(document.verdict);
  });
};
