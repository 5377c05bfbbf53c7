type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const parse = (body: string): Fields => {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
};

const longestReason = 500;

/**
 * What Lambda says of an asynchronous invocation that it gave up, when a message is that:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export const failedInvocation = (body: string): string | undefined => {
  const { requestContext, responsePayload } = parse(body);
  const { functionArn, condition } = fieldsOf(requestContext);
  if (typeof functionArn !== 'string') return undefined;
  const [, , , , , , name = functionArn] = functionArn.split(':');
  const { errorMessage } = fieldsOf(responsePayload);
  const why = typeof errorMessage === 'string' ? errorMessage : String(condition ?? 'it failed');
  return `an invocation of the function ${name} failed for good: ${why.slice(0, longestReason)}`;
};
