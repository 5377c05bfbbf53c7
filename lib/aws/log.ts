import type { Json } from '../config/plan.ts';

/** Takes one record of a function's log. Whoever writes to it redacts. */
export type Log = (record: Readonly<Record<string, Json>>) => void;

/** A line of JSON for each record, as CloudWatch Logs Insights reads it. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (record) =>
    write(`${JSON.stringify(record)}\n`);

/** What an error says, for a log or a person; its stack stays where it is. */
export const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // The SDK's errors often have nothing but a name.
  return error.message === '' ? error.name : error.message;
};
