import { readDispatchInput } from '../../dispatch/read-input.ts';
import { readJudgeInput } from '../../dispatch/read-judge-input.ts';
import { readPageInput } from '../../page/page-input.ts';
import type { Held } from './letters.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const longestReason = 500;

/** `arn:aws:lambda:<region>:<account>:function:<name>:<version>`. */
const nameOf = (functionArn: string): string => functionArn.split(':')[6] ?? functionArn;

/** A call of a function that came to nothing, and what it was called with. */
type Call = { readonly told: string; readonly input: unknown };

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const givenUp = ({ requestContext, requestPayload, responsePayload }: Fields): Call | undefined => {
  const { functionArn, condition } = fieldsOf(requestContext);
  if (typeof functionArn !== 'string') return undefined;
  const { errorMessage } = fieldsOf(responsePayload);
  const why = typeof errorMessage === 'string' ? errorMessage : String(condition ?? 'it failed');
  const told = `an invocation of the function ${nameOf(functionArn)} failed for good: ${why.slice(0, longestReason)}`;
  return { told, input: requestPayload };
};

/**
 * The body is what the function was to get; the rest stands in attributes:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
const notReached = (
  input: unknown,
  { TARGET_ARN, ERROR_CODE, ERROR_MESSAGE }: Held['attributes'],
): Call | undefined => {
  if (TARGET_ARN === undefined && ERROR_CODE === undefined) return undefined;
  const target = TARGET_ARN === undefined ? 'a function' : `the function ${nameOf(TARGET_ARN)}`;
  const why = [ERROR_CODE, ERROR_MESSAGE].filter((one) => one !== undefined && one !== '').join(': ') || 'it failed';
  return { told: `EventBridge did not reach ${target}: ${why.slice(0, longestReason)}`, input };
};

const inOutbox =
  'its events wait in the outbox, and the judge puts them on the bus again until they are told: to discard it loses nothing';

/** What is lost with such a call: whoever discards it has to know. */
const consequenceOf = (input: unknown): string | undefined => {
  const { alarms, probes } = readPageInput(input);
  const changes = alarms.map(({ alarm, state }) => `that the alarm ${alarm} went to ${state}`).join(' and ');
  if (changes !== '') return `nobody is told again ${changes}: look at it before you discard this`;
  if (probes === 'all' || probes.length > 0) return inOutbox;
  const judge = readJudgeInput(input);
  if (judge.ok && judge.value.kind === 'changed')
    return 'the next tick of the judge does it: to discard it loses nothing';
  const dispatch = readDispatchInput(input);
  if (!dispatch.ok) return undefined;
  if (dispatch.value.kind === 'demand')
    return `who asked with the token ${dispatch.value.clientToken} has to ask again`;
  return `runs of ${dispatch.value.scheduledTime} that were not handed out show as missed, and are not made up`;
};

/**
 * What Lambda says of an invocation that it gave up, and EventBridge of one that it could not make, when a message is that:
 * why, and what is lost with it.
 */
export const undelivered = ({ body, attributes }: Pick<Held, 'body' | 'attributes'>): string | undefined => {
  const value = parse(body);
  const call = givenUp(fieldsOf(value)) ?? notReached(value, attributes);
  return call && [call.told, consequenceOf(call.input)].filter((one) => one !== undefined).join('; ');
};
