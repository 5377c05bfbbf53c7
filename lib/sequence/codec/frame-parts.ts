import type { Message } from './codec.ts';

/** Of small messages a frame can hold so many that reading them would hold up the run for seconds. */
const maxParts = 20_000;

/** The messages of a frame that holds several; of too many the rest is told of, and not read. */
export const readParts = <Part>(parts: readonly Part[], read: (part: Part) => Message): readonly Message[] => {
  const messages = parts.slice(0, maxParts).map(read);
  const unread = parts.length - messages.length;
  if (unread === 0) return messages;
  return [
    ...messages,
    { body: { unread }, problem: `a frame of more than ${maxParts} messages: ${unread} are not read` },
  ];
};
