/** Where we reach for AWS: for sentences. */
export type Reach = {
  /** Absent: none is set. */
  readonly region?: string;
  /** URL, where another one than AWS's own is set. */
  readonly endpoint?: string;
};

/** Trouble with AWS in one sentence for a person. `setUp`: theirs to mend; `aws`: what we stand on is broken. */
export class AwsFault extends Error {
  override name = 'AwsFault';
  readonly blame: 'setUp' | 'aws';

  constructor(message: string, blame: AwsFault['blame'], options?: ErrorOptions) {
    super(message, options);
    this.blame = blame;
  }
}

const signIn = 'sign in (aws sso login, aws login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** Names that services give to one and the same trouble: each protocol has its own. */
const expired = new Set([
  ...['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
  ...['UnauthorizedSSOTokenException', 'TokenProviderError'],
]);
const unknownKeys = new Set([
  ...['InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidAccessKeyId', 'AuthFailure'],
  ...['SignatureDoesNotMatch', 'InvalidSignatureException', 'IncompleteSignature', 'MissingAuthenticationToken'],
]);
const denied = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized']);

/** Node's codes of a network that does not carry. */
const unreachable = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ECONNABORTED'],
]);

/** One line, in lower case at its start unless that is a name, without a stop. */
const sentence = (text: string): string =>
  text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/\.$/, '')
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

const textOf = (value: unknown, key: string): string => {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' ? found : '';
};

const isAnswer = (error: Error): boolean => '$metadata' in error && '$fault' in error;

const describeKeys = (name: string, message: string): string | undefined => {
  if (expired.has(name) || /expired/i.test(message)) return `the AWS credentials have expired: ${signIn}`;
  if (unknownKeys.has(name)) return `AWS does not take these credentials (${sentence(message)}): ${signIn}`;
  if (name === 'CredentialsProviderError' || name === 'ProviderError') {
    const why = /from any providers/.test(message) ? '' : ` (${sentence(message)})`;
    return `no AWS credentials${why}: ${signIn}`;
  }
  if (denied.has(name)) return `AWS does not allow that: ${sentence(message)}`;
  return undefined;
};

/**
 * What an error of the SDK means to a person; `undefined` of an error that is none of the SDK's, which is a fault of ours.
 */
export const faultOf = (error: unknown, { region, endpoint }: Reach): AwsFault | undefined => {
  if (error instanceof AwsFault) return error;
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const make = (text: string, blame: AwsFault['blame']) => new AwsFault(text, blame, { cause: error });
  const asked = endpoint ?? `AWS${region === undefined ? '' : ` in ${region}`}`;
  if (/^Region is missing/.test(message)) {
    return make('no AWS region: set AWS_REGION, or a region in your profile (aws configure)', 'setUp');
  }
  if (/^Region not accepted/.test(message)) {
    return make(`no such AWS region: ${region ?? 'it is empty'}: set AWS_REGION to one such as eu-central-1`, 'setUp');
  }
  const code = textOf(error, 'code') || textOf(error.cause, 'code');
  if (unreachable.has(code) || name === 'TimeoutError') {
    return make(`${asked} cannot be reached (${code || sentence(message)}): check the network and the region`, 'aws');
  }
  const keys = describeKeys(name, message);
  if (keys !== undefined) return make(keys, 'setUp');
  return isAnswer(error) ? make(`${asked} answered ${name}: ${sentence(message)}`, 'aws') : undefined;
};
