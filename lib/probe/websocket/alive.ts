import type { Connection } from './connection.ts';
import { type Conversation, downOf } from './conversation.ts';
import { waitFor } from './wait.ts';

/** How long an answer to a ping may take. */
const pongTimeoutMs = 1_000;

/** Whether a connection answers a ping that is sent now. */
type Ask = (as: string, signal: AbortSignal, conversation: Conversation) => Promise<boolean>;

const asking =
  (isAnswered: (connection: Connection, ping: number, askedMs: number) => boolean): Ask =>
  async (as, signal, conversation) => {
    const { journal, context, connections } = conversation;
    const connection = connections.get(as);
    if (!connection) return false;
    const askedMs = context.clock.monotonic();
    const ping = connection.ping();
    const look = () => isAnswered(connection, ping, askedMs) || (downOf(as, conversation) ? false : undefined);
    return (await waitFor(look, askedMs + pongTimeoutMs, journal, context.clock, signal)) ?? false;
  };

const heardSince = (connection: Connection, sinceMs: number): boolean =>
  (connection.heardAt() ?? Number.NEGATIVE_INFINITY) >= sinceMs;

/** Waits for the pong: all that was sent before it has come by then (RFC 6455 §5.5.3). */
export const awaitPong: Ask = asking((connection, ping) => connection.pongAt(ping) !== undefined);

/** Waits for any sign of life. */
export const answersPing: Ask = asking((connection, _, askedMs) => heardSince(connection, askedMs));

/** Whether the server gave a sign of life at that moment (monotonic) or after it, or answers a ping now. */
export const isAlive = async (
  as: string,
  sinceMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<boolean> => {
  const connection = conversation.connections.get(as);
  return (connection !== undefined && heardSince(connection, sinceMs)) || answersPing(as, signal, conversation);
};
