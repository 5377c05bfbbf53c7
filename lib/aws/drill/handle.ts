import { DrillError } from '../../drill/ports.ts';
import type { StepAnswer } from '../../drill/states.ts';
import { steps } from '../../drill/steps.ts';
import type { Ground } from '../deps.ts';
import { platformRefusals } from '../restart/adapters.ts';
import type { RestartHands } from '../restart/clients.ts';
import type { DrillCall } from './call.ts';
import { afterReport, concludeOrphans, concludeRun } from './conclude.ts';
import { type DrillDeps, openDrillDeps } from './open.ts';
import { callOf, ownerOf, refuseState, takeState } from './take.ts';

/** Of a function's life, for its last words. */
const goodbyeMs = 5_000;

type Ended = Extract<DrillCall, { kind: 'ended' }>;

/** An execution that was stopped, timed out or failed passes by every Catch: what it left is cleaned up here. */
const takeEnded = async (
  { execution, status, request }: Ended,
  deps: DrillDeps,
  signal: AbortSignal,
): Promise<void> => {
  // Another execution with the same run in its input is none of the run's business.
  if (request && (await ownerOf(request.runId, deps)) === execution) {
    await concludeRun(request.runId, `its execution ended: ${status}`, deps, signal);
  }
  await concludeOrphans(deps, signal);
};

/** What the drill function does. */
export const openDrill = (ground: Ground, hands: RestartHands) => {
  const deps = openDrillDeps(ground, {
    refusals: platformRefusals({ hands, clock: ground.clock }),
    restarter: () => async () => {
      throw new DrillError('Harness.Broken', 'this function restarts nothing');
    },
  });
  return async (event: unknown, remainingMs: number): Promise<StepAnswer> => {
    const call = callOf(event);
    if (call.kind === 'ended') {
      await takeEnded(call, deps, AbortSignal.timeout(Math.max(1, remainingMs - goodbyeMs)));
      return { next: 'go' };
    }
    const { state } = call;
    if (state === 'Restart') return refuseState(state);
    const answer = await takeState(steps[state], call, deps, remainingMs);
    if (state === 'PublishReport') await afterReport(call.request, deps);
    return answer;
  };
};
