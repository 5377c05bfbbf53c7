import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../probe/prober.ts';
import { type Clients, openClients } from './clients.ts';
import { systemClock } from './clock.ts';
import { jsonLog, type Log } from './log.ts';
import type { SendDeps } from './send-batches.ts';

/** What every function works with, beside its own names. A test brings its own. */
export type Ground = SendDeps & {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly log: Log;
};

/** The ground that a Lambda stands on. */
export const lambdaGround = (): Ground => ({
  env: process.env,
  clients: openClients(),
  clock: systemClock,
  log: jsonLog((line) => process.stdout.write(line)),
  sleep: (ms) => wait(ms),
  random: Math.random,
});

/** A handler that is made at its first call: what is not set up fails an invocation, with its reason, and not the start. */
export const atFirstCall = <Call extends readonly unknown[], Answer>(
  make: () => (...call: Call) => Promise<Answer>,
): ((...call: Call) => Promise<Answer>) => {
  let made: ((...call: Call) => Promise<Answer>) | undefined;
  return async (...call) => {
    made ??= make();
    return made(...call);
  };
};
