import { createHmac } from 'node:crypto';
import type { Page } from './page.ts';

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 over `t.body`. The time is signed, so that a receiver can refuse what was
 * recorded and is played again.
 */
export const signWebhook = (body: string, secret: string, unixSeconds: number): string =>
  `t=${unixSeconds},v1=${createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')}`;

/** Signed anew for each try, at `nowMs` (epoch); the body and the idempotency key stay the same. */
export const webhookRequest = (page: Page, secret: string | undefined, nowMs: number) => {
  const body = JSON.stringify(page);
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/json',
    'idempotency-key': page.id,
    ...(secret === undefined ? {} : { 'x-plimsoll-signature': signWebhook(body, secret, Math.floor(nowMs / 1000)) }),
  };
  return { headers, body } as const;
};
