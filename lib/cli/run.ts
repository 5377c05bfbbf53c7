import { isOverridden } from '../config/overrides.ts';
import type { Plan, ProbePlan } from '../config/plan.ts';
import type { Occasion } from '../judge/run.ts';
import { worstVerdict } from '../judge/verdict.ts';
import { type MonitorDeps, monitorOnce } from '../monitor.ts';
import type { RunDocument } from '../result/result.ts';
import { localRegion } from '../result/run-id.ts';
import type { StoredRun } from '../result/store.ts';
import { version } from '../version.ts';
import { systemClock } from './clock.ts';
import { type ExitCode, exitOf } from './exit.ts';
import {
  type ConfigOptions,
  chooseProbes,
  environmentOf,
  type ResolvedPlan,
  requireEmbeddedStorage,
  requireVariables,
  resolvePlan,
} from './load-plan.ts';
import { monitorDeps, refuseOverrides, refuseUnsafe, warnOfShortSecrets } from './monitor-deps.ts';
import { startProgress } from './progress.ts';
import { type RunOutcome, requireDestinations, type ShowOptions, showOutcome } from './reports.ts';
import { openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';

export type RunOptions = ConfigOptions &
  ShowOptions & {
    readonly data: string;
    /** Probes side by side. */
    readonly concurrency: number;
  };

/** Runs the probes, at most `concurrency` side by side, and answers in the order of the plan. */
const runAll = async (
  probes: readonly ProbePlan[],
  { plan, values, named }: ResolvedPlan,
  deps: MonitorDeps,
  terminal: Terminal,
): Promise<readonly StoredRun[]> => {
  const { clock, concurrency } = deps.context;
  const environment = environmentOf(terminal);
  // Loading the judge between the samples of a neighbour would slow them.
  if (concurrency > 1) await import('../monitor/keep.ts');
  const progress = startProgress(probes.length, terminal);
  const stored = new Map<string, StoredRun>();
  const waiting = [...probes];
  const work = async (): Promise<void> => {
    for (let probe = waiting.shift(); probe; probe = waiting.shift()) {
      terminal.signal.throwIfAborted();
      progress.begin(probe.id);
      const slot = new Date(clock.now()).toISOString();
      const overridden = isOverridden(plan, probe, values, named) ? ({ overridden: true } as const) : {};
      const token = crypto.randomUUID();
      const occasion: Occasion = { slot, trigger: 'demand', region: localRegion, environment, token, ...overridden };
      const run = await monitorOnce(probe, occasion, deps, terminal.signal);
      stored.set(probe.id, run);
      progress.end(run.run);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, probes.length) }, work));
  } finally {
    progress.close();
  }
  return probes.flatMap((probe) => stored.get(probe.id) ?? []);
};

const describe = (
  plan: Plan,
  resolved: ResolvedPlan,
  stored: readonly StoredRun[],
  startedAt: number,
  terminal: Terminal,
): RunDocument => {
  const runs = stored.map(({ run }) => run);
  return {
    schema: 1,
    tool: `plimsoll ${version}`,
    service: plan.service,
    environment: environmentOf(terminal),
    startedAt: new Date(startedAt).toISOString(),
    verdict: worstVerdict(runs.map((run) => run.verdict)),
    variables: resolved.variables,
    runs,
  };
};

/** Runs probes once, now: resolves, refuses what is unsafe, measures, judges and stores. Prints progress only. */
export const runProbes = async (
  ids: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<RunOutcome> => {
  const resolved = await resolvePlan(options, terminal);
  const probes = chooseProbes(resolved.plan, ids);
  requireVariables(resolved);
  requireEmbeddedStorage(terminal);
  refuseUnsafe(resolved, terminal);
  refuseOverrides(resolved, probes);
  warnOfShortSecrets(resolved, terminal);
  await requireDestinations(options, terminal);
  const store = await openLocalStore(options.data, () => resolved.plan, terminal);
  try {
    const startedAt = systemClock.now();
    const deps = monitorDeps(resolved, store, terminal, Math.min(options.concurrency, probes.length));
    const stored = await runAll(probes, resolved, deps, terminal);
    await store.prune(systemClock.now());
    return { document: describe(resolved.plan, resolved, stored, startedAt, terminal), stored };
  } finally {
    await store.close();
  }
};

/** `plimsoll run [id…]`. */
export const runCommand = async (
  ids: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const outcome = await runProbes(ids, options, terminal);
  await showOutcome(outcome, options, terminal);
  return exitOf(outcome.document.verdict);
};
