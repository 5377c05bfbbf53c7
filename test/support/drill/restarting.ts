import { platformRefusals, platformRestarter } from '../../../lib/aws/restart/adapters.ts';
import { openRestartHands } from '../../../lib/aws/restart/clients.ts';
import type { RestartReceipt } from '../../../lib/drill/record.ts';
import { createGuard } from '../../../lib/probe/guard.ts';
import { createRedactor } from '../../../lib/result/redact.ts';
import { planOf } from '../probing.ts';
import { cloudDrillConfig } from './cloud-config.ts';

type ClientConfig = NonNullable<Parameters<typeof openRestartHands>[0]>;

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A drill with this restart, over an AWS that answers at `config.endpoint`. */
export const openRestarting = (restart: object, config: ClientConfig) => {
  const plan = planOf(cloudDrillConfig([restart]));
  const [drill] = plan.drills;
  const targetPlan = plan.targets.notes;
  if (!drill || !targetPlan) throw new Error('the config has no drill');
  const deps = { hands: openRestartHands(config), clock };
  const context = {
    clock,
    values: new Map<string, string>(),
    guard: createGuard({ allow: [], loopback: true }),
    redact: createRedactor([]),
    taintedAboveMs: 50,
    concurrency: 1,
  };
  const { signal } = new AbortController();
  return {
    refusals: () => platformRefusals(deps)(drill, targetPlan, signal),
    restart: (): Promise<RestartReceipt> =>
      platformRestarter(deps, context, targetPlan)({ drill, runId: 'run-1', signal }),
  };
};
