import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  paginateListTasks,
  type Service,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from '../sdk/ecs.ts';
import {
  type Accepted,
  bears,
  type Found,
  type RestartAdapter,
  type RestartDeps,
  refuse,
  spellTag,
} from './adapter.ts';

type Deps = RestartDeps<'ecs'>;

/** Names that DescribeTasks takes at once. */
const mostTasks = 100;

const lastOf = (arn: string | undefined): string => (arn ?? '').slice((arn ?? '').lastIndexOf('/') + 1);

const findService = async ({ plan, tag, hands }: Deps, signal: AbortSignal): Promise<Service> => {
  const ecs = await hands.look.ecs();
  const command = new DescribeServicesCommand({ cluster: plan.cluster, services: [plan.service], include: ['TAGS'] });
  const { services: [service] = [] } = await ecs.send(command, { abortSignal: signal });
  const where = `service ${plan.service} in cluster ${plan.cluster}`;
  if (service?.status !== 'ACTIVE') throw refuse(`there is no active ${where}`);
  const tags = (service.tags ?? []).map(({ key, value }) => ({ key, value }));
  if (!bears(tags, tag)) throw refuse(`the ${where} has no tag ${spellTag(tag)}: nobody has allowed drills of it`);
  return service;
};

const findTasks = async ({ plan, tag, hands }: Deps, signal: AbortSignal): Promise<readonly Task[]> => {
  const client = await hands.look.ecs();
  const arns: string[] = [];
  const asked = { cluster: plan.cluster, serviceName: plan.service, desiredStatus: 'RUNNING' } as const;
  for await (const { taskArns = [] } of paginateListTasks({ client }, asked, { abortSignal: signal }))
    arns.push(...taskArns);
  const tasks: Task[] = [];
  for (let n = 0; n < arns.length; n += mostTasks) {
    const command = new DescribeTasksCommand({
      cluster: plan.cluster,
      tasks: arns.slice(n, n + mostTasks),
      include: ['TAGS'],
    });
    tasks.push(...((await client.send(command, { abortSignal: signal })).tasks ?? []));
  }
  if (tasks.length === 0) throw refuse(`the service ${plan.service} has no running task`);
  const allowed = tasks.filter(({ tags = [] }) =>
    bears(
      tags.map(({ key, value }) => ({ key, value })),
      tag,
    ),
  );
  if (allowed.length === 0)
    throw refuse(
      `no task of ${plan.service} has the tag ${spellTag(tag)}: set propagateTags of the service to SERVICE, and deploy it`,
    );
  return allowed;
};

/** What decides whether old and new overlap, or nothing runs for a while. */
const settingsOf = ({ desiredCount, runningCount, deploymentConfiguration = {} }: Service): Found['details'] => ({
  desiredCount: desiredCount ?? 0,
  runningCount: runningCount ?? 0,
  minimumHealthyPercent: deploymentConfiguration.minimumHealthyPercent ?? null,
  maximumPercent: deploymentConfiguration.maximumPercent ?? null,
});

const renew = async ({ plan, hands }: Deps): Promise<Accepted> => {
  const { cluster, service } = plan;
  const command = new UpdateServiceCommand({ cluster, service, forceNewDeployment: true });
  const answer = await (await hands.ask.ecs()).send(command);
  const primary = answer.service?.deployments?.find(({ status }) => status === 'PRIMARY');
  return { platformIds: [`deployment ${primary?.id ?? 'without an id'}`] };
};

/** Every task that may be: with one left there would be no outage to measure. What was stopped before one failed is told. */
const stop = async ({ plan, hands }: Deps, { ids }: Found, runId: string): Promise<Accepted> => {
  const ecs = await hands.ask.ecs();
  const reason = `plimsoll drill ${runId}`;
  const stops = ids.map((task) => ecs.send(new StopTaskCommand({ cluster: plan.cluster, task, reason })));
  const settled = await Promise.allSettled(stops);
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  const stopped = ids.filter((_, index) => settled[index]?.status === 'fulfilled');
  if (stopped.length === 0 && failed[0]) throw failed[0];
  return {
    platformIds: stopped.map((id) => `task ${id}`),
    details: failed.length === 0 ? {} : { notStopped: failed.map(({ message }) => message) },
  };
};

/** A new deployment in place of the one that runs, or its tasks stopped: SIGTERM, and SIGKILL after their stopTimeout. */
export const ecsAdapter = (deps: Deps): RestartAdapter => ({
  find: async (signal) => {
    const service = await findService(deps, signal);
    const details = { how: deps.plan.how, ...settingsOf(service) };
    if (deps.plan.how === 'forceNewDeployment') return { ids: [lastOf(service.serviceArn)], details };
    const tasks = await findTasks(deps, signal);
    return { ids: tasks.map(({ taskArn }) => lastOf(taskArn)), details };
  },
  ask: (found, { runId }) => (deps.plan.how === 'stopTask' ? stop(deps, found, runId) : renew(deps)),
});
