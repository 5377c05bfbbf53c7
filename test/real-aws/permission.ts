import { describeStack, type StackDeps } from '../../lib/aws/stack.ts';
import { CommandError } from '../../lib/cli/exit.ts';

/** What a person has to say before anything is made in their account. */
export type Permission = {
  /** 12 digits. */
  readonly account: string;
  /** What the probe asks for. */
  readonly url: string;
};

const [accountName, urlName] = ['PLIMSOLL_REAL_AWS', 'PLIMSOLL_REAL_AWS_URL'] as const;
const usage = `${accountName}=<account id> ${urlName}=https://… npm run test:real-aws`;

/** @throws CommandError that says what to set. */
export const readPermission = (env: Readonly<Record<string, string | undefined>>): Permission => {
  const { [accountName]: account = '', [urlName]: url = '' } = env;
  if (account === '') {
    const what = 'it deploys into a real account, for some cents, and removes all of it again';
    throw new CommandError(`${accountName} is not set: ${what}; say which account that may be: ${usage}`);
  }
  if (!/^\d{12}$/.test(account)) {
    throw new CommandError(`${accountName} is "${account}": it is the 12 digits of an account`);
  }
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new CommandError(
      `${urlName} is "${url}": it is a public https:// URL that answers GET with a status below 400`,
    );
  }
  return { account, url };
};

/** cdk has put this one there, and nothing deploys without. */
const bootstrapStack = 'CDKToolkit';

/**
 * The account that the credentials at hand are of, from the ARN of a stack in it: STS would tell too, and its client is
 * one that nothing else here needs. @throws CommandError where cdk was never there.
 */
const accountAtHand = async (deps: StackDeps): Promise<string> => {
  const stack = await describeStack(deps, bootstrapStack);
  const region = await deps.cloudformation.config.region();
  if (stack === undefined) throw new CommandError(`no stack ${bootstrapStack} in ${region}: npx cdk bootstrap first`);
  return stack.id.split(':')[4] ?? '';
};

/** Refuses to go on in any other account than the one that was named. @throws CommandError */
export const requireAccount = async ({ account }: Permission, deps: StackDeps): Promise<void> => {
  const atHand = await accountAtHand(deps);
  if (atHand === account) return;
  throw new CommandError(`${accountName} is ${account}, and these credentials are of ${atHand}: nothing was done`);
};
