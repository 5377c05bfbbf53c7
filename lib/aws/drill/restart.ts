import { parts } from '../../drill/parts.ts';
import { DrillError } from '../../drill/ports.ts';
import type { Request } from '../../drill/record.ts';
import type { StepAnswer } from '../../drill/states.ts';
import { restart } from '../../drill/steps/restart.ts';
import type { Ground } from '../deps.ts';
import { platformRestarter } from '../restart/adapters.ts';
import type { RestartHands } from '../restart/clients.ts';
import { type DrillDeps, openDrillDeps } from './open.ts';
import { callOf, refuseState, takeState } from './take.ts';

/** Whoever may invoke this function could name any run: one that has not come through its gates and its lock restarts nothing. */
const requireIntent = async ({ runId }: Request, deps: DrillDeps): Promise<void> => {
  if ((await (await deps.store()).part(runId, parts.intent)) !== undefined) return;
  throw new DrillError('Drill.RestartRefused', `the run ${runId} has not come to its restart: it was never armed`);
};

/** What the restart function does: one state. */
export const openRestart = (ground: Ground, hands: RestartHands) => {
  const deps = openDrillDeps(ground, {
    refusals: async () => [],
    restarter: (context, targetPlan) => platformRestarter({ hands, clock: ground.clock }, context, targetPlan),
  });
  return async (event: unknown, remainingMs: number): Promise<StepAnswer> => {
    const call = callOf(event);
    if (call.kind !== 'step') throw new Error('the restart function hears of no event: the drill function does');
    if (call.state !== 'Restart') return refuseState(call.state);
    await requireIntent(call.request, deps);
    return takeState(restart, call, deps, remainingMs);
  };
};
