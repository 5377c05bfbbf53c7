import type { NotifyPlan } from '../config/plan.ts';
import type { PageEvent } from '../page/event.ts';
import { type WebhookChannel, webhookRequest } from '../page/webhook.ts';
import type { ProbeContext } from '../probe/prober.ts';
import { type SendPolicy, type Sent, send } from '../probe/send.ts';
import type { EventOutcome, Store } from '../result/store.ts';
import type { SchedulerClock } from './scheduler.ts';

/** Who is told, by the plan of the moment, and how they are reached. */
export type Recipients = {
  readonly context: ProbeContext;
  readonly channels: Readonly<Record<keyof NotifyPlan, readonly WebhookChannel[]>>;
};

export type DeliveryDeps = {
  readonly store: Pick<Store, 'settleEvent'>;
  readonly clock: SchedulerClock;
  readonly recipients: () => Recipients;
  readonly policy: SendPolicy;
  readonly random: () => number;
  /** A line for the person at the console. */
  readonly say: (event: PageEvent, line: string) => void;
};

export type Delivery = {
  /** Takes events that are in the store's outbox. Those of one probe go one after another, in this order. */
  add(events: readonly PageEvent[]): void;
  /** Tries what is left once more, for so long at most; what is not sent then stays in the outbox. */
  close(limitMs: number): Promise<void>;
};

/** Probes whose events are sent at once. */
const lanes = 8;

/** After all tries of one sending, until the next. */
const restMs = 30_000;

/** Older news wakes nobody. */
const expiryMs = 86_400_000;

const concludes = ({ result }: Sent): boolean => result !== 'failed';

const listDetails = (answers: readonly Sent[]): string => answers.map(({ detail }) => detail).join(', ');

export const startDelivery = (deps: DeliveryDeps): Delivery => {
  const { clock } = deps;
  const queues = new Map<string, PageEvent[]>();
  const busy = new Map<string, Promise<void>>();
  const resting = new Map<string, AbortController>();
  // A receiver that took an event is not sent it again because its neighbour did not.
  const settled = new Map<string, Map<string, Sent>>();
  const lastTries = new Set<string>();
  const stop = new AbortController();
  let closing = false;

  const settle = async (event: PageEvent, result: EventOutcome['result'], detail: string): Promise<'settled'> => {
    await deps.store.settleEvent(event.id, { result, detail, at: new Date(clock.now()).toISOString() });
    settled.delete(event.id);
    return 'settled';
  };

  const sendTo = async (channel: WebhookChannel, event: PageEvent): Promise<Sent> => {
    const known = settled.get(event.id) ?? new Map<string, Sent>();
    settled.set(event.id, known);
    const before = known.get(channel.url);
    if (before) return before;
    const compose = (nowMs: number) => webhookRequest(event, channel.secret, nowMs);
    const { context } = deps.recipients();
    const sent = await send({ url: new URL(channel.url), compose }, { ...deps, context }, stop.signal);
    if (concludes(sent)) known.set(channel.url, sent);
    return sent;
  };

  const deliver = async (event: PageEvent): Promise<'settled' | 'pending'> => {
    const { route } = event;
    if (route === null) return settle(event, 'unrouted', 'severity none');
    const channels = deps.recipients().channels[route];
    if (channels.length === 0) return settle(event, 'unrouted', `notify.${route} names nobody who can be reached`);
    const answers = await Promise.all(channels.map((channel) => sendTo(channel, event)));
    const detail = listDetails(answers);
    if (!answers.every(concludes)) {
      if (clock.now() - Date.parse(event.slot) > expiryMs) return settle(event, 'expired', detail);
      deps.say(
        event,
        `notify.${route} could not be reached (${listDetails(answers.filter((one) => !concludes(one)))}); trying again`,
      );
      return 'pending';
    }
    const refused = answers.filter(({ result }) => result === 'refused');
    if (refused.length > 0) deps.say(event, `notify.${route} refused it for good: ${listDetails(refused)}`);
    if (refused.length < answers.length) deps.say(event, `sent to notify.${route}: ${detail}`);
    return settle(event, refused.length < answers.length ? 'sent' : 'refused', detail);
  };

  const rest = async (probe: string): Promise<void> => {
    const nap = new AbortController();
    resting.set(probe, nap);
    await clock.sleep(restMs, nap.signal);
    resting.delete(probe);
    fill();
  };

  const attempt = async (event: PageEvent): Promise<'settled' | 'pending'> => {
    try {
      return await deliver(event);
    } catch (error) {
      // The store, or a fault of ours: the event is in the outbox, and there it stays.
      if (!stop.signal.aborted) deps.say(event, `could not be sent: ${String(error)}`);
      return 'pending';
    }
  };

  const work = async (probe: string): Promise<void> => {
    const queue = queues.get(probe) ?? [];
    for (let event = queue[0]; event; event = queue[0]) {
      if ((await attempt(event)) === 'settled') queue.shift();
      else if (closing) return;
      else {
        void rest(probe);
        return;
      }
    }
    queues.delete(probe);
  };

  function fill(): void {
    for (const probe of queues.keys()) {
      if (busy.size >= lanes) return;
      if (busy.has(probe) || resting.has(probe) || lastTries.has(probe)) continue;
      if (closing) lastTries.add(probe);
      const worked = work(probe).finally(() => {
        busy.delete(probe);
        fill();
      });
      busy.set(probe, worked);
    }
  }

  const finish = async (): Promise<void> => {
    while (busy.size > 0) await Promise.all(busy.values());
  };

  return {
    add: (events) => {
      for (const event of events) {
        const queue = queues.get(event.probe);
        if (queue) queue.push(event);
        else queues.set(event.probe, [event]);
      }
      fill();
    },
    close: async (limitMs) => {
      closing = true;
      for (const nap of resting.values()) nap.abort();
      resting.clear();
      fill();
      const done = new AbortController();
      const finished = finish().then(() => done.abort());
      await clock.sleep(limitMs, done.signal);
      stop.abort(new Error('the watch ends'));
      await finished;
    },
  };
};
