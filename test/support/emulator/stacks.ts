import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import type { Emulator } from './emulator.ts';

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: object; readonly DeletionPolicy?: 'Retain' }>
>;
export type Template = { readonly resources: Resources; readonly outputs?: Readonly<Record<string, unknown>> };

const bodyOf = ({ resources, outputs = {} }: Template): string =>
  JSON.stringify({
    Resources: resources,
    Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
  });

const waiting = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

export type Stacks = {
  readonly client: CloudFormationClient;
  /** Makes the stack, or updates it; answers its outputs. */
  put(name: string, template: Template): Promise<Readonly<Record<string, string>>>;
  /** By name or ARN, as `remove` too. */
  describe(name: string): Promise<Stack | undefined>;
  remove(name: string): Promise<void>;
};

/** Stacks of small templates, straight through CloudFormation's API. */
export const openStacks = (emulator: Emulator): Stacks => {
  const client = new CloudFormationClient(emulator.clientConfig);
  const describe = async (StackName: string): Promise<Stack | undefined> =>
    (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  const known = new Set<string>();
  return {
    client,
    describe,
    async remove(StackName) {
      await client.send(new DeleteStackCommand({ StackName }));
      await waitUntilStackDeleteComplete({ client, ...waiting }, { StackName });
    },
    async put(StackName, template) {
      const input = { StackName, TemplateBody: bodyOf(template) };
      if (known.has(StackName)) {
        await client.send(new UpdateStackCommand(input));
        await waitUntilStackUpdateComplete({ client, ...waiting }, { StackName });
      } else {
        await client.send(new CreateStackCommand(input));
        await waitUntilStackCreateComplete({ client, ...waiting }, { StackName });
        known.add(StackName);
      }
      const outputs = (await describe(StackName))?.Outputs ?? [];
      return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    },
  };
};
