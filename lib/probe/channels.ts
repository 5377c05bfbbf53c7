import type { NotifyPlan, Channel as PlanChannel } from '../config/plan.ts';
import { templateNames } from '../config/templates.ts';
import { type Channel, type PostChannel, requestOf, type UnusableChannel } from '../page/channel.ts';
import type { Page } from '../page/page.ts';
import { pagerdutyUrl, routingKeyChars } from '../page/pagerduty.ts';
import { type SendDeps, type Sent, send } from './send.ts';
import { renderText, renderUrl } from './template.ts';

type Values = ReadonlyMap<string, string>;
type Options = PlanChannel['options'];
type Read = { readonly channel: Channel } | { readonly reason: string };

const topicArn = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/;

const readUrl = (url: Options[string] | undefined, values: Values): { url: string } | { reason: string } => {
  if (typeof url !== 'string') return { reason: 'it has no url' };
  const rendered = renderUrl(url, values);
  if (/^https?:$/.test(URL.parse(rendered)?.protocol ?? '')) return { url: rendered };
  // As it is written: what it became may hold a secret.
  return { reason: `its url, ${url}, did not become one of http or https` };
};

const text = (value: Options[string] | undefined, values: Values): string =>
  typeof value === 'string' ? renderText(value, values) : '';

/** By kind. Everything that is named has a value here. */
const readers: Readonly<Record<UnusableChannel['of'], (options: Options, values: Values) => Read>> = {
  pagerduty: (options, values) => {
    const read = readUrl(options.url ?? pagerdutyUrl, values);
    if ('reason' in read) return read;
    const routingKey = text(options.routingKey, values).trim();
    if (routingKey.length !== routingKeyChars) {
      return { reason: `its routingKey has ${routingKey.length} characters and not ${routingKeyChars}` };
    }
    return { channel: { kind: 'pagerduty', ...read, routingKey } };
  },
  slack: (options, values) => {
    const read = readUrl(options.url, values);
    return 'reason' in read ? read : { channel: { kind: 'slack', ...read } };
  },
  webhook: (options, values) => {
    const read = readUrl(options.url, values);
    if ('reason' in read) return read;
    const secret = options.secret === undefined ? {} : { secret: text(options.secret, values) };
    return { channel: { kind: 'webhook', ...read, ...secret } };
  },
  sns: (options, values) => {
    const arn = text(options.topicArn, values);
    if (!topicArn.test(arn))
      return { reason: `its topicArn, ${String(options.topicArn)}, did not become the ARN of an SNS topic` };
    return { channel: { kind: 'sns', topicArn: arn } };
  },
};

const isReadable = (kind: string): kind is UnusableChannel['of'] => Object.hasOwn(readers, kind);

const resolve = ({ kind, options }: PlanChannel, values: Values): readonly Channel[] => {
  // E-mail is a subscription of the stack's topics.
  if (!isReadable(kind)) return [];
  const missing = templateNames(options).filter((name) => !values.has(name));
  const unusable = (reason: string): readonly Channel[] => [{ kind: 'unusable', of: kind, reason, missing }];
  if (missing.length > 0) {
    const names = missing.map((name) => `{{${name}}}`).join(', ');
    return unusable(`${names} ${missing.length === 1 ? 'has' : 'have'} no value`);
  }
  const read = readers[kind](options, values);
  return 'reason' in read ? unusable(read.reason) : [read.channel];
};

/** The channels of a route with their variables filled in. */
export const resolveChannels = (notify: NotifyPlan, route: keyof NotifyPlan, values: Values): readonly Channel[] =>
  notify[route].flatMap((channel) => resolve(channel, values));

/** POSTs a page as its channel spells it, with the retries of `send`. Rejects only when `signal` aborts. */
export const sendPage = (channel: PostChannel, page: Page, deps: SendDeps, signal: AbortSignal): Promise<Sent> =>
  send({ url: new URL(channel.url), compose: (nowMs) => requestOf(channel, page, nowMs) }, deps, signal);
