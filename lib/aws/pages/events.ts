import { setTimeout as sleep } from 'node:timers/promises';
import { deliverInOrder, type Left } from '../../page/deliver.ts';
import type { PageEvent } from '../../page/event.ts';
import { wordsOf } from '../log.ts';
import { sideBySide } from '../side-by-side.ts';
import type { PageSession } from './session.ts';

/** Probes whose events are sent at once. */
const lanes = 8;

/** Between looks at what another invocation is sending. */
const lookMs = 500;

const deliverOnce = (events: readonly PageEvent[], session: PageSession): Promise<readonly Left[]> => {
  const { clock, log } = session.deps;
  return deliverInOrder(events, {
    ...session,
    settle: async (event, outcome) => {
      await session.store.settleEvent(event.id, { ...outcome, at: new Date(clock.now()).toISOString() });
    },
    nowMs: clock.now,
    say: (event, line) => log({ level: 'info', what: 'page', event: event.id, probe: event.probe, line }),
  });
};

/** Sends what a probe has in the outbox; where another invocation is at it, waits for that and looks again. */
const deliverProbe = async (probe: string, session: PageSession): Promise<readonly Left[]> => {
  for (;;) {
    const left = await deliverOnce(await session.store.pendingEvents(probe), session);
    const waits = left.some(({ why }) => why === 'busy') && !left.some(({ why }) => why === 'failed');
    if (!waits || session.signal.aborted) return left;
    await sleep(lookMs);
  }
};

/** A channel that refuses is settled and never asked again: unless somebody says so, nobody will know that it is dead. */
const noting = (refused: string[], session: PageSession): PageSession => ({
  ...session,
  send: async (channel, page) => {
    const answer = await session.send(channel, page);
    if (answer.result === 'refused') refused.push(`${page.id}: refused for good by ${channel.kind}: ${answer.detail}`);
    return answer;
  },
});

/**
 * Sends what these probes have in the outbox, each in its order. Answers what was not sent, a sentence for each probe, and what
 * was refused for good: that is in the outbox no more, and said once.
 */
export const deliverProbes = async (probes: readonly string[], given: PageSession): Promise<readonly string[]> => {
  const refused: string[] = [];
  const session = noting(refused, given);
  const results = await sideBySide([...new Set(probes)], lanes, async (probe): Promise<readonly string[]> => {
    try {
      const left = await deliverProbe(probe, session);
      return left.length === 0 ? [] : [`${probe}: not sent: ${left.map(({ event }) => event.id).join(', ')}`];
    } catch (error) {
      return [`${probe}: ${wordsOf(error)}`];
    }
  });
  return [...results.flat(), ...refused];
};
