import { AwsFault, faultOf, type Reach } from './fault.ts';

/** What was asked of whom. */
export type Asked = {
  /** As AWS names it: `PutItem`. */
  readonly operation: string;
  /** With its kind: `the table plimsoll-notes`. */
  readonly resource: string;
};

/** A store in AWS that could not be used, after all attempts: one sentence that names what was asked of whom and why not. */
export class StoreUnreachableError extends AwsFault {
  override readonly name = 'StoreUnreachableError';
  readonly operation: string;
  readonly resource: string;

  constructor({ operation, resource }: Asked, message: string, blame: AwsFault['blame'], cause?: unknown) {
    super(message, blame, { cause });
    this.operation = operation;
    this.resource = resource;
  }
}

/** What AWS quotes may be a whole request. */
const longestReason = 400;

type Config = {
  readonly region?: string | (() => Promise<string>);
  readonly endpoint?: undefined | (() => Promise<{ readonly hostname: string; readonly port?: number }>);
};

/** Where a client reaches, as far as it knows. */
const reachOf = async ({ region, endpoint }: Config): Promise<Reach> => {
  try {
    const there = await endpoint?.();
    const name = typeof region === 'function' ? await region() : region;
    return {
      ...(name ? { region: name } : {}),
      ...(there ? { endpoint: `${there.hostname}${there.port === undefined ? '' : `:${there.port}`}` } : {}),
    };
  } catch {
    return {};
  }
};

const attemptsOf = (error: unknown): string => {
  const attempts = (error as { readonly $metadata?: { readonly attempts?: number } }).$metadata?.attempts ?? 1;
  return attempts > 1 ? ` after ${attempts} attempts` : '';
};

const cut = (text: string): string => (text.length > longestReason ? `${text.slice(0, longestReason)}…` : text);

/** Runs a call; what the SDK rejects with becomes a StoreUnreachableError, all else passes. */
export const naming = async <T>(asked: Asked, config: Config, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    const fault = error instanceof StoreUnreachableError ? undefined : faultOf(error, await reachOf(config));
    if (!fault) throw error;
    const message = `${asked.operation} on ${asked.resource} failed${attemptsOf(error)}: ${cut(fault.message)}`;
    throw new StoreUnreachableError(asked, message, fault.blame, error);
  }
};
