import { App, Stack, Validations } from 'aws-cdk-lib';
import { CommandError, exitCodes } from '../lib/cli/exit.ts';
import { environmentOf, loadPlan } from '../lib/cli/load-plan.ts';
import { processTerminal } from '../lib/cli/terminal.ts';
import { isStackName, stackNameOf, tagNames } from '../lib/names.ts';
import { PlanRefused, Plimsoll, type PlimsollProps } from '../lib/stack/index.ts';

/*
 * The CDK app. `-c config=FILE` or PLIMSOLL_CONFIG, else plimsoll.config.ts; `-c profile=local` for an emulator; `-c name=…`
 * for the stack's name; `-c set.<variable>=…` as --set on the command line; `-c runbook=URL`; `-c functions=FOLDER` where
 * `node build/functions.ts FOLDER` put them; `-c nag=true` for cdk-nag.
 */

const terminal = processTerminal(new AbortController().signal);
// Synthesised below, and not when the process ends: a plan that is refused leaves nothing.
const app = new App({ autoSynth: false });

const option = (key: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(key);
  return value === undefined || value === '' ? undefined : String(value);
};

const profileOf = (text = 'aws'): NonNullable<PlimsollProps['profile']> => {
  if (text === 'aws' || text === 'local') return text;
  throw new CommandError(`there is no profile ${text}: -c profile=aws or -c profile=local`);
};

const nameOf = (text: string): string => {
  if (isStackName(text)) return text;
  throw new CommandError(`${text} is no name of a stack: letters, digits and hyphens, 128 at most, a letter first`);
};

const valuesOf = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = option(`set.${name}`);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

const build = async (): Promise<void> => {
  const plan = await loadPlan(option('config') ?? process.env.PLIMSOLL_CONFIG ?? 'plimsoll.config.ts', terminal);
  const name = nameOf(option('name') ?? stackNameOf(plan.service));
  const runbook = option('runbook');
  const functionsFolder = option('functions');
  const stack = new Stack(app, name, {
    stackName: name,
    description: `Plimsoll watches ${plan.service}.`,
    // Of the stack itself: `plimsoll destroy` removes none without.
    tags: { [tagNames.service]: plan.service, [tagNames.stack]: name },
  });
  new Plimsoll(stack, 'Plimsoll', {
    plan,
    environment: environmentOf(terminal),
    values: valuesOf(Object.keys(plan.variables)),
    profile: profileOf(option('profile')),
    ...(runbook === undefined ? {} : { runbook }),
    ...(functionsFolder === undefined ? {} : { functionsFolder }),
  });
  if (option('nag') === undefined) return;
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};

try {
  await build();
  app.synth();
} catch (error) {
  // A plan that may not be deployed is its author's business, said in our words; anything else is a fault of ours.
  if (!(error instanceof CommandError || error instanceof PlanRefused)) throw error;
  terminal.err(`plimsoll: ${error.message}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.usage;
}
