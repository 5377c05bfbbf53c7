import type { QuietStep } from '../../config/plan.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import type { DataFrame } from '../../sequence/journal.ts';
import { inMs, number } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome } from '../session.ts';
import { isAlive } from './alive.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';
import { waitFor } from './wait.ts';

/** What was said while the step waited for silence. */
type Noise = { count: number; lastMs: number; lastN?: number };

const isHeartbeat = (frame: DataFrame): boolean =>
  frame.entries.length > 0 && frame.entries.every(({ message }) => message?.role === 'heartbeat');

type Settled = { readonly endMs: number; readonly failure?: Failure };

const neverQuiet = ({ quietMs, withinMs }: QuietStep, { count, lastN }: Noise): Failure => ({
  kind: 'timeout',
  message: `never quiet for ${inMs(quietMs)} within ${inMs(withinMs)}: ${number(count)} came, the last is #${lastN}`,
  ...(lastN === undefined ? {} : { frames: [lastN] }),
});

/** Waits from the latest message on, and again from each that comes meanwhile. */
const settle = async (
  { quietMs, withinMs }: QuietStep,
  names: readonly string[],
  noise: Noise,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Settled | undefined> => {
  const { journal, context } = conversation;
  const dueMs = () => noise.lastMs + quietMs;
  const look = (): Settled | undefined => {
    if (context.clock.monotonic() >= dueMs()) return { endMs: dueMs() };
    const failure = names.map((name) => downOf(name, conversation)).find((down) => down !== undefined);
    return failure && { endMs: context.clock.monotonic(), failure };
  };
  return waitFor(look, noise.lastMs + withinMs, journal, context.clock, signal, dueMs);
};

/** Silence of a connection that is dead by its end proves nothing. */
const checkAlive = async (
  step: QuietStep,
  names: readonly string[],
  sinceMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<CheckOutcome> => {
  const alive = await Promise.all(names.map((as) => isAlive(as, sinceMs, signal, conversation)));
  const dead = names.filter((_, index) => !alive[index]);
  const name = `quiet for ${inMs(step.quietMs)}`;
  return dead.length === 0
    ? { name, result: 'pass', actual: names.join(', ') }
    : {
        name,
        result: 'inconclusive',
        actual: `nothing shows that ${dead.join(', ')} is still alive: no answer to a ping`,
      };
};

/** Waits for silence, heartbeats apart, counted from the start of the step at the earliest. */
export const executeQuiet = async (
  step: QuietStep,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { journal, context, connections } = conversation;
  const startMs = context.clock.monotonic();
  const open = [...connections.keys()].filter((name) => !downOf(name, conversation));
  const names = step.as.length > 0 ? step.as : open;
  if (names.length === 0) {
    const failure: Failure = { kind: 'closed', message: 'no connection is open that could be quiet' };
    return { ...doneStep(step, 0), latencyMs: null, failure };
  }
  const noise: Noise = { count: 0, lastMs: startMs };
  const stop = journal.watch((frame) => {
    if (frame?.direction !== 'in' || !names.includes(frame.connection) || isHeartbeat(frame)) return;
    noise.count += 1;
    noise.lastMs = frame.at;
    noise.lastN = frame.n;
  });
  awaiting(conversation, () => {
    const last =
      noise.lastN === undefined ? 'nothing came' : `${number(noise.count)} came, the last is #${noise.lastN}`;
    return `not yet quiet for ${inMs(step.quietMs)}: ${last}`;
  });
  const settled = await settle(step, names, noise, signal, conversation).finally(stop);
  const { endMs, failure }: Settled = settled ?? { endMs: startMs + step.withinMs, failure: neverQuiet(step, noise) };
  const latencyMs = Math.max(0, endMs - startMs);
  const checks = failure ? [] : [await checkAlive(step, names, endMs, signal, conversation)];
  const focus = noise.lastN === undefined || !failure ? [] : [noise.lastN];
  return {
    ...doneStep(step, latencyMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? step.withinMs : null, failure } : {}),
    checks,
    figures: [{ name: 'settled after', value: Math.max(0, noise.lastMs - startMs), unit: 'ms' }],
    evidence: { frames: framesAround(focus, conversation, failure !== undefined) },
  };
};
