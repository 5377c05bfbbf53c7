import { paginateDescribeInstances } from '../sdk/ec2.ts';
import { type Found, type RestartDeps, refuse, spellTag } from './adapter.ts';

/** What SendCommand takes by id at once; a drill of more than that is no drill. */
const mostInstances = 50;

/** Running instances that bear the plan's tag, and the one that allows drills. @throws DrillError when there is none. */
export const findInstances = async (
  { plan, tag, hands }: RestartDeps<'ec2'> | RestartDeps<'ssm'>,
  signal: AbortSignal,
): Promise<Found> => {
  const client = await hands.look.ec2();
  const { instanceTag } = plan;
  const Filters = [
    { Name: `tag:${instanceTag.key}`, Values: [instanceTag.value] },
    { Name: `tag:${tag.key}`, Values: [tag.value] },
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  const ids: string[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances(
    { client },
    { Filters },
    { abortSignal: signal },
  )) {
    ids.push(...Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(({ InstanceId }) => InstanceId ?? [])));
  }
  const what = `${spellTag(instanceTag)} and ${spellTag(tag)}`;
  if (ids.length === 0) throw refuse(`no running instance has the tags ${what}`);
  if (ids.length > mostInstances)
    throw refuse(`${ids.length} instances have the tags ${what}, and a drill restarts ${mostInstances} at most`);
  return { ids: ids.toSorted(), details: { instances: ids.length } };
};
