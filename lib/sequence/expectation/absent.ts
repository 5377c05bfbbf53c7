import type { Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import type { Cursor } from './cursor.ts';
import { type Progress, plainAnswers, type Query, type Window } from './query.ts';
import { matches } from './search.ts';

/**
 * Holds only over the whole window, on connections that are alive at its end. With `afterSeen`, that message is the proof
 * instead, on each connection its own; one from before the wait proves nothing of the wait.
 */
export const queryAbsent = (
  pattern: CompiledPattern,
  afterSeen: CompiledPattern | undefined,
  cursor: Cursor,
  window: Window,
): Query => {
  const alive = new Map<string, number>();
  let found: Entry | undefined;
  const unproven = () => (afterSeen ? window.connections.filter((connection) => !alive.has(connection)) : []);
  const early = () => window.connections.filter((connection) => (alive.get(connection) ?? 0) < window.startMs);
  const advance = (): Progress => {
    while (!found) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      if (matches(pattern, entry)) found = entry;
      else if (matches(afterSeen, entry)) alive.set(entry.frame.connection, entry.frame.at);
    }
    return 'failed';
  };
  return {
    ...plainAnswers(cursor),
    advance,
    conclude: () => {
      if (advance() === 'failed') return 'failed';
      if (cursor.missed()) return 'unproven';
      if (!afterSeen) return 'unheard';
      if (unproven().length > 0) return 'unproven';
      return early().length === 0 ? 'met' : 'unheard';
    },
    unheard: () => (afterSeen ? early() : window.connections),
    matched: () => (found ? [found] : []),
    awaited: () => ({ pattern, number: 1, of: 1 }),
    doubt: () => {
      const names = unproven();
      if (!afterSeen || names.length === 0) return undefined;
      const where = window.connections.length === 1 ? '' : ` over ${names.map((name) => `"${name}"`).join(' and ')}`;
      return `neither did ${afterSeen.text}${where}, which was to prove that the connection is alive`;
    },
  };
};
