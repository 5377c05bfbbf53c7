import type { Leftover } from '../../result/result.ts';
import { createLeftovers } from '../leftovers.ts';
import type { Entry, Frame } from './frame.ts';

/** How many messages the codec could not read, and the first of them. */
export type Unreadable = { readonly count: number; readonly first?: Entry };

/** Messages that nobody claimed, of the frames that are gone. */
export const createRemains = () => {
  const leftovers = createLeftovers();
  let unreadable = 0;
  let firstUnreadable: Entry | undefined;
  const unclaimedIn = (frames: readonly Frame[]): readonly Entry[] =>
    frames.flatMap((frame) => (frame.direction === 'in' ? frame.entries.filter(({ consumed }) => !consumed) : []));
  const isUnreadable = ({ message }: Entry): boolean => message?.problem !== undefined;
  return {
    add: (frame: Frame) => {
      for (const entry of unclaimedIn([frame])) {
        leftovers.add(entry);
        if (!isUnreadable(entry)) continue;
        unreadable += 1;
        firstUnreadable ??= entry;
      }
    },
    leftovers: (held: readonly Frame[], redact: (text: string) => string): readonly Leftover[] => {
      const all = leftovers.copy();
      for (const entry of unclaimedIn(held)) all.add(entry);
      return all.list(redact);
    },
    unreadable: (held: readonly Frame[]): Unreadable => {
      const still = unclaimedIn(held).filter(isUnreadable);
      const first = firstUnreadable ?? still[0];
      return { count: unreadable + still.length, ...(first ? { first } : {}) };
    },
  };
};
