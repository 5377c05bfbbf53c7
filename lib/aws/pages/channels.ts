import type { NotifyPlan, Plan } from '../../config/plan.ts';
import { templateNames } from '../../config/templates.ts';
import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { resolveDeployed } from '../../dispatch/resolve.ts';
import type { Channel } from '../../page/channel.ts';
import { topicOfRoute } from '../../page/topics.ts';
import { resolveChannels } from '../../probe/channels.ts';
import { createGuard } from '../../probe/guard.ts';
import { type Clock, type ProbeContext, usualTaintedAboveMs } from '../../probe/prober.ts';
import { createRedactor } from '../../result/redact.ts';
import { type Log, wordsOf } from '../log.ts';
import type { Secrets } from '../secrets.ts';

/** Who is told in the cloud, and how they are reached. */
export type Reached = {
  readonly context: ProbeContext;
  /** Those of the plan, and the stack's own topic. */
  readonly channelsOf: (route: keyof NotifyPlan) => readonly Channel[];
};

export type ReachDeps = {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly topics: Readonly<Record<'page' | 'ticket', string>>;
  readonly log: Log;
};

type Values = ReadonlyMap<string, string>;

/** A variable and those that its default refers to, and so on. */
const withReferences = (name: string, variables: Plan['variables'], known = new Set<string>()): ReadonlySet<string> => {
  if (known.has(name)) return known;
  known.add(name);
  for (const reference of templateNames(variables[name]?.default)) withReferences(reference, variables, known);
  return known;
};

/** Each by itself: a secret that cannot be read silences its own channel, and no other. */
const resolveOne = async (name: string, deployed: DeployedPlan, { secrets, log }: ReachDeps): Promise<Values> => {
  const wanted = withReferences(name, deployed.plan.variables);
  const pick = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => wanted.has(key)));
  try {
    const variables = pick(deployed.plan.variables);
    return (await resolveDeployed({ variables, values: pick(deployed.values) }, secrets)).values;
  } catch (error) {
    log({ level: 'error', what: 'variable of a channel not read', variable: name, reason: wordsOf(error) });
    return new Map();
  }
};

/** Fills the channels of the plan in, with the secrets that they name and no others. */
export const reachOf = async (deployed: DeployedPlan, deps: ReachDeps): Promise<Reached> => {
  const { plan } = deployed;
  const names = templateNames(plan.notify);
  const resolved = await Promise.all(names.map((name) => resolveOne(name, deployed, deps)));
  const values = new Map(resolved.flatMap((some) => [...some]));
  const secrets = [...values].filter(([name]) => plan.variables[name]?.secret).map(([, value]) => value);
  const context: ProbeContext = {
    clock: deps.clock,
    values,
    guard: createGuard({ allow: plan.network.allow, loopback: false }),
    redact: createRedactor(secrets),
    taintedAboveMs: usualTaintedAboveMs,
    concurrency: 1,
  };
  return {
    context,
    channelsOf: (route) => [
      ...resolveChannels(plan.notify, route, values),
      { kind: 'sns', topicArn: deps.topics[topicOfRoute[route]] },
    ],
  };
};
