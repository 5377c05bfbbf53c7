import type { Invariant } from '../../config/plan.ts';
import type { Frame } from '../journal.ts';
import { inMs } from '../words.ts';
import { createFaults, type InvariantMonitor } from './observe.ts';

/** A connection that is open: since when, and when it last gave a sign of life. */
type Open = { readonly sinceMs: number; heardMs: number };

const isSignOfLife = (frame: Frame): boolean =>
  frame.direction === 'in' ||
  (frame.direction === 'life' &&
    (frame.life.event === 'ping' || frame.life.event === 'pong') &&
    frame.life.by === 'server');

/** No connection, while open, is without any sign of life for longer. */
export const monitorSilence = ({ maxMs }: Extract<Invariant, { kind: 'maxSilence' }>): InvariantMonitor => {
  const open = new Map<string, Open>();
  const faults = createFaults();
  let longestMs = 0;
  let watchedMs = 0;
  let opened = false;
  const hear = (connection: string, atMs: number, what: string, ...frames: readonly number[]) => {
    const state = open.get(connection);
    if (!state) return;
    const silentMs = atMs - state.heardMs;
    longestMs = Math.max(longestMs, silentMs);
    // None can be silent for longer than it is open: what several of them were open for together proves nothing.
    watchedMs = Math.max(watchedMs, atMs - state.sinceMs);
    state.heardMs = atMs;
    if (silentMs > maxMs) faults.add(`${connection} was silent for ${inMs(silentMs)} ${what}`, ...frames);
  };
  return {
    observe: (frame) => {
      const { connection, at, n } = frame;
      if (frame.direction === 'life' && frame.life.event === 'open') {
        opened = true;
        open.set(connection, { sinceMs: at, heardMs: at });
        return;
      }
      if (isSignOfLife(frame)) return hear(connection, at, `before frame #${n}`, n);
      if (frame.direction !== 'life' || frame.life.event !== 'close') return;
      hear(connection, at, `before it closed (#${n})`, n);
      open.delete(connection);
    },
    blames: () => faults.first()?.frames,
    outcome: (nowMs) => {
      for (const connection of open.keys()) hear(connection, nowMs, 'at the end');
      const name = `maxSilence ${inMs(maxMs)}`;
      const fault = faults.outcome();
      if (fault) return { name, ...fault };
      if (!opened) return { name, result: 'inconclusive', actual: 'no connection was open' };
      const longest = `longest silence ${inMs(longestMs)}`;
      if (watchedMs >= maxMs) return { name, result: 'pass', actual: longest };
      const actual = `no connection was open for longer than ${inMs(watchedMs)}, too short for a silence of ${inMs(maxMs)}`;
      return { name, result: 'inconclusive', actual };
    },
  };
};
