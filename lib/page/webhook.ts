import { createHmac } from 'node:crypto';
import type { PageEvent } from './event.ts';

/** A webhook of the plan with its templates filled in. */
export type WebhookChannel = {
  readonly url: string;
  /** Shared with the receiver: bodies are signed with it. */
  readonly secret?: string;
};

/** The request that carries an event, but for its URL. */
export type WebhookRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 over `t.body`. The time is signed, so that a receiver can refuse what was
 * recorded and is played again.
 */
export const signWebhook = (body: string, secret: string, unixSeconds: number): string =>
  `t=${unixSeconds},v1=${createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')}`;

/** Signed anew for each try, at `nowMs` (epoch); the body and the idempotency key stay the same. */
export const webhookRequest = (event: PageEvent, secret: string | undefined, nowMs: number): WebhookRequest => {
  const body = JSON.stringify(event);
  return {
    headers: {
      'content-type': 'application/json',
      'idempotency-key': event.id,
      ...(secret === undefined ? {} : { 'x-plimsoll-signature': signWebhook(body, secret, Math.floor(nowMs / 1000)) }),
    },
    body,
  };
};
