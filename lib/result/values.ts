import type { Run } from './result.ts';

/** Epoch ms. @throws RangeError, with the name of what is no ISO time. */
export const timeOf = (name: string, time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name} is no ISO time: ${time}`);
  return ms;
};

/** Epoch ms of a time that a run carries. @throws RangeError when it is none. */
export const runTime = (run: Run, name: 'slot' | 'startedAt'): number =>
  timeOf(`the ${name} of run ${run.runId}`, run[name]);

/** Epoch ms of a bound of a question. @throws RangeError when it is no time. */
export const boundOf = (name: 'from' | 'to', time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name} must be an ISO time, not ${time}`);
  return ms;
};

/** @throws RangeError: what a database makes of a negative limit is its own affair. */
export const assertLimit = (limit: number): void => {
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`limit must be a whole number of 0 and up, not ${limit}`);
  }
};

/** What a question gets at most, unless it says how many. */
export const usualLimit = 100;
