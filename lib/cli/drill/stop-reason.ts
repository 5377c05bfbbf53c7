import { CommandError } from '../exit.ts';
import { readWord } from '../words.ts';

export type StopOptions = {
  /** The reason itself, or `true`: it is in `reason`. Absent with `resume`. */
  readonly stop?: string | true;
  readonly reason?: string;
};

/** Why drills are stopped; `undefined`: they may run again. @throws CommandError when nobody says why. */
export const readStopReason = ({ stop, reason }: StopOptions): string | undefined => {
  if (stop === undefined) return undefined;
  if (stop !== true && reason !== undefined)
    throw new CommandError('say why once: either after --stop, or with --reason');
  const why = readWord(stop === true ? reason : stop, stop === true ? '--reason' : '--stop');
  if (why === undefined) throw new CommandError("--stop needs a reason: say why, as in --stop 'the region is on fire'");
  return why;
};
