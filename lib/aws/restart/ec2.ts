import { RebootInstancesCommand } from '../sdk/ec2.ts';
import type { RestartAdapter, RestartDeps } from './adapter.ts';
import { findInstances } from './instances.ts';

/** Reboots instances. AWS only queues it, and an instance keeps its id: what proves it is the identity of what runs there. */
export const ec2Adapter = (deps: RestartDeps<'ec2'>): RestartAdapter => ({
  find: (signal) => findInstances(deps, signal),
  ask: async ({ ids }) => {
    await (await deps.hands.ask.ec2()).send(new RebootInstancesCommand({ InstanceIds: [...ids] }));
    return { platformIds: ids.map((id) => `instance ${id}`) };
  },
});
