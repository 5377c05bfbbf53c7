// `PLIMSOLL_REAL_AWS=<account id> PLIMSOLL_REAL_AWS_URL=https://… npm run test:real-aws`: what test/deployed does in an
// emulated AWS, in a real one, in the region that the environment says, with a stack of its own that goes away whatever
// happens. `npm test` never does this. Further arguments go to `cdk deploy`.

import { reachAws } from '../../lib/cli/aws/reach.ts';
import { CommandError, exitCodes } from '../../lib/cli/exit.ts';
import { processTerminal } from '../../lib/cli/terminal.ts';
import { checkStack } from './checks.ts';
import { readPermission, requireAccount } from './permission.ts';
import { openRealStack } from './stack.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort(new Error(signal)));
const terminal = processTerminal(interrupt.signal);

const say = (line: string): void => terminal.err(`test:real-aws: ${line}\n`);

const untilInterrupted = (): Promise<never> =>
  new Promise((_, reject) => {
    interrupt.signal.addEventListener('abort', () => reject(interrupt.signal.reason));
  });

const main = async (): Promise<void> => {
  const permission = readPermission(process.env);
  await reachAws(terminal, async (cloud) => {
    await requireAccount(permission, cloud);
    const region = await cloud.cloudformation.config.region();
    const stack = await openRealStack({ url: permission.url, region, say, signal: interrupt.signal });
    interrupt.signal.throwIfAborted();
    try {
      await Promise.race([untilInterrupted(), checkStack(stack, cloud, say)]);
    } finally {
      await stack.destroy();
    }
  });
  say('good: it was deployed, it ran, and nothing of it is left');
};

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  // At once: a check that was interrupted would go on looking.
  if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
  process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.bad;
}
