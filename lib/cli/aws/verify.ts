import {
  type DeletedStack,
  type OrphanDeps,
  readDeleted,
  readTagged,
  sortLeftovers,
} from '../../aws/removal/orphans.ts';
import { isSameResource } from '../../aws/removal/remedy.ts';
import { readResources } from '../../aws/removal/resources.ts';
import type { FoundStack } from '../../aws/stack.ts';
import type { CloudPlan } from '../../config/plan.ts';
import { plural } from '../../report/format.ts';
import { palette } from '../../report/text/palette.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { conclusion, leftoversLines } from './destroy-text.ts';

export type VerifyContext = {
  readonly deps: OrphanDeps;
  readonly name: string;
  readonly region: string;
  readonly cloud: CloudPlan;
  readonly terminal: Terminal;
};

const print = (lines: readonly string[], { out }: Terminal): void => out(lines.map((line) => `${line}\n`).join(''));

/** A name that nothing and nobody knows is a slip, and not a clean account. */
const requireKnown = (
  tagged: readonly string[],
  deleted: DeletedStack | undefined,
  { name, region }: VerifyContext,
): void => {
  if (tagged.length > 0 || deleted !== undefined) return;
  const never = `no stack ${name} in ${region}, and none was deleted there in 90 days; nothing carries its tag`;
  throw new CommandError(`${never}: are the name, the region and the account the right ones?`);
};

/** What a stack left behind that is gone. @throws CommandError when there never was one. */
export const verifyGone = async (context: VerifyContext): Promise<ExitCode> => {
  const { deps, name, region, cloud, terminal } = context;
  const [tagged, deleted] = await Promise.all([readTagged(deps, name), readDeleted(deps, name)]);
  requireKnown(tagged, deleted, context);
  const leftovers = sortLeftovers(tagged, deleted, cloud);
  const paint = palette(terminal.outColour);
  const concluded = { stack: name, region, ...(deleted ? { deletedAt: deleted.at } : {}) };
  print([...leftoversLines(leftovers, paint), conclusion(leftovers, concluded, paint)], terminal);
  return leftovers.orphans.length === 0 ? exitCodes.good : exitCodes.bad;
};

/** What carries the tag of a stack that stands, and is none of its own: left by one of the same name before it. */
export const verifyStanding = async (stack: FoundStack, context: VerifyContext): Promise<ExitCode> => {
  const { deps, name, region, cloud, terminal } = context;
  const [tagged, own] = await Promise.all([readTagged(deps, name), readResources(deps, stack.id)]);
  const isOwn = (arn: string) => arn === stack.id || own.some(({ physicalId }) => isSameResource(arn, physicalId));
  const leftovers = sortLeftovers(
    tagged.filter((arn) => !isOwn(arn)),
    undefined,
    cloud,
  );
  const paint = palette(terminal.outColour);
  const stands = `the stack ${name} stands in ${region} (${stack.status}), with ${plural(own.length, 'resource')}`;
  print(
    [...leftoversLines(leftovers, paint), `${paint('bad', 'bad')}: ${stands}: plimsoll destroy removes it`],
    terminal,
  );
  return exitCodes.bad;
};
