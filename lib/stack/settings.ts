import type { DrillFunctionName, FunctionName } from './names.ts';

export type FunctionSettings = {
  readonly memoryMb: number;
  readonly timeoutMinutes: number;
  readonly description: string;
};

/** Sizes of aws.md §2-3: 512 MB keep a probe's own error under 2 ms, with four side by side. */
export const functionSettings: Readonly<Record<FunctionName | DrillFunctionName, FunctionSettings>> = {
  dispatch: { memoryMb: 512, timeoutMinutes: 1, description: 'Hands out the runs that are due.' },
  probe: { memoryMb: 512, timeoutMinutes: 15, description: 'Makes the runs, stores and judges them.' },
  judge: { memoryMb: 512, timeoutMinutes: 2, description: 'Publishes the gauges, and finds runs that do not come.' },
  page: { memoryMb: 512, timeoutMinutes: 5, description: 'Tells people.' },
  // As long as a task of the machine may take: one that is given up there must not go on here.
  drill: { memoryMb: 512, timeoutMinutes: 10, description: 'Carries out the states of a drill, but for its restart.' },
  restart: { memoryMb: 512, timeoutMinutes: 10, description: 'Asks for the one restart of a drill.' },
};

/** Days that a function's log is kept. What a run found is in the table; the log is for our own faults. */
export const logDays = 30;

/** The judge's tick. */
export const judgeEveryMinutes = 5;
