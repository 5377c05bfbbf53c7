import type { Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import type { Cursor } from './cursor.ts';
import { type Progress, plainAnswers, type Query, type Window } from './query.ts';
import { matches } from './search.ts';

/** Holds only over the whole window. With `afterSeen`, that message is the proof that a connection was alive, each its own. */
export const queryAbsent = (
  pattern: CompiledPattern,
  afterSeen: CompiledPattern | undefined,
  cursor: Cursor,
  window: Window,
): Query => {
  const alive = new Set<string>();
  let found: Entry | undefined;
  const unproven = () => (afterSeen ? window.connections.filter((connection) => !alive.has(connection)) : []);
  const advance = (): Progress => {
    while (!found) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      if (matches(pattern, entry)) found = entry;
      else if (matches(afterSeen, entry)) alive.add(entry.frame.connection);
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
      return unproven().length === 0 ? 'met' : 'unproven';
    },
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
