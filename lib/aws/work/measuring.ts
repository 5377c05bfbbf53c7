import type { VariableReaders } from '../../config/variables.ts';
import type { DeployedService } from '../../dispatch/deployed.ts';
import { resolveDeployed } from '../../dispatch/resolve.ts';
import type { MonitorDeps } from '../../monitor.ts';
import { createControl } from '../../probe/control.ts';
import { createGuard } from '../../probe/guard.ts';
import { type Clock, type ProbeContext, usualTaintedAboveMs } from '../../probe/prober.ts';
import { probers } from '../../probe/probers.ts';
import { createRedactor } from '../../result/redact.ts';
import { wordsOf } from '../log.ts';
import { unreadyProber } from './unready.ts';

type Measuring = Pick<MonitorDeps, 'context' | 'probers' | 'control'>;

type Secrets = Pick<VariableReaders, 'ssm' | 'secretsmanager'>;

const unready = (reason: string) => {
  const refuses = unreadyProber(reason);
  return { http: refuses, websocket: refuses } as const;
};

type Resolved = { readonly values: ReadonlyMap<string, string>; readonly problem?: string };

const resolve = async (service: DeployedService, secrets: Secrets): Promise<Resolved> => {
  try {
    const { values, missing } = await resolveDeployed(service, secrets);
    if (missing.length === 0) return { values };
    const from = missing.map((name) => `${name} (${service.variables[name]?.from.join(', ') ?? 'no source'})`);
    return { values, problem: `nothing was sent: required and not set: ${from.join(', ')}` };
  } catch (error) {
    return { values: new Map(Object.entries(service.values)), problem: `nothing was sent: ${wordsOf(error)}` };
  }
};

const secretsOf = ({ variables }: DeployedService, values: ReadonlyMap<string, string>): readonly string[] =>
  [...values].filter(([name]) => variables[name]?.secret).map(([, value]) => value);

/** What no probe will get to see: with it, a probe that needs the variable is not taken for one to be skipped. */
const filled = ({ variables }: DeployedService, values: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...Object.keys(variables).map((name) => [name, 'unset'] as const), ...values]);

/**
 * What the runs of a service are measured with, in the cloud: loopback is closed unless `network.allow` opens it. When a
 * required variable has no value, or its source is broken, the probers send nothing and every run says why.
 */
export const measuringOf = async (
  service: DeployedService,
  secrets: Secrets,
  clock: Clock,
  concurrency: number,
): Promise<Measuring> => {
  const { values, problem } = await resolve(service, secrets);
  const context: ProbeContext = {
    clock,
    values: problem === undefined ? values : filled(service, values),
    guard: createGuard({ allow: service.network.allow, loopback: false }),
    redact: createRedactor(secretsOf(service, values)),
    taintedAboveMs: usualTaintedAboveMs,
    concurrency,
  };
  if (problem !== undefined) return { context, probers: unready(problem) };
  return { context, probers, ...(service.control ? { control: createControl(service.control, context) } : {}) };
};
