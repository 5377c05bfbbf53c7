import { readResources, type StackResource } from '../../aws/removal/resources.ts';
import { readTemplate, type TemplateFacts } from '../../aws/removal/template.ts';
import { type RemovalLook, removeStack } from '../../aws/removal.ts';
import { ResourceGroupsTaggingAPIClient } from '../../aws/sdk/tagging.ts';
import { describeStack, type FoundStack } from '../../aws/stack.ts';
import type { Plan } from '../../config/plan.ts';
import { outputNames, tagNames } from '../../names.ts';
import { plural } from '../../report/format.ts';
import { palette } from '../../report/text/palette.ts';
import { renderProgressBar } from '../../report/text.ts';
import { systemClock } from '../clock.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import { loadPlan } from '../load-plan.ts';
import type { Terminal } from '../terminal.ts';
import { failureLines, resourceLines } from './destroy-text.ts';
import { reachAws, type StackOptions, stackName } from './reach.ts';
import { type VerifyContext, verifyGone, verifyStanding } from './verify.ts';

export type DestroyOptions = StackOptions & {
  readonly config: string;
  readonly yes: boolean;
  readonly verify: boolean;
};

/** A slip of `--stack` must not cost somebody else's stack. */
const requireOwn = ({ name, tags, isProtected }: FoundStack, plan: Plan): void => {
  const service = tags[tagNames.service];
  if (service === undefined) {
    throw new CommandError(`the stack ${name} has no tag ${tagNames.service}: it is none of Plimsoll's own, and stays`);
  }
  if (service !== plan.service) {
    throw new CommandError(
      `the stack ${name} is of the service ${service}, and the config of ${plan.service}: it stays`,
    );
  }
  if (isProtected) {
    const lift = `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name}`;
    throw new CommandError(`the stack ${name} is protected from removal: lift that first, with ${lift}`);
  }
};

/** A config that keeps what the stack as deployed does not: somebody believes that the data stay. */
const requireKept = (
  stack: FoundStack,
  resources: readonly StackResource[],
  { retained }: TemplateFacts,
  { cloud }: Plan,
): void => {
  for (const kind of cloud.keep) {
    const physicalId = stack.outputs[outputNames[kind]];
    const resource = resources.find((one) => one.physicalId === physicalId);
    if (resource === undefined || retained.has(resource.logicalId)) continue;
    const [says, does] = [`cloud.keep has the ${kind}`, `the stack ${stack.name} as deployed would remove it`];
    throw new CommandError(`${says}, and ${does}: npx cdk deploy first, or take it out of the config`);
  }
};

const confirm = async ({ name }: FoundStack, options: DestroyOptions, terminal: Terminal): Promise<void> => {
  if (options.yes) return;
  if (terminal.ask === undefined) {
    throw new CommandError(`nobody is here to be asked, and nothing was removed: --yes removes ${name} without`);
  }
  const answer = await terminal.ask(`Type the name of the stack to remove it: `);
  if (answer.trim() !== name) throw new CommandError(`that is not ${name}: nothing was removed`);
};

const clearLine = '\r\u001b[2K';

/** One line that redraws on a terminal; elsewhere a line whenever more is gone. */
const tell = (look: RemovalLook, before: RemovalLook | undefined, terminal: Terminal): void => {
  if (terminal.errIsTerminal) {
    const options = { colour: terminal.errColour, width: terminal.columns };
    terminal.err(`${clearLine}${renderProgressBar(look, look.current, options)}`);
  } else if (look.done !== before?.done) terminal.err(`removed ${look.done} of ${plural(look.total, 'resource')}\n`);
};

const follow = async (stack: FoundStack, { deps, terminal }: VerifyContext): Promise<RemovalLook | undefined> => {
  let last: RemovalLook | undefined;
  try {
    for await (const look of removeStack({ ...deps, clock: systemClock, signal: terminal.signal }, stack.id)) {
      tell(look, last, terminal);
      last = look;
    }
  } finally {
    if (terminal.errIsTerminal) terminal.err(clearLine);
    if (terminal.signal.aborted) {
      terminal.err(`plimsoll: the removal goes on in AWS: plimsoll destroy --verify tells how it ended\n`);
    }
  }
  return last;
};

const remove = async (
  stack: FoundStack,
  plan: Plan,
  options: DestroyOptions,
  context: VerifyContext,
): Promise<ExitCode> => {
  const { deps, region, terminal } = context;
  requireOwn(stack, plan);
  const [resources, template] = await Promise.all([readResources(deps, stack.id), readTemplate(deps, stack.id)]);
  requireKept(stack, resources, template, plan);
  const head = `${stack.name} in ${region}: ${plural(resources.length, 'resource')}`;
  terminal.out(`${[head, ...resourceLines(resources, template.retained)].join('\n')}\n`);
  await confirm(stack, options, terminal);
  const last = await follow(stack, context);
  if (last?.status !== 'DELETE_FAILED') return verifyGone(context);
  const bad = palette(terminal.outColour)('bad', 'bad');
  const rest = `${bad}: ${stack.name} is half removed: see to these, then plimsoll destroy takes up where it stopped`;
  terminal.out(`${[...failureLines(last), rest].join('\n')}\n`);
  return exitCodes.bad;
};

/** `plimsoll destroy`: removes the stack, and says what is left of it; `--verify` only says. */
export const destroyCommand = async (options: DestroyOptions, terminal: Terminal): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  return reachAws(terminal, async ({ config, cloudformation }) => {
    const name = stackName(options, plan);
    const deps = { cloudformation, tagging: new ResourceGroupsTaggingAPIClient(config) };
    const region = await cloudformation.config.region();
    const context: VerifyContext = { deps, name, region, cloud: plan.cloud, terminal };
    const stack = await describeStack(deps, name);
    if (stack === undefined) return verifyGone(context);
    return options.verify ? verifyStanding(stack, context) : remove(stack, plan, options, context);
  });
};
