import type { Verdict } from '../result/result.ts';

/** What every command's exit status means. */
export const exitCodes = { good: 0, bad: 1, usage: 2, inconclusive: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A run that had nothing to run has shown nothing: inconclusive, not good. */
export const exitOf = (verdict: Verdict | null): ExitCode => {
  switch (verdict) {
    case 'pass':
      return exitCodes.good;
    case 'degraded':
    case 'fail':
      return exitCodes.bad;
    case 'inconclusive':
    case null:
      return exitCodes.inconclusive;
  }
};

/** Ends a command with one sentence for a person, and no stack. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}
