import { Readable } from 'node:stream';
import { answer, type Config, type Sdk, type Talk } from './talk.ts';

type Request = { readonly headers: Record<string, string>; readonly body?: unknown };
type Stack = { addRelativeTo(middleware: unknown, options: object): void };

/** So that two of them are signed alike. */
const sameInvocation = (next: (args: unknown) => unknown) => (args: { readonly request: Request }) => {
  args.request.headers['amz-sdk-invocation-id'] = 'invocation-1';
  return next(args);
};

const plainly = (value: unknown): unknown => {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainly);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainly(one)]));
};

const outcomeOf = async (sdk: Sdk, asked: Promise<unknown>): Promise<unknown> => {
  try {
    const output = (await asked) as { readonly Body?: { transformToByteArray(): Promise<Uint8Array> } };
    const bytes = await output.Body?.transformToByteArray();
    return plainly({ ...output, ...(bytes ? { Body: bytes } : {}) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const classes = Object.entries({ ...sdk.s3, ...sdk.dynamodb }).flatMap(([name, one]) =>
      typeof one === 'function' && error instanceof one ? [name] : [],
    );
    // Whose fault it is the SDK does not know of an error without a class, and we never ask.
    const {
      $response: _,
      $fault,
      ...fields
    } = error as Error & { readonly $response?: unknown; readonly $fault?: unknown };
    return {
      classes,
      name: error.name,
      message: error.message,
      hasFault: $fault !== undefined,
      fields: plainly(fields),
    };
  }
};

/** What a talk sends through an SDK, and what comes of it. */
export const speak = async (
  { ask, answers }: Talk,
  sdk: Sdk,
): Promise<{ readonly requests: readonly unknown[]; readonly outcome: unknown }> => {
  const requests: unknown[] = [];
  const handle = async (request: object) => {
    requests.push(plainly(request));
    const { status, headers, body } = answers[Math.min(requests.length, answers.length) - 1] ?? answer(500, '');
    return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } };
  };
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'session' };
  const usual: Config = {
    region: 'eu-central-1',
    credentials,
    maxAttempts: 2,
    // Each way of building the SDK has another version in it.
    defaultUserAgentProvider: async () => [['aws-sdk-js', '3']],
    requestHandler: { handle },
  };
  const asked = ask(sdk, (Client, more = {}) => {
    const client = new Client({ ...usual, ...more });
    const { middlewareStack } = client as unknown as { readonly middlewareStack: Stack };
    middlewareStack.addRelativeTo(sameInvocation, { relation: 'before', toMiddleware: 'httpSigningMiddleware' });
    return client;
  });
  return { outcome: await outcomeOf(sdk, asked), requests };
};
