import type { Channel, NotifyPlan } from '../config/plan.ts';
import { fillTemplate, hasTemplate } from '../config/templates.ts';

/** Topics of the stack, for people. What concerns the monitor alone wakes nobody: it goes where tickets go. */
export const topicOfRoute = { page: 'page', ticket: 'ticket', monitoring: 'ticket' } as const satisfies Readonly<
  Record<keyof NotifyPlan, 'page' | 'ticket'>
>;

/** An address that the stack subscribes to a topic. */
export type EmailSubscription = {
  readonly topic: 'page' | 'ticket';
  readonly to: string;
  /**
   * Values of the message attribute `route` that it is to get; absent: all that is published there. A filter on what the
   * topic carries for other routes: what has no such attribute does not pass one.
   */
  readonly routes?: readonly (keyof NotifyPlan)[];
};

type Values = ReadonlyMap<string, string>;

/** The routes of `notify`. */
export const routes = ['page', 'ticket', 'monitoring'] as const satisfies readonly (keyof NotifyPlan)[];

const readOption = (route: string, { kind, options }: Channel, name: string, values: Values): string => {
  const text = options[name];
  if (typeof text !== 'string') throw new Error(`notify.${route}: ${kind} has no ${name}`);
  const filled = fillTemplate(text, values);
  if (hasTemplate(filled)) {
    throw new Error(`notify.${route}: ${name} of ${kind}, ${filled}, has no value here: a deploy has to know it`);
  }
  return filled;
};

const optionsOf = (notify: NotifyPlan, kind: string, name: string, values: Values) =>
  routes.flatMap((route) =>
    notify[route]
      .filter((channel) => channel.kind === kind)
      .map((channel) => ({ route, value: readOption(route, channel, name, values) })),
  );

/**
 * Who gets e-mail in the cloud: SNS sends it, once the address has confirmed its subscription; `from` is SNS's own. One for
 * each address and topic, as SNS has it.
 *
 * @throws Error for an address with a variable that `values` does not have.
 */
export const emailSubscriptions = (notify: NotifyPlan, values: Values): readonly EmailSubscription[] => {
  const wanted = new Map<string, { topic: 'page' | 'ticket'; to: string; routes: Set<keyof NotifyPlan> }>();
  for (const { route, value: to } of optionsOf(notify, 'email', 'to', values)) {
    const topic = topicOfRoute[route];
    const known = wanted.get(`${topic} ${to}`) ?? { topic, to, routes: new Set() };
    known.routes.add(route);
    wanted.set(`${topic} ${to}`, known);
  }
  return [...wanted.values()].map(({ topic, to, routes: of }) => {
    const carried = routes.filter((route) => topicOfRoute[route] === topic).length;
    return of.size === carried ? { topic, to } : { topic, to, routes: [...of] };
  });
};

/**
 * ARNs of topics that are the user's own: the page function publishes there too.
 *
 * @throws Error for an ARN with a variable that `values` does not have.
 */
export const ownTopics = (notify: NotifyPlan, values: Values): readonly string[] => [
  ...new Set(optionsOf(notify, 'sns', 'topicArn', values).map(({ value }) => value)),
];
