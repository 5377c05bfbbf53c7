import type { Operation } from '../../config/plan.ts';
import { setLatest } from './bounded-map.ts';
import type { Answer, Message } from './codec.ts';

/** Far from the ids that somebody writes by hand, and a 32-bit number, for some servers take no other. */
export const firstOwnId = 1_000_001;

/** By which id each operation was asked for last, stream by stream, in protocols whose answers carry the id. */
export type Questions = {
  ask(operation: Operation, id: string): void;
  /** What the message says to the operation: it is rejected by one that has a code. Nothing where the id is not its own. */
  answer(operation: Operation, message: Message): Answer | undefined;
};

export const createQuestions = (): Questions => {
  const ids = new Map<string, string>();
  const keyOf = (operation: Operation) => `${operation.do} ${operation.stream}`;
  return {
    ask: (operation, id) => setLatest(ids, keyOf(operation), id),
    answer: (operation, { id, code }) => {
      if (id === undefined || id !== ids.get(keyOf(operation))) return undefined;
      return code === undefined ? { accepted: true } : { accepted: false, code };
    },
  };
};
