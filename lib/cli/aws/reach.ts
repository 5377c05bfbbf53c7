import type { ClientConfig } from '../../aws/clients.ts';
import { faultOf } from '../../aws/fault.ts';
import { CloudFormationClient } from '../../aws/sdk/cloudformation.ts';
import type { Plan } from '../../config/plan.ts';
import { stackNameOf } from '../../names.ts';
import { CommandError, exitCodes } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

/** What the commands that reach AWS have in hand. */
export type Cloud = {
  /** For clients: what the SDK does not find by itself. */
  readonly config: ClientConfig;
  readonly cloudformation: CloudFormationClient;
};

export type StackOptions = {
  /** Name of the stack; by default that of the config's service. */
  readonly stack?: string;
};

/** The stack that a command is about. */
export const stackName = ({ stack }: StackOptions, plan: Plan): string => stack ?? stackNameOf(plan.service);

/** The SDK for JavaScript reads AWS_REGION and profiles; the AWS CLI and CDK read the older names too. */
const regionOf = ({ env }: Terminal): string | undefined =>
  env.AWS_REGION || env.AMAZON_REGION || env.AWS_DEFAULT_REGION || undefined;

/** Does something in AWS. @throws CommandError in one sentence for whatever AWS, or the way to it, has against that. */
export const reachAws = async <T>(terminal: Terminal, act: (cloud: Cloud) => Promise<T>): Promise<T> => {
  const region = regionOf(terminal);
  const config: ClientConfig = region === undefined ? {} : { region };
  const cloudformation = new CloudFormationClient(config);
  try {
    return await act({ config, cloudformation });
  } catch (error) {
    const known = region ?? (await cloudformation.config.region().catch(() => undefined));
    const endpoint = terminal.env.AWS_ENDPOINT_URL;
    const reach = { ...(known ? { region: known } : {}), ...(endpoint ? { endpoint } : {}) };
    const fault = faultOf(error, reach);
    if (fault === undefined) throw error;
    throw new CommandError(fault.message, fault.blame === 'setUp' ? exitCodes.usage : exitCodes.inconclusive);
  } finally {
    cloudformation.destroy();
  }
};
