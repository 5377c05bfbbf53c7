import type { Context } from 'aws-lambda';
import { atFirstCall, type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { openDrill } from '../lib/aws/drill/handle.ts';
import { openRestartHands, type RestartHands } from '../lib/aws/restart/clients.ts';
import type { StepAnswer } from '../lib/drill/states.ts';

/** Carries out each state of a drill but its restart, and cleans up after executions that ended by themselves. */
export const createDrillHandler = (ground: Ground, hands: RestartHands) => {
  const drill = openDrill(ground, hands);
  return (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<StepAnswer> =>
    drill(event, context.getRemainingTimeInMillis());
};

export const handler = atFirstCall(() => createDrillHandler(lambdaGround(), openRestartHands()));
