import type { NotifyPlan } from '../config/plan.ts';
import type { Recipients } from '../local/delivery.ts';
import { type Channel, channelWords, type PostChannel, type UnusableChannel } from '../page/channel.ts';
import { routes } from '../page/topics.ts';
import { resolveChannels } from '../probe/channels.ts';
import { CommandError } from './exit.ts';
import type { ResolvedPlan } from './load-plan.ts';

/** Topics of an account: a laptop does not publish there. */
const unsentKinds = ['sns', 'email'];

type Resolved = Pick<ResolvedPlan, 'plan' | 'values' | 'variables'>;

const isPost = (channel: Channel): channel is PostChannel => channel.kind !== 'sns' && channel.kind !== 'unusable';

const isUnusable = (channel: Channel): channel is UnusableChannel =>
  channel.kind === 'unusable' && !unsentKinds.includes(channel.of);

const channelsOf = (route: keyof NotifyPlan, { plan, values }: Resolved): readonly Channel[] =>
  resolveChannels(plan.notify, route, values);

/** Where an account keeps what a channel lacks here; none, when that could be set here. */
const sourcesInAccount = ({ missing }: UnusableChannel, { variables }: Resolved): readonly string[] => {
  const sources = missing.map((name) => variables.find((variable) => variable.name === name)?.passedOver ?? []);
  return sources.every((some) => some.length > 0) ? sources.flat() : [];
};

const readRoute = (route: keyof NotifyPlan, resolved: Resolved): readonly PostChannel[] => {
  const channels = channelsOf(route, resolved);
  for (const channel of channels.filter(isUnusable)) {
    if (sourcesInAccount(channel, resolved).length > 0) continue;
    // A watch that cannot reach whom it should wake must not look as if it could.
    throw new CommandError(`notify.${route}: ${channelWords[channel.of]} cannot be used: ${channel.reason}`);
  }
  return channels.filter(isPost);
};

/**
 * The channels of each route that a laptop sends to, with their variables filled in.
 *
 * @throws CommandError when one names a variable that is not set and could be, here.
 */
export const resolveRecipients = (resolved: Resolved): Recipients['channels'] => ({
  page: readRoute('page', resolved),
  ticket: readRoute('ticket', resolved),
  monitoring: readRoute('monitoring', resolved),
});

/** What of `notify` a laptop leaves to the cloud, a sentence each. */
export const unsentWords = (resolved: Resolved): readonly string[] => {
  const used = routes.flatMap((route) => resolved.plan.notify[route].map(({ kind }) => kind));
  const kinds = unsentKinds.filter((kind) => used.includes(kind));
  const left = routes.flatMap((route) =>
    channelsOf(route, resolved)
      .filter(isUnusable)
      .map((channel) => {
        const sources = sourcesInAccount(channel, resolved).join(', ');
        return `notify.${route}: ${channelWords[channel.of]} is left out: ${channel.reason}; ${sources} cannot be read here`;
      }),
  );
  return [...(kinds.length > 0 ? [`not sent from a laptop: ${kinds.join(', ')}`] : []), ...left];
};
