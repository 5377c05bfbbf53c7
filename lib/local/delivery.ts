import type { NotifyPlan } from '../config/plan.ts';
import type { Channel } from '../page/channel.ts';
import { type Answer, type Claims, type DeliverDeps, deliverInOrder } from '../page/deliver.ts';
import type { PageEvent } from '../page/event.ts';
import type { Page } from '../page/page.ts';
import { sendPage } from '../probe/channels.ts';
import type { ProbeContext } from '../probe/prober.ts';
import type { SendPolicy } from '../probe/send.ts';
import type { Store } from '../result/store.ts';
import type { SchedulerClock } from './scheduler.ts';

/** Who is told, by the plan of the moment, and how they are reached. */
export type Recipients = {
  readonly context: ProbeContext;
  readonly channels: Readonly<Record<keyof NotifyPlan, readonly Channel[]>>;
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

/** One process alone sends: it has to remember who took an event while a neighbour did not, and no more. */
const openClaims = (): Claims & { readonly forget: (pageId: string) => void } => {
  const settled = new Map<string, Map<string, Answer>>();
  return {
    take: async (pageId, channel) => settled.get(pageId)?.get(channel) ?? 'ours',
    conclude: async (pageId, channel, answer) => {
      settled.set(pageId, (settled.get(pageId) ?? new Map<string, Answer>()).set(channel, answer));
    },
    release: async () => {},
    forget: (pageId) => settled.delete(pageId),
  };
};

const senderOf =
  (deps: DeliveryDeps, signal: AbortSignal) =>
  async (channel: Channel, page: Page): Promise<Answer> => {
    if (channel.kind === 'unusable') return { result: 'failed', detail: channel.reason };
    if (channel.kind === 'sns') return { result: 'refused', detail: 'a laptop does not publish to SNS' };
    const { context } = deps.recipients();
    return sendPage(channel, page, { ...deps, context }, signal);
  };

export const startDelivery = (deps: DeliveryDeps): Delivery => {
  const { clock } = deps;
  const queues = new Map<string, PageEvent[]>();
  const busy = new Map<string, Promise<void>>();
  const resting = new Map<string, AbortController>();
  const lastTries = new Set<string>();
  const claims = openClaims();
  const stop = new AbortController();
  let closing = false;

  const say: DeliverDeps['say'] = (event, line) => {
    if (!stop.signal.aborted) deps.say(event, line);
  };

  /** Whether something in it has to wait. */
  const deliverQueue = async (queue: PageEvent[]): Promise<boolean> => {
    const settled = new Set<string>();
    let waits = true;
    try {
      const left = await deliverInOrder(queue, {
        claims,
        send: senderOf(deps, stop.signal),
        channelsOf: (route) => deps.recipients().channels[route],
        settle: async (event, outcome) => {
          await deps.store.settleEvent(event.id, { ...outcome, at: new Date(clock.now()).toISOString() });
          settled.add(event.id);
          claims.forget(event.id);
        },
        nowMs: clock.now,
        say,
      });
      waits = left.length > 0;
    } catch (error) {
      // The store, or a fault of ours: the events are in the outbox, and there they stay.
      const stuck = queue.find(({ id }) => !settled.has(id));
      if (stuck) say(stuck, `could not be sent: ${String(error)}`);
    }
    queue.splice(0, queue.length, ...queue.filter(({ id }) => !settled.has(id)));
    return waits;
  };

  const rest = async (probe: string): Promise<void> => {
    const nap = new AbortController();
    resting.set(probe, nap);
    await clock.sleep(restMs, nap.signal);
    resting.delete(probe);
    fill();
  };

  const work = async (probe: string): Promise<void> => {
    const queue = queues.get(probe) ?? [];
    while (queue.length > 0) {
      if (!(await deliverQueue(queue))) continue;
      if (!closing) void rest(probe);
      return;
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
