import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { type Due, dueItems } from '../../dispatch/due.ts';
import type { DispatchInput } from '../../dispatch/input.ts';
import type { Clients } from '../clients.ts';

export type DueOnceDeps = { readonly dynamo: Clients['dynamo']; readonly table: string };

/**
 * The runs that an input asks for; on demand, the same ones however often their client token is given: in the table it is
 * known for 7 days when that was first done. With other probes than then it is refused, for their runs would come days after
 * their slot, and count as late. Nothing of DynamoDB is loaded for anything else, and none of it is asked where the demand
 * says itself when it was made.
 */
export const dueOnce = async (
  deployed: DeployedPlan,
  input: DispatchInput,
  clockMs: number,
  { dynamo, table }: DueOnceDeps,
): Promise<Due> => {
  const due = dueItems(deployed, input, clockMs);
  if (!due.ok || input.kind !== 'demand' || input.askedAt !== undefined || input.at !== undefined) return due;
  const { firstAsked } = await import('../dynamodb/demands.ts');
  const asked = { token: input.clientToken, probes: due.items.map(({ probe }) => probe.id), nowMs: due.nowMs };
  const { askedAt, isSame } = await firstAsked(await dynamo(), table, asked);
  if (isSame) return dueItems(deployed, { ...input, askedAt }, clockMs);
  const first = `the client token ${input.clientToken} was first used at ${askedAt}, for other probes than these`;
  return { ok: false, problem: `${first}: ask for the same, or with a new token` };
};
