import type { BarrierStep } from '../../config/plan.ts';
import type { Failure, Figure } from '../../result/result.ts';
import { inMs } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome } from '../session.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';
import { waitFor } from './wait.ts';

type RoundTrip = { readonly as: string; readonly elapsedMs: number } & (
  | { readonly answered: true }
  | { readonly answered: false; readonly failure: Failure }
);

/** A pong says that all before it has come: frames of one connection keep their order (RFC 6455 §5.5.3). */
const pingOf = async (
  as: string,
  withinMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<RoundTrip> => {
  const { journal, context, connections } = conversation;
  const askedMs = context.clock.monotonic();
  const connection = connections.get(as);
  const ping = downOf(as, conversation) ? 0 : (connection?.ping() ?? 0);
  const look = (): RoundTrip | undefined => {
    const at = connection?.pongAt(ping);
    if (at !== undefined) return { as, elapsedMs: Math.max(0, at - askedMs), answered: true };
    const failure = downOf(as, conversation);
    return failure && { as, elapsedMs: context.clock.monotonic() - askedMs, answered: false, failure };
  };
  const message = `connection "${as}" did not answer a ping within ${inMs(withinMs)}`;
  const late = { as, elapsedMs: withinMs, answered: false, failure: { kind: 'timeout', message } } as const;
  return (await waitFor(look, askedMs + withinMs, journal, context.clock, signal)) ?? late;
};

/** Pings every connection and waits for all the pongs; its latency is that of the slowest. */
export const executeBarrier = async (
  step: BarrierStep,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const pongs = new Set<string>();
  awaiting(conversation, () => {
    const open = step.as.filter((as) => !pongs.has(as)).map((as) => `"${as}"`);
    return `connection ${open.join(' and ')} had not answered a ping`;
  });
  const trips = await Promise.all(
    step.as.map(async (as) => {
      const trip = await pingOf(as, step.withinMs, signal, conversation);
      pongs.add(as);
      return trip;
    }),
  );
  const slowestMs = Math.max(0, ...trips.map(({ elapsedMs }) => elapsedMs));
  const failed = trips.flatMap((trip) => (trip.answered ? [] : [trip.failure]));
  const [first] = failed;
  const failure = first && { ...first, message: failed.map(({ message }) => message).join('; ') };
  const figures: readonly Figure[] = trips.flatMap(({ as, elapsedMs, answered }) =>
    answered ? [{ name: `ping ${as} to pong`, value: elapsedMs, unit: 'ms' }] : [],
  );
  const actual = trips.map(({ as, elapsedMs }) => `${as} in ${inMs(elapsedMs)}`).join(', ');
  return {
    ...doneStep(step, slowestMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? slowestMs : null, failure } : {}),
    checks: failure ? [] : [{ name: 'every ping is answered', result: 'pass', actual }],
    figures,
    evidence: { frames: framesAround([], conversation, failure !== undefined) },
  };
};
