import type { CloudPlan } from '../../config/plan.ts';
import { tagNames } from '../../names.ts';
import { paginateGetResources, type ResourceGroupsTaggingAPIClient } from '../sdk/tagging.ts';
import type { StackDeps } from '../stack.ts';
import { isKept, isSameResource, remedyOf } from './remedy.ts';
import { lastDeleted, readResources, type StackResource } from './resources.ts';
import { readTemplate, type TemplateFacts } from './template.ts';

export type OrphanDeps = StackDeps & { readonly tagging: ResourceGroupsTaggingAPIClient };

/** What is still there, and how it goes away. */
export type Leftover = { readonly what: string; readonly remedy: string };

export type Leftovers = {
  /** Carry the stack's tag, and nobody asked to keep them. */
  readonly orphans: readonly Leftover[];
  /** ARNs of those that the config asked to keep. */
  readonly kept: readonly string[];
  /** ARNs that the index of tags still has, though CloudFormation has deleted them: it runs behind by minutes. */
  readonly fading: readonly string[];
  /** Bear no tag that could be seen, and may be there. */
  readonly unseen: readonly Leftover[];
};

/** What CloudFormation remembers of a stack that it deleted. */
export type DeletedStack = {
  /** ISO. */
  readonly at: string;
  readonly resources: readonly StackResource[];
  readonly template: TemplateFacts;
};

/** Kinds that no search by tag finds. */
const untagged: Readonly<Record<string, (physicalId: string) => Leftover>> = {
  'AWS::IAM::Role': (name) => ({ what: `role ${name}`, remedy: `aws iam delete-role --role-name ${name}` }),
};

const logGroupOf = (functionName: string): Leftover => ({
  what: `log group /aws/lambda/${functionName}`,
  remedy: `aws logs delete-log-group --log-group-name /aws/lambda/${functionName}`,
});

const unseenOf = ({ resources, template }: DeletedStack): readonly Leftover[] =>
  resources.flatMap(({ logicalId, physicalId, type, status }) => {
    if (physicalId === '') return [];
    if (template.selfLogging.has(logicalId)) return [logGroupOf(physicalId)];
    return status === 'DELETE_SKIPPED' ? (untagged[type]?.(physicalId) ?? []) : [];
  });

/** @param tagged ARNs that carry the stack's tag. @param deleted absent: CloudFormation remembers no such stack. */
export const sortLeftovers = (
  tagged: readonly string[],
  deleted: DeletedStack | undefined,
  cloud: CloudPlan,
): Leftovers => {
  const gone = (deleted?.resources ?? []).filter(({ status }) => status === 'DELETE_COMPLETE');
  const isGone = (arn: string) => gone.some(({ physicalId }) => isSameResource(arn, physicalId));
  const present = tagged.filter((arn) => !isGone(arn)).toSorted();
  return {
    orphans: present.filter((arn) => !isKept(arn, cloud)).map((arn) => ({ what: arn, remedy: remedyOf(arn) })),
    kept: present.filter((arn) => isKept(arn, cloud)),
    fading: tagged.filter(isGone).toSorted(),
    unseen: deleted === undefined ? [] : unseenOf(deleted),
  };
};

/** ARNs in this region that carry the tag of a stack. */
export const readTagged = async ({ tagging }: OrphanDeps, stack: string): Promise<readonly string[]> => {
  const found: string[] = [];
  const filter = { TagFilters: [{ Key: tagNames.stack, Values: [stack] }] };
  for await (const { ResourceTagMappingList: resources = [] } of paginateGetResources({ client: tagging }, filter)) {
    found.push(...resources.flatMap(({ ResourceARN: arn }) => arn ?? []));
  }
  return found;
};

/** The stack of this name that was deleted last; `undefined` where there was none within 90 days. */
export const readDeleted = async (deps: StackDeps, name: string): Promise<DeletedStack | undefined> => {
  const last = await lastDeleted(deps, name);
  if (last === undefined) return undefined;
  const [resources, template] = await Promise.all([readResources(deps, last.id), readTemplate(deps, last.id)]);
  return { at: last.at, resources, template };
};
