import { outputNames, tagNames } from '../names.ts';
import { AwsFault } from './fault.ts';
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStacks,
  type Stack,
} from './sdk/cloudformation.ts';

export type StackDeps = { readonly cloudformation: CloudFormationClient };

/** A stack as CloudFormation has it, whatever state it is in. */
export type FoundStack = {
  readonly name: string;
  /** ARN: the only name of a stack that is deleted. */
  readonly id: string;
  /** `CREATE_COMPLETE`, `DELETE_IN_PROGRESS`, … */
  readonly status: string;
  readonly isProtected: boolean;
  /** By output key. */
  readonly outputs: Readonly<Record<string, string>>;
  /** By tag. */
  readonly tags: Readonly<Record<string, string>>;
};

type StackOutput = keyof typeof outputNames;

/** A stack that works, with those of its outputs that were asked for. */
export type DeployedStack<Output extends StackOutput = StackOutput> = Readonly<Record<Output, string>> & {
  readonly name: string;
  readonly region: string;
};

/** How CloudFormation says that there is none: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message);

const recordOf = (
  pairs: readonly (readonly [string | undefined, string | undefined])[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.flatMap(([key, value]) => (key === undefined || value === undefined ? [] : [[key, value]])));

const readStack = (stack: Stack): FoundStack => ({
  name: stack.StackName ?? '',
  id: stack.StackId ?? '',
  status: stack.StackStatus ?? '',
  isProtected: stack.EnableTerminationProtection ?? false,
  outputs: recordOf((stack.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue])),
  tags: recordOf((stack.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
});

/** A stack by its name, or by its ARN, which also finds one that is deleted; `undefined`: there is none. */
export const describeStack = async ({ cloudformation }: StackDeps, name: string): Promise<FoundStack | undefined> => {
  try {
    const { Stacks: [stack] = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName: name }));
    return stack && readStack(stack);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

/** Names of the stacks of Plimsoll in this region; nothing where it may not look. */
const namesAround = async ({ cloudformation }: StackDeps): Promise<readonly string[]> => {
  const names: string[] = [];
  try {
    for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client: cloudformation }, {})) {
      const ours = stacks.filter((stack) => stack.Tags?.some(({ Key: key }) => key === tagNames.service));
      names.push(...ours.flatMap(({ StackName: name }) => name ?? []));
    }
  } catch {
    // A hint beside an error: what it is to help with is said all the same.
  }
  return names;
};

/** Says that there is none, what there is, and what to do. */
const absentStack = async (deps: StackDeps, name: string): Promise<AwsFault> => {
  const region = await deps.cloudformation.config.region();
  const others = (await namesAround(deps)).filter((other) => other !== name).toSorted();
  const instead =
    others.length === 0
      ? 'npx cdk deploy makes it, else the region or the account is another'
      : `there is ${others.join(', ')}: name it with --stack, or npx cdk deploy makes ${name}`;
  return new AwsFault(`no stack ${name} in ${region}: ${instead}`, 'setUp');
};

/** Why a stack has no outputs to rely on; nothing of one that works, or worked until its last update. */
const troubleOf = ({ name, status }: FoundStack): string | undefined => {
  if (status.startsWith('DELETE_')) return `the stack ${name} is being deleted or half deleted (${status})`;
  if (status === 'CREATE_IN_PROGRESS' || status === 'REVIEW_IN_PROGRESS') {
    return `the stack ${name} is not ready (${status}): wait for npx cdk deploy to end`;
  }
  if (status.startsWith('ROLLBACK_') || status === 'CREATE_FAILED') {
    return `the stack ${name} was never made whole (${status}): npx cdk deploy tells why`;
  }
  return undefined;
};

/**
 * Finds a deployed stack and the outputs that a command needs.
 *
 * @throws AwsFault when there is no such stack, it does not work, or it lacks an output.
 */
export const findStack = async <const Output extends StackOutput>(
  deps: StackDeps,
  name: string,
  wanted: readonly Output[],
): Promise<DeployedStack<Output>> => {
  const stack = await describeStack(deps, name);
  if (stack === undefined) throw await absentStack(deps, name);
  const trouble = troubleOf(stack);
  if (trouble !== undefined) throw new AwsFault(trouble, 'setUp');
  const outputs = {} as Record<Output, string>;
  for (const key of wanted) {
    const value = stack.outputs[outputNames[key]];
    if (value === undefined) {
      const missing = `the stack ${name} has no output ${outputNames[key]}`;
      throw new AwsFault(`${missing}: it is none of Plimsoll's, or an older one that npx cdk deploy renews`, 'setUp');
    }
    outputs[key] = value;
  }
  return { ...outputs, name, region: await deps.cloudformation.config.region() };
};
