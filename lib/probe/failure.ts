import { cutText } from '../result/redact.ts';
import type { Failure, FailureKind } from '../result/result.ts';
import { GuardError } from './guard.ts';
import { maxHeadBytes } from './head.ts';
import { TemplateError } from './template.ts';

const kindsByCode: Readonly<Record<string, FailureKind>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EHOSTDOWN: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
  EMFILE: 'prober',
  ENFILE: 'prober',
  ENOBUFS: 'prober',
  ENOMEM: 'prober',
  EADDRNOTAVAIL: 'prober',
  HPE_HEADER_OVERFLOW: 'limit',
  EPATHLIMIT: 'limit',
  EACCES: 'prober',
  EPERM: 'prober',
  ERR_INVALID_CHAR: 'template',
  ERR_INVALID_URL: 'template',
  ERR_UNESCAPED_CHARACTERS: 'template',
  ERR_INVALID_HTTP_TOKEN: 'template',
};

// OpenSSL's verification results and Node's TLS errors come in many codes of these shapes.
const tlsCode =
  /^(ERR_(SSL|TLS|OSSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_|INVALID_(CA|PURPOSE))/;

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the name server did not answer',
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while sending',
  ETIMEDOUT: 'the connection timed out',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an authority that is not trusted',
  EMFILE: 'this machine has too many open files',
  HPE_HEADER_OVERFLOW: `the head of the answer is larger than ${number.format(maxHeadBytes)} bytes, the most that is read`,
  ERR_INVALID_CHAR: 'a header has a character that HTTP does not allow',
  ERR_INVALID_URL: 'the URL is not valid',
  ERR_UNESCAPED_CHARACTERS: 'the path has a character that must be percent-encoded',
};

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
};

const addressOf = (error: unknown): string => {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const { address, port } = inner as { address?: string; port?: number };
  return address && port ? ` (${address.includes(':') ? `[${address}]` : address}:${port})` : '';
};

const kindOf = (error: unknown, code: string): FailureKind => {
  if (error instanceof GuardError) return 'guard';
  if (error instanceof TemplateError) return 'template';
  if (kindsByCode[code]) return kindsByCode[code];
  if (tlsCode.test(code)) return 'tls';
  return 'protocol';
};

/** Node calls it a reset, too, when the other side closed in good order and had not answered. */
const hungUp = 'socket hang up';

/** Node's words for an end before the handshake was through. */
const hungUpInHandshake = 'Client network socket disconnected before secure TLS connection was established';

const maxNamesChars = 200;

/** A certificate for other names, and which: it may list thousands. */
const describeWrongName = (error: object): string => {
  const { host, cert } = error as { host?: unknown; cert?: { subjectaltname?: unknown } };
  const names = typeof cert?.subjectaltname === 'string' ? cert.subjectaltname : 'no name at all';
  return `the certificate is not for ${host} but for ${cutText(names, maxNamesChars)}`;
};

/** OpenSSL's reason, without the place in its source: `error:0A00010B:SSL routines:some_function:wrong version number:…`. */
const opensslReason = /:SSL routines:[^:]*:([^:]+)/;

const describe = (error: unknown, code: string, raw: string): string => {
  if (raw === hungUp) return 'the connection was closed before an answer came';
  if (raw === hungUpInHandshake) return 'the connection was closed in the TLS handshake';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && error instanceof Error) return describeWrongName(error);
  const reason = opensslReason.exec(raw)?.[1];
  if (reason) return `the TLS handshake failed: ${reason.replace(/^(ssl\/tls|tlsv1\d*|sslv3) alert /, '')}`;
  const known = words[code];
  if (known) return `${known}${addressOf(error)}`;
  const told = code.startsWith('HPE_') ? `the answer is not valid HTTP: ${raw.replace(/^Parse Error: /, '')}` : raw;
  return `${told}${code && !raw.includes(code) ? ` (${code})` : ''}`;
};

/** Turns what a socket, a parser or the guard threw into a value: whose fault it looks like, in plain words. */
export const failureOf = (error: unknown): Failure => {
  const code = codeOf(error);
  const raw = error instanceof Error ? error.message : String(error);
  const kind = kindOf(error, code);
  if (kind === 'guard' || kind === 'template') return { kind, message: words[code] ? `${words[code]}: ${raw}` : raw };
  return { kind, message: describe(error, code, raw) };
};

export const timeoutFailure = (limitMs: number, waitingFor: string): Failure => ({
  kind: 'timeout',
  message: `no answer within ${number.format(limitMs)} ms, waiting for ${waitingFor}`,
});
