import type { Message } from '../../sequence/codec/codec.ts';
import type { Seen, SeenFrame } from '../seen.ts';

/** What a stream is made of, as against answers: what has a place in an order. */
export const isEvent = ({ role, sequence, stream, cursor }: Message): boolean => {
  if (role !== undefined && role !== 'unknown') return role === 'event';
  return sequence !== undefined || (stream !== undefined && cursor !== undefined);
};

export const sameSocket = (a: SeenFrame, b: SeenFrame): boolean =>
  a.origin === b.origin && a.connection === b.connection;

/** The stream of an event, on its websocket; nothing of a frame without one. */
const streamOf = ({ origin, connection, messages }: SeenFrame): string | undefined => {
  const event = messages.find(isEvent);
  return event && JSON.stringify([origin, connection, event.stream]);
};

/** Whether an event of its stream came before it on its websocket. */
export const isFirst = (frame: SeenFrame, frames: readonly SeenFrame[]): boolean => {
  const stream = streamOf(frame);
  return frames.find((one) => streamOf(one) === stream) === frame;
};

/**
 * Whether an event of its stream comes right behind it. Two that nothing orders may come in any order; and what comes only
 * when the probe has gone on, to a step that claims it or with a frame that it sends, cannot come sooner.
 */
export const isFollowed = (frame: SeenFrame, { frames, claims }: Seen): boolean => {
  const next = frames.slice(frames.indexOf(frame) + 1).find((one) => sameSocket(one, frame));
  const stream = streamOf(frame);
  if (!next || stream === undefined || streamOf(next) !== stream || next.sentBefore !== frame.sentBefore) return false;
  const claimant = (one: SeenFrame) => claims.find((claim) => claim.frame === one)?.step;
  return claimant(next) === undefined || claimant(next) === claimant(frame);
};

/** An event that no step claims, between two others of its stream: what ends a stream is missed by nobody. */
export const watchedEvent = ({ frames, claims }: Seen): SeenFrame | undefined => {
  const taken = new Set(claims.map(({ frame }) => frame));
  const streams = Map.groupBy(frames, streamOf);
  streams.delete(undefined);
  return [...streams.values()].flatMap((stream) => stream.slice(1, -1)).find((frame) => !taken.has(frame));
};
