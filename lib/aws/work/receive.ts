import { type Parsed, parsed, refused } from '../../config/parsed.ts';
import type { Environment } from '../../config/plan.ts';
import type { WorkMessage } from '../../dispatch/message.ts';
import { readWorkMessage } from '../../dispatch/read-message.ts';
import { poisonLetter } from '../dead-letters.ts';
import { workOff } from './message.ts';
import type { WorkDeps } from './session.ts';

export type ReceiveDeps = WorkDeps & {
  /** Of this function, by its stack. */
  readonly environment: Environment;
};

/** A message of the work queue as it is delivered. */
export type Delivery = {
  readonly body: string;
  /** How often it was delivered, this time included. */
  readonly receiveCount: number;
  readonly remainingMs: () => number;
};

const read = (body: string, environment: Environment): Parsed<WorkMessage> => {
  const message = readWorkMessage(body);
  if (!message.ok) return message;
  const { service, shiftMs } = message.value;
  if (service.environment !== environment) {
    return refused(`it is for the environment ${service.environment}, and this is ${environment}`);
  }
  if (shiftMs !== undefined && environment !== 'dev') {
    return refused(`it sets the clock forward, which only dev allows, and this is ${environment}`);
  }
  return parsed(message.value);
};

/**
 * Takes a message: works it off, or puts it where poison goes, with its reason.
 * @throws Error when it is to be delivered once more.
 */
export const receive = async (delivery: Delivery, deps: ReceiveDeps): Promise<void> => {
  const message = read(delivery.body, deps.environment);
  if (message.ok) {
    await workOff(message.value, deps, { again: delivery.receiveCount > 1, remainingMs: delivery.remainingMs });
    return;
  }
  deps.log({ level: 'error', what: 'poison', reason: message.message });
  await deps.deadLetters.send(poisonLetter(delivery.body, message.message, new Date(deps.clock.now()).toISOString()));
};
