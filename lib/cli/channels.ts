import type { Channel, NotifyPlan, Plan } from '../config/plan.ts';
import type { Recipients } from '../local/delivery.ts';
import type { WebhookChannel } from '../page/webhook.ts';
import { renderText, renderUrl, TemplateError } from '../probe/template.ts';
import { CommandError } from './exit.ts';

const routes = ['page', 'ticket', 'monitoring'] as const satisfies readonly (keyof NotifyPlan)[];

type Values = ReadonlyMap<string, string>;

const readWebhook = (route: string, { options }: Channel, values: Values): WebhookChannel => {
  const { url, secret } = options;
  if (typeof url !== 'string') throw new CommandError(`notify.${route}: the webhook has no url`);
  try {
    const rendered = renderUrl(url, values);
    if (!/^https?:/.test(URL.parse(rendered)?.protocol ?? ''))
      throw new CommandError(`notify.${route}: the url of the webhook, ${url}, did not become one of http or https`);
    return { url: rendered, ...(typeof secret === 'string' ? { secret: renderText(secret, values) } : {}) };
  } catch (error) {
    // A watch that cannot reach whom it should wake must not look as if it could.
    if (error instanceof TemplateError)
      throw new CommandError(`notify.${route}: the webhook cannot be used: ${error.message}`);
    throw error;
  }
};

/**
 * The webhooks of each route with their variables filled in.
 *
 * @throws CommandError when one names a variable that is not set.
 */
export const resolveChannels = ({ notify }: Plan, values: Values): Recipients['channels'] => {
  const of = (route: keyof NotifyPlan): readonly WebhookChannel[] =>
    notify[route].filter(({ kind }) => kind === 'webhook').map((channel) => readWebhook(route, channel, values));
  return { page: of('page'), ticket: of('ticket'), monitoring: of('monitoring') };
};

/** Kinds of channels that the config names and a laptop does not send to. */
export const unsentKinds = ({ notify }: Plan): readonly string[] => [
  ...new Set(routes.flatMap((route) => notify[route].map(({ kind }) => kind)).filter((kind) => kind !== 'webhook')),
];
