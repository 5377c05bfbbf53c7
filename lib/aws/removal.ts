import { readResources, type StackResource } from './removal/resources.ts';
import { DeleteStackCommand, DescribeStackEventsCommand } from './sdk/cloudformation.ts';
import { describeStack, type StackDeps } from './stack.ts';

/** How far the removal of a stack is. */
export type RemovalLook = {
  readonly status: string;
  /** Gone, or left standing as the template has it. */
  readonly done: number;
  readonly total: number;
  /** Logical ids of those under way. */
  readonly current: readonly string[];
  /** Those that would not go, with CloudFormation's reason. */
  readonly failed: readonly { readonly logicalId: string; readonly type: string; readonly reason: string }[];
};

type RemovalDeps = StackDeps & {
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly signal: AbortSignal;
};

/** Ends of a removal that went wrong before are still the status for a moment, so the first look waits too. */
const firstPauseMs = 500;
const longestPauseMs = 3_000;

const over = new Set(['DELETE_COMPLETE', 'DELETE_SKIPPED']);

/** Reasons of this removal alone: the newest event of each resource. */
const readFailures = async ({ cloudformation }: StackDeps, id: string): Promise<RemovalLook['failed']> => {
  const { StackEvents: events = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: id }));
  const seen = new Set<string>();
  return events.flatMap((event) => {
    const logicalId = event.LogicalResourceId ?? '';
    if (seen.has(logicalId)) return [];
    seen.add(logicalId);
    if (event.ResourceStatus !== 'DELETE_FAILED' || event.PhysicalResourceId === id) return [];
    return [{ logicalId, type: event.ResourceType ?? '', reason: event.ResourceStatusReason ?? 'it gave no reason' }];
  });
};

const lookAt = async (deps: StackDeps, id: string, status: string): Promise<RemovalLook> => {
  const resources: readonly StackResource[] = await readResources(deps, id);
  const isOver = status === 'DELETE_COMPLETE';
  return {
    status,
    done: isOver ? resources.length : resources.filter((one) => over.has(one.status)).length,
    total: resources.length,
    current: resources.flatMap((one) => (one.status === 'DELETE_IN_PROGRESS' ? one.logicalId : [])),
    failed: status === 'DELETE_FAILED' ? await readFailures(deps, id) : [],
  };
};

/** Deletes a stack, and tells how far it is until CloudFormation has ended with it, one way or the other. */
export async function* removeStack(deps: RemovalDeps, id: string): AsyncGenerator<RemovalLook> {
  await deps.cloudformation.send(new DeleteStackCommand({ StackName: id }));
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    await deps.clock.sleep(pauseMs, deps.signal);
    deps.signal.throwIfAborted();
    const { status } = (await describeStack(deps, id)) ?? { status: 'DELETE_COMPLETE' };
    const look = await lookAt(deps, id, status);
    yield look;
    if (status === 'DELETE_COMPLETE' || status === 'DELETE_FAILED') return;
  }
}
