import { SendCommandCommand } from '../sdk/ssm.ts';
import type { RestartAdapter, RestartDeps } from './adapter.ts';
import { findInstances } from './instances.ts';

/** A command that has not reached an instance by then never will, in seconds. AWS takes no less than 30. */
const deliveryTimeoutS = 60;

/** The document of AWS that runs a shell command. */
const shellDocument = 'AWS-RunShellScript';

/** Runs the plan's command on instances. That it was taken is all that is asked: whether it did anything the identity says. */
export const ssmAdapter = (deps: RestartDeps<'ssm'>): RestartAdapter => ({
  find: (signal) => findInstances(deps, signal),
  ask: async ({ ids }, { runId }) => {
    const { Command } = await (await deps.hands.ask.ssm()).send(
      new SendCommandCommand({
        InstanceIds: [...ids],
        DocumentName: shellDocument,
        Parameters: { commands: [deps.plan.command] },
        Comment: `plimsoll drill ${runId}`.slice(0, 100),
        TimeoutSeconds: deliveryTimeoutS,
      }),
    );
    return {
      platformIds: [`command ${Command?.CommandId ?? 'without an id'}`, ...ids.map((id) => `instance ${id}`)],
      details: { command: deps.plan.command },
    };
  },
});
