import type { NotifyPlan } from '../config/plan.ts';
import type { EventOutcome } from '../result/store.ts';
import { type Channel, channelKey } from './channel.ts';
import type { PageEvent, Route } from './event.ts';
import type { Page } from './page.ts';

/** How the sending to one channel ended. `failed`: another time may do. */
export type Answer = {
  readonly result: 'sent' | 'refused' | 'failed';
  /** In words, redacted. */
  readonly detail: string;
};

/** Who sends a page to a channel, and what became of it: two who deliver at once send once. */
export type Claims = {
  /** `ours`: send it, then conclude or release it. `busy`: another is at it. Else how it ended before. */
  take(pageId: string, channel: string): Promise<'ours' | 'busy' | Answer>;
  /** It is not sent there again. */
  conclude(pageId: string, channel: string, answer: Answer): Promise<void>;
  /** It was not sent: whoever comes next may try. */
  release(pageId: string, channel: string): Promise<void>;
};

export type SendDeps = {
  readonly claims: Claims;
  readonly send: (channel: Channel, page: Page) => Promise<Answer>;
};

export type DeliverDeps = SendDeps & {
  readonly channelsOf: (route: keyof NotifyPlan) => readonly Channel[];
  readonly settle: (event: PageEvent, outcome: Omit<EventOutcome, 'at'>) => Promise<void>;
  /** Epoch ms. */
  readonly nowMs: () => number;
  /** A line for whoever looks after the monitor. */
  readonly say: (event: PageEvent, line: string) => void;
};

/** Why an event is still to be sent: a channel failed, another process is at it, or it comes after one that is. */
export type Left = { readonly event: PageEvent; readonly why: 'failed' | 'busy' | 'behind' };

/** Older news wakes nobody. */
const expiryMs = 86_400_000;

const listDetails = (answers: readonly Answer[]): string => answers.map(({ detail }) => detail).join(', ');

/** Sends a page to one channel, unless it had it before or somebody is sending it. */
const sendOnce = async (key: string, channel: Channel, page: Page, deps: SendDeps): Promise<Answer | 'busy'> => {
  const { claims, send } = deps;
  const claim = await claims.take(page.id, key);
  if (claim !== 'ours') return claim;
  const answer = await send(channel, page).catch(async (error: unknown) => {
    await claims.release(page.id, key);
    throw error;
  });
  // Not released when this fails: it was sent, and the claim keeps others from sending it again at once.
  if (answer.result === 'failed') await claims.release(page.id, key);
  else await claims.conclude(page.id, key, answer);
  return answer;
};

type Reach = { readonly key: string; readonly answer: Answer | 'busy' | 'behind' };

/** Sends a page to each of these channels at once, but for those in `blocked`; waits for all, also when one throws. */
export const sendToAll = async (
  page: Page,
  channels: readonly Channel[],
  deps: SendDeps,
  blocked: ReadonlySet<string> = new Set(),
): Promise<readonly Reach[]> => {
  const byKey = new Map(channels.map((channel) => [channelKey(channel), channel]));
  const results = await Promise.allSettled(
    [...byKey].map(async ([key, channel]): Promise<Reach> => {
      const answer = blocked.has(key) ? 'behind' : await sendOnce(key, channel, page, deps);
      return { key, answer };
    }),
  );
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
};

const isAnswer = (answer: Reach['answer']): answer is Answer => typeof answer === 'object';
/** Whether a channel needs no other try: it has the page, or refused it for good. */
export const concludes = (answer: Reach['answer']): answer is Answer => isAnswer(answer) && answer.result !== 'failed';

const settleWhole = async (event: PageEvent, answers: readonly Answer[], { settle, say }: DeliverDeps) => {
  const refused = answers.filter(({ result }) => result === 'refused');
  const detail = listDetails(answers);
  if (refused.length > 0) say(event, `notify.${event.route} refused it for good: ${listDetails(refused)}`);
  if (refused.length < answers.length) say(event, `sent to notify.${event.route}: ${detail}`);
  await settle(event, { result: refused.length < answers.length ? 'sent' : 'refused', detail });
  return 'settled' as const;
};

const whyLeft = (answers: readonly Reach['answer'][]): Left['why'] => {
  if (answers.some((answer) => isAnswer(answer) && answer.result === 'failed')) return 'failed';
  return answers.includes('busy') ? 'busy' : 'behind';
};

/** Sends one event to whoever of its route is not in `blocked`, and blocks those who do not have it after that. */
const deliverOne = async (
  event: PageEvent,
  blocked: Set<string>,
  deps: DeliverDeps,
): Promise<'settled' | Left['why']> => {
  const { nowMs, settle, say } = deps;
  const route: Route = event.route;
  const settled = async (result: EventOutcome['result'], detail: string) => {
    await settle(event, { result, detail });
    return 'settled' as const;
  };
  if (route === null) return settled('unrouted', 'severity none');
  const channels = deps.channelsOf(route);
  if (channels.length === 0) return settled('unrouted', `notify.${route} names nobody who can be reached`);
  const reached = await sendToAll(event, channels, deps, blocked);
  const answers = reached.map(({ answer }) => answer);
  if (answers.every(concludes)) return settleWhole(event, answers, deps);
  for (const { key, answer } of reached) if (!concludes(answer)) blocked.add(key);
  const known = answers.filter(isAnswer);
  if (!answers.includes('busy') && nowMs() - Date.parse(event.slot) > expiryMs)
    return settled('expired', listDetails(known) || 'nobody took it');
  const failed = known.filter(({ result }) => result === 'failed');
  if (failed.length > 0) say(event, `notify.${route} could not be reached (${listDetails(failed)}); trying again`);
  return whyLeft(answers);
};

/**
 * Sends the events of one probe, in this order, to every channel of their routes. A channel that does not take one is
 * passed over for the rest, so that it hears of nothing before what came earlier, and holds up no other channel.
 * `events` may grow meanwhile. Answers what is still to be sent.
 *
 * @throws what claims and store throw; events that were not settled are in the outbox still.
 */
export const deliverInOrder = async (events: Iterable<PageEvent>, deps: DeliverDeps): Promise<readonly Left[]> => {
  const blocked = new Set<string>();
  const left: Left[] = [];
  for (const event of events) {
    const result = await deliverOne(event, blocked, deps);
    if (result !== 'settled') left.push({ event, why: result });
  }
  return left;
};
