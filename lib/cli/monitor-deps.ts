import { environmentRefusals, type Storage } from '../config/environment.ts';
import { overrideRefusals } from '../config/overrides.ts';
import type { ProbePlan } from '../config/plan.ts';
import { keysOf } from '../judge/judge.ts';
import type { MonitorDeps } from '../monitor.ts';
import { createControl } from '../probe/control.ts';
import { createGuard } from '../probe/guard.ts';
import { type ProbeContext, usualTaintedAboveMs } from '../probe/prober.ts';
import { probers } from '../probe/probers.ts';
import { createRedactor, tooShort } from '../result/redact.ts';
import type { Store } from '../result/store.ts';
import { systemClock } from './clock.ts';
import { CommandError } from './exit.ts';
import { environmentOf, type ResolvedPlan } from './load-plan.ts';
import type { Terminal } from './terminal.ts';

const secretsOf = ({ plan, values }: ResolvedPlan): readonly string[] =>
  [...values].filter(([name]) => plan.variables[name]?.secret).map(([, value]) => value);

/** A secret of a few characters cannot be taken out of a text without tearing the text. */
export const warnOfShortSecrets = ({ plan, values }: ResolvedPlan, terminal: Terminal): void => {
  for (const [name, value] of values) {
    if (plan.variables[name]?.secret && tooShort(value)) {
      terminal.err(`plimsoll: the secret ${name} is too short to be kept out of reports: use a longer one\n`);
    }
  }
};

/** @param storage where runs are kept; `dynamodb` where this machine keeps none */
export const refuseUnsafe = (resolved: ResolvedPlan, terminal: Terminal, storage: Storage = 'embedded'): void => {
  const environment = environmentOf(terminal);
  const refusals = environmentRefusals(resolved.plan, environment, resolved.values, storage);
  if (refusals.length > 0) {
    throw new CommandError(
      `PLIMSOLL_ENVIRONMENT=${environment} refuses this config:\n${refusals.map((one) => `  ${one}`).join('\n')}`,
    );
  }
};

export const refuseOverrides = ({ plan, values, named }: ResolvedPlan, probes: readonly ProbePlan[]): void => {
  const refusals = overrideRefusals(plan, probes, values, named);
  if (refusals.length > 0) throw new CommandError(refusals.join('\n'));
};

/** What probes are run with. */
export const probeContext = (resolved: ResolvedPlan, terminal: Terminal, concurrency: number): ProbeContext => ({
  clock: systemClock,
  values: resolved.values,
  guard: createGuard({ allow: resolved.plan.network.allow, loopback: environmentOf(terminal) === 'dev' }),
  redact: createRedactor(secretsOf(resolved)),
  taintedAboveMs: usualTaintedAboveMs,
  concurrency,
});

/** What `run` and `watch` measure with. */
export const monitorDeps = (
  resolved: ResolvedPlan,
  store: Store,
  terminal: Terminal,
  concurrency: number,
): MonitorDeps => {
  const { service, probes, maintenance, control } = resolved.plan;
  const context = probeContext(resolved, terminal, concurrency);
  return {
    probers,
    store,
    service,
    maintenance,
    keys: keysOf(probes),
    context,
    ...(control ? { control: createControl(control, context) } : {}),
  };
};
