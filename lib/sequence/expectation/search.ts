import type { Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';

/** One search for messages that match patterns in their order: of all messages, or of those of one group. */
export type Search = {
  /** Takes the next message, in order of arrival. Whether all is found. */
  take(entry: Entry): boolean;
  /** Nothing more comes. Whether all is found. */
  conclude(): boolean;
  /** How many patterns are found, as far as it got. */
  found(): number;
  /** The messages that match those, in the order of the patterns. */
  matched(): readonly Entry[];
  whyNot(entry: Entry): string | undefined;
  intruder(): Entry | undefined;
};

/** A message that no step has claimed. */
export const isFree = ({ consumed, message }: Entry): boolean => !consumed && message !== undefined;

export const matches = (pattern: CompiledPattern | undefined, { message }: Entry): boolean =>
  message !== undefined && (pattern?.matches(message) ?? false);

/** A message that came, or stands, before one that it should follow. */
export const outOfOrder = (matched: readonly Entry[], of: number): string => {
  const last = matched.at(-1);
  return `came before ${matched.length} of ${of}${last ? ` (#${last.frame.n})` : ''}: out of order`;
};
