import { parseConfig } from '../../lib/config/parse.ts';
import type { ProbePlan } from '../../lib/config/plan.ts';
import { formatProblems } from '../../lib/config/problem.ts';
import { createGuard } from '../../lib/probe/guard.ts';
import { probeHttp } from '../../lib/probe/http.ts';
import { type ProbeContext, usualTaintedAboveMs } from '../../lib/probe/prober.ts';
import { createRedactor } from '../../lib/result/redact.ts';
import type { PhasesMs, Result } from '../../lib/result/result.ts';
import { serviceTimeHeader } from '../service-time.ts';
import type { OpenClient, Work } from './client.ts';

const planOf = ({ url, pacerUrl }: Work, samples: number): ProbePlan => {
  const steps = [
    { name: 'pace', request: { url: pacerUrl } },
    // A check keeps the value it saw: so a sample brings the server's own time along.
    { name: 'get', request: { url }, expect: { status: 200, header: { [serviceTimeHeader]: { exists: true } } } },
  ];
  const parsed = parseConfig({ service: 'fidelity', probes: [{ id: 'get', kind: 'http', samples, steps }] });
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  const [probe] = parsed.plan.probes;
  if (!probe) throw new Error('no probe in the plan');
  return probe;
};

/** As `plimsoll run` makes it. */
const createContext = (): ProbeContext => ({
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  values: new Map(),
  guard: createGuard({ allow: [], loopback: true }),
  redact: createRedactor([]),
  taintedAboveMs: usualTaintedAboveMs,
  concurrency: 1,
});

const probe = (plan: ProbePlan): Promise<Result> => probeHttp(plan, createContext(), new AbortController().signal);

type Sample = Result['passes'][number];

const errorOf = (pass: Sample): number => {
  const step = pass.steps.find((one) => one.step === 'get');
  const seen = step?.checks.find((check) => check.name.startsWith(`header ${serviceTimeHeader} `));
  const serviceMs = seen?.result === 'pass' ? Number(JSON.parse(seen.actual)) : Number.NaN;
  const errorMs = (step?.latencyMs ?? Number.NaN) - serviceMs;
  if (Number.isNaN(errorMs) || !step?.reusedConnection) throw new Error(`a sample went wrong: ${JSON.stringify(pass)}`);
  return errorMs;
};

const gapOf = (phases: PhasesMs, totalMs: number | null): number =>
  Math.abs(Object.values(phases).reduce((sum, ms) => sum + ms, 0) - (totalMs ?? Number.NaN));

const gapsOf = ({ passes, connections }: Result): readonly number[] => [
  ...passes.flatMap((pass) => pass.steps.map((step) => gapOf(step.phasesMs, step.latencyMs))),
  ...connections.map((connection) => gapOf(connection.phasesMs, connection.totalMs)),
];

/** The real prober, as a run of `samples` on keep-alive; a run of one sample on a fresh connection adds its phases. */
export const openPlimsoll: OpenClient = (work) => {
  const [keptPlan, freshPlan] = [planOf(work, work.samples), planOf(work, 1)];
  return {
    name: 'plimsoll',
    measure: async () => {
      const kept = await probe(keptPlan);
      const fresh = await probe(freshPlan);
      return {
        errorsMs: kept.passes.map(errorOf),
        notes: {
          tainted: kept.self.taintedSamples,
          repeated: kept.repeated.length,
          phaseGapsMs: [...gapsOf(kept), ...gapsOf(fresh)],
        },
      };
    },
  };
};
