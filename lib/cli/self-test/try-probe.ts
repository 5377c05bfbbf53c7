import type { Environment, ProbePlan } from '../../config/plan.ts';
import { formatFault } from '../../fault-proxy/grammar/format.ts';
import { loadMatchEngines } from '../../match/engines.ts';
import { measureOnce } from '../../monitor.ts';
import type { ProbeContext, Route } from '../../probe/prober.ts';
import { probers } from '../../probe/probers.ts';
import type { Run } from '../../result/result.ts';
import { localRegion } from '../../result/run-id.ts';
import type { StoredRun } from '../../result/store.ts';
import { type FaultPlan, planFaults } from '../../self-test/plan.ts';
import type { ProbeSelfTest } from '../../self-test/report.ts';
import { longestRunMs } from '../../self-test/slowness.ts';
import { trialProbeOf, untouchedProbeOf } from '../../self-test/trial-probe.ts';
import { recordChecks, type Trial, trialOf } from '../../self-test/verdict.ts';
import { loadCodec } from '../../sequence/codec/codec.ts';
import type { TrialProgress } from './progress.ts';
import { type Proxies, recordOrigins, startProxies } from './proxies.ts';
import { createTape, type Tape } from './tape.ts';

export type TryDeps = {
  readonly context: ProbeContext;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Faults at most. */
  readonly most: number;
  readonly progress: TrialProgress;
};

/** One probe under test: how it is run, and how often it was. */
type Bench = {
  readonly probe: ProbePlan;
  readonly run: (probe: ProbePlan, route: Route, onJournal?: ProbeContext['onJournal']) => Promise<StoredRun>;
  readonly runs: () => number;
  readonly deps: TryDeps;
};

/** Runs of a self-test are nobody's business but its own: judged by themselves, and kept nowhere. */
const setUp = (probe: ProbePlan, deps: TryDeps): Bench => {
  const { environment, signal } = deps;
  let runs = 0;
  return {
    probe,
    deps,
    runs: () => runs,
    run: (each, route, onJournal) => {
      runs += 1;
      signal.throwIfAborted();
      // Nothing is measured here, and a sample that is made again would not meet the fault again.
      const look = onJournal ? { onJournal } : {};
      const context = { ...deps.context, ...look, route, taintedAboveMs: Number.POSITIVE_INFINITY };
      const slot = new Date(context.clock.now()).toISOString();
      const occasion = { slot, trigger: 'demand', region: localRegion, environment } as const;
      return measureOnce(each, occasion, { context, probers }, signal);
    },
  };
};

const resultOf = ({ probe, runs }: Bench, rest: Pick<ProbeSelfTest, 'status'> & Partial<ProbeSelfTest>) => ({
  probe: probe.id,
  kind: probe.kind,
  runs: runs(),
  trials: [],
  checks: [],
  leftOut: 0,
  notExercised: [],
  ...rest,
});

const untestable = (bench: Bench, why: string, { reasons }: Run): ProbeSelfTest =>
  resultOf(bench, { status: 'untestable', reason: [why, ...reasons].join(': ') });

const tryFaults = async (bench: Bench, probe: ProbePlan, plan: FaultPlan, proxies: Proxies) => {
  const trials: Trial[] = [];
  for (const fault of plan.faults) {
    proxies.set(fault.origin, fault.fault);
    const { run } = await bench.run(probe, proxies.route);
    const trial = trialOf(fault, formatFault(fault.fault), run, proxies.hits());
    trials.push(trial);
    bench.deps.progress.onTrial(trial);
  }
  proxies.set();
  return trials;
};

const planFor = async (bench: Bench, trial: ProbePlan, tape: Tape, proxies: Proxies) => {
  const { most, context } = bench.deps;
  const [codec, engines] = await Promise.all([loadCodec(trial.codec), loadMatchEngines([], { patterns: true })]);
  const look = async () => {
    tape.rewind();
    proxies.set();
    const stored = await bench.run(trial, proxies.route, tape.onJournal);
    return { run: stored.run, seen: tape.seen(stored.passes[0]) };
  };
  const first = await look();
  if (first.run.verdict !== 'pass') return { failed: first.run };
  // Twice, to know what stays in its place from run to run: a stream's history may grow.
  const second = trial.kind === 'websocket' ? await look() : first;
  if (second.run.verdict !== 'pass') return { failed: second.run };
  return {
    run: first.run,
    plan: planFaults(trial, first.seen, second.seen, { codec, engines, most, values: context.values }),
  };
};

const tryBehindProxies = async (
  bench: Bench,
  origins: Iterable<string>,
  tape: Tape,
  proxies: Proxies,
): Promise<ProbeSelfTest> => {
  const { probe: trial, notExercised } = trialProbeOf(bench.probe, origins);
  const planned = await planFor(bench, trial, tape, proxies);
  if ('failed' in planned) {
    return untestable(bench, 'it does not pass behind a proxy that changes nothing', planned.failed);
  }
  const { plan, run } = planned;
  bench.deps.progress.onPlan(plan.faults.length, (plan.faults.length + 1) * longestRunMs(trial));
  const trials = await tryFaults(bench, trial, plan, proxies);
  const { run: last } = await bench.run(trial, proxies.route);
  const tested = resultOf(bench, {
    status: 'tested',
    trials,
    // Those of the trial: a check that was put aside never had anything to say.
    checks: recordChecks(run, trials),
    leftOut: plan.leftOut,
    notExercised,
  });
  if (last.verdict === 'pass') return tested;
  const why = 'after the faults it no longer passes without one, so what it noticed may be what they left behind';
  return { ...tested, ...untestable(bench, why, last), trials };
};

/**
 * Tries one probe: untouched, behind proxies that change nothing, once with each fault, and without one again. Nothing is
 * stored and nobody is told. Rejects when the signal aborts.
 */
export const tryProbe = async (probe: ProbePlan, deps: TryDeps): Promise<ProbeSelfTest> => {
  const bench = setUp(probe, deps);
  const { route, origins } = recordOrigins();
  const { run: untouched } = await bench.run(untouchedProbeOf(probe), route);
  const { status } = untouched;
  if (status === 'skipped' || status === 'deferred') {
    return { ...resultOf(bench, { status, reason: untouched.reasons.join('; ') }), runs: 0 };
  }
  if (untouched.verdict !== 'pass') return untestable(bench, 'it does not pass untouched', untouched);
  const websockets = [...origins].filter(([, { websocket }]) => websocket).map(([origin]) => origin);
  const tape = createTape(await loadCodec(probe.codec), websockets);
  const proxies = await startProxies(origins, deps.context.guard, tape);
  try {
    return await tryBehindProxies(bench, origins.keys(), tape, proxies);
  } finally {
    await proxies.close();
  }
};
