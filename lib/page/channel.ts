import { createHash } from 'node:crypto';
import type { Page } from './page.ts';
import { pagerdutyBody } from './pagerduty.ts';
import { slackBody } from './slack.ts';
import { webhookRequest } from './webhook.ts';

/** A channel of the plan with its templates filled in, reached by a POST … */
export type PostChannel =
  | { readonly kind: 'pagerduty'; readonly url: string; readonly routingKey: string }
  | { readonly kind: 'slack'; readonly url: string }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      /** Shared with the receiver: bodies are signed with it. */
      readonly secret?: string;
    };

/** … or through SNS. */
type TopicChannel = { readonly kind: 'sns'; readonly topicArn: string };

/** One that the plan names and that cannot be reached as it stands. */
export type UnusableChannel = {
  readonly kind: 'unusable';
  readonly of: 'pagerduty' | 'slack' | 'webhook' | 'sns';
  /** In words, without a secret: `{{pagerdutyKey}} has no value`. */
  readonly reason: string;
  /** Variables that are not set. */
  readonly missing: readonly string[];
};

export type Channel = PostChannel | TopicChannel | UnusableChannel;

/** How people call them. */
export const channelWords = {
  pagerduty: 'PagerDuty',
  slack: 'Slack',
  webhook: 'the webhook',
  sns: 'the SNS topic',
} as const;

/** Tells channels apart in records, and gives none of their secrets away. */
export const channelKey = (channel: Channel): string =>
  `${channel.kind}-${createHash('sha256').update(JSON.stringify(channel)).digest('hex').slice(0, 32)}`;

/** What is POSTed. */
type PageRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const json = { 'content-type': 'application/json' };

/** How a channel spells a page, at `nowMs` (epoch). */
export const requestOf = (channel: PostChannel, page: Page, nowMs: number): PageRequest => {
  const { url } = channel;
  switch (channel.kind) {
    case 'pagerduty':
      return { url, headers: json, body: pagerdutyBody(page, channel.routingKey) };
    case 'slack':
      return { url, headers: json, body: slackBody(page) };
    case 'webhook':
      return { url, ...webhookRequest(page, channel.secret, nowMs) };
  }
};
