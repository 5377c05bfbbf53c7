import type { FollowPlan } from '../../../config/plan.ts';
import type { Target } from '../../../drill/ports.ts';
import type { StreamHead } from '../../../drill/record.ts';
import type { ProbeContext } from '../../prober.ts';
import { acknowledge } from './ack.ts';
import { checkLog, unfollowed } from './check.ts';
import { type Following, follow, type Unfollowed } from './following.ts';
import { logOf } from './log.ts';
import { observe } from './observe.ts';
import { replay } from './replay.ts';

const unsaid: Unfollowed = {
  problem: 'the config does not say how streams are followed: write ledger.follow: { url, codec }',
  ours: true,
};

/** Where a stream stands; its last event is acknowledged, so that a restart has an ack to keep. */
const readHead = async (stream: string, following: Following): Promise<StreamHead | Unfollowed> => {
  const { plan } = following;
  const came = await replay({ stream, from: plan.from }, following);
  if ('problem' in came) return came;
  const last = came.events.at(-1)?.message.cursor;
  const acks = last !== undefined && plan.staleAck !== 'allowed';
  const answer = acks ? await acknowledge(stream, last, following) : undefined;
  const accepted = answer && 'said' in answer && answer.said === 'yes';
  return {
    stream,
    events: logOf(came.events),
    ...(accepted && last !== undefined ? { acked: last } : {}),
    ...(came.epoch === undefined ? {} : { epoch: came.epoch }),
  };
};

/** The streams of a target, each look at them on a connection of its own. */
export const createStreams = (
  plan: FollowPlan | undefined,
  context: ProbeContext,
): { readonly head: Target['head']; readonly check: Target['checkStream']; readonly observe: Target['observe'] } => {
  const look = async <T>(signal: AbortSignal, what: (following: Following) => Promise<T | Unfollowed>) =>
    plan ? await follow(plan, context, signal, what) : unsaid;
  const redacted = ({ problem, ...rest }: Unfollowed): Unfollowed => ({ ...rest, problem: context.redact(problem) });
  return {
    // Streams that nobody says how to follow keep no drill from going on: the check after it says what was not seen.
    head: async (stream, signal) => {
      if (!plan) return { stream, events: [] };
      const head = await look(signal, (following) => readHead(stream, following));
      return 'problem' in head ? { problem: redacted(head).problem } : head;
    },
    check: async (before, watched, signal) => {
      const found = await look(signal, (following) => checkLog(before, watched, following));
      return 'problem' in found ? { findings: unfollowed(before.stream, redacted(found)) } : found;
    },
    observe: (watch, signal) => plan && observe(plan, watch, context, signal),
  };
};
