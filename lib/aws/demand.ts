import type { DispatchInput, DispatchOutput } from '../dispatch/input.ts';
import { AwsFault } from './fault.ts';
import { InvokeCommand, type LambdaClient } from './sdk/lambda.ts';

export type Demand = Extract<DispatchInput, { readonly kind: 'demand' }>;

const isOutput = (value: unknown): value is DispatchOutput =>
  typeof value === 'object' && value !== null && 'runs' in value && Array.isArray(value.runs);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What Lambda makes of an error that a function threw: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
const messageOf = (answer: unknown, kind: string): string => {
  if (typeof answer !== 'object' || answer === null || !('errorMessage' in answer)) return kind;
  const [first = ''] = String(answer.errorMessage).split('\n');
  return first === '' ? kind : first;
};

/**
 * Asks the dispatch function for runs: they are in the queue when it answers. The same client token asks once.
 *
 * @throws AwsFault with the function's own words: `setUp` when it refuses, `aws` when it breaks.
 */
export const demandRuns = async (
  lambda: LambdaClient,
  functionName: string,
  demand: Demand,
): Promise<DispatchOutput> => {
  const { Payload: payload, FunctionError: failed } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(demand) }),
  );
  const answer = parse(payload?.transformToString() ?? '');
  if (failed !== undefined) throw new AwsFault(`the dispatch function failed: ${messageOf(answer, failed)}`, 'aws');
  if (!isOutput(answer)) {
    throw new AwsFault(`the dispatch function ${functionName} answered nothing that this version understands`, 'aws');
  }
  if (answer.refused !== undefined) throw new AwsFault(answer.refused, 'setUp');
  return answer;
};
