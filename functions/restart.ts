import type { Context } from 'aws-lambda';
import { atFirstCall, type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { openRestart } from '../lib/aws/drill/restart.ts';
import { openRestartHands, type RestartHands } from '../lib/aws/restart/clients.ts';
import type { StepAnswer } from '../lib/drill/states.ts';

/** Asks for the one restart of a drill, and can do nothing else. No other function may restart anything. */
export const createRestartHandler = (ground: Ground, hands: RestartHands) => {
  const restart = openRestart(ground, hands);
  return (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<StepAnswer> =>
    restart(event, context.getRemainingTimeInMillis());
};

export const handler = atFirstCall(() => createRestartHandler(lambdaGround(), openRestartHands()));
