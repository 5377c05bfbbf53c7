import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { plain } from '../../report/plain.ts';

/** What goes back, before it is a response. */
export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Instead of the policy of the page. */
  readonly policy?: string;
  readonly headers?: OutgoingHttpHeaders;
};

/** Scripts, styles and data of this server alone; nothing may frame it, and no form leaves it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For a page with one style sheet in it and no script: the report of a run. */
export function policyFor(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

export function headersOf(answer: Answer): OutgoingHttpHeaders {
  return {
    'content-type': answer.type,
    'content-security-policy': answer.policy ?? POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    // What is shown is of now; and a page of an older version must not meet scripts of a newer one.
    'cache-control': 'no-store',
    ...answer.headers,
  };
}

/** As JSON whose every text shows what it is: texts of a target may hold control codes and direction overrides. */
export function json(value: unknown): Answer {
  const body = JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? plain(inner) : inner));
  return { status: 200, type: 'application/json; charset=utf-8', body };
}

export function page(body: string, policy?: string): Answer {
  return { status: 200, type: 'text/html; charset=utf-8', body, ...(policy === undefined ? {} : { policy }) };
}

/** `error` is a sentence for a person, which holds nothing of what was asked. */
export function refused(status: 400 | 403 | 404 | 405 | 500, error: string): Answer {
  const headers = status === 405 ? { headers: { allow: 'GET, HEAD' } } : {};
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify({ error }), ...headers };
}
