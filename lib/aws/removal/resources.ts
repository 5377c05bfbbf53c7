import { paginateListStackResources, paginateListStacks } from '../sdk/cloudformation.ts';
import type { StackDeps } from '../stack.ts';

/** A resource as its stack knows it. */
export type StackResource = {
  readonly logicalId: string;
  /** Name, URL or ARN, as its kind has it; `''` of one that was never made. */
  readonly physicalId: string;
  /** `AWS::DynamoDB::Table`, … */
  readonly type: string;
  /** `CREATE_COMPLETE`, `DELETE_SKIPPED`, … */
  readonly status: string;
};

/** @param id name or ARN of a stack; by its ARN also for 90 days after it was deleted. */
export const readResources = async ({ cloudformation }: StackDeps, id: string): Promise<readonly StackResource[]> => {
  const found: StackResource[] = [];
  const pages = paginateListStackResources({ client: cloudformation }, { StackName: id });
  for await (const { StackResourceSummaries: summaries = [] } of pages) {
    for (const one of summaries) {
      found.push({
        logicalId: one.LogicalResourceId ?? '',
        physicalId: one.PhysicalResourceId ?? '',
        type: one.ResourceType ?? '',
        status: one.ResourceStatus ?? '',
      });
    }
  }
  return found;
};

/** ARN of the stack of this name that was deleted last, and when (ISO); CloudFormation remembers it for 90 days. */
export const lastDeleted = async (
  { cloudformation }: StackDeps,
  name: string,
): Promise<{ readonly id: string; readonly at: string } | undefined> => {
  let last: { readonly id: string; readonly at: string } | undefined;
  const pages = paginateListStacks({ client: cloudformation }, { StackStatusFilter: ['DELETE_COMPLETE'] });
  for await (const { StackSummaries: summaries = [] } of pages) {
    for (const { StackName: itsName, StackId: id, DeletionTime: at, LastUpdatedTime: updated } of summaries) {
      const when = (at ?? updated)?.toISOString() ?? '';
      if (itsName === name && id !== undefined && when >= (last?.at ?? '')) last = { id, at: when };
    }
  }
  return last;
};
