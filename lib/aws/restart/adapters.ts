import type { DrillPlan, TargetPlan } from '../../config/plan.ts';
import type { Restarter } from '../../drill/ports.ts';
import type { Clock, ProbeContext } from '../../probe/prober.ts';
import { asking, type RestartAdapter } from './adapter.ts';
import type { RestartHands } from './clients.ts';

export type AdapterDeps = { readonly hands: RestartHands; readonly clock: Pick<Clock, 'now'> };

/** The way of a drill's restart in AWS; nothing for a webhook, which is not AWS's. Only the one that is asked for is loaded. */
const openAdapter = async (
  { restart: plan }: DrillPlan,
  { tag }: TargetPlan,
  { hands, clock }: AdapterDeps,
): Promise<RestartAdapter | undefined> => {
  const deps = { tag, hands, clock };
  switch (plan.kind) {
    case 'ecs':
      return (await import('./ecs.ts')).ecsAdapter({ ...deps, plan });
    case 'ec2':
      return (await import('./ec2.ts')).ec2Adapter({ ...deps, plan });
    case 'ssm':
      return (await import('./ssm.ts')).ssmAdapter({ ...deps, plan });
    case 'lambda':
      return (await import('./lambda.ts')).lambdaAdapter({ ...deps, plan });
    case 'fis':
      return (await import('./fis.ts')).fisAdapter({ ...deps, plan });
    default:
      return undefined;
  }
};

/** What the platform has against a restart, in words: it is asked before a drill writes anything. Changes nothing. */
export const platformRefusals =
  (deps: AdapterDeps) =>
  async (drill: DrillPlan, targetPlan: TargetPlan, signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const adapter = await openAdapter(drill, targetPlan, deps);
      if (adapter) await asking(`what is to be restarted by ${drill.restart.kind}`, () => adapter.find(signal));
      return [];
    } catch (error) {
      // Whatever cannot be asked says no.
      return [error instanceof Error ? error.message : String(error)];
    }
  };

/** Finds what bears the plan's names and tags at this moment, and asks for its restart, once. */
export const platformRestarter =
  (deps: AdapterDeps, context: ProbeContext, targetPlan: TargetPlan): Restarter =>
  async (asked) => {
    const { drill, signal } = asked;
    const { kind } = drill.restart;
    if (kind === 'webhook') {
      const { createWebhookRestarter } = await import('../../probe/target/webhook-restart.ts');
      return createWebhookRestarter(context)(asked);
    }
    const adapter = await openAdapter(drill, targetPlan, deps);
    if (!adapter) throw new Error(`a stack restarts nothing by ${kind}`);
    const found = await asking(`what is to be restarted by ${kind}`, () => adapter.find(signal));
    const acceptedAt = deps.clock.now();
    const { platformIds, details } = await asking(`the restart by ${kind}`, () => adapter.ask(found, asked));
    return { adapter: kind, acceptedAt, platformIds, details: { ...found.details, ...details } };
  };
