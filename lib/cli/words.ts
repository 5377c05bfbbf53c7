import { CommandError } from './exit.ts';
import type { Terminal } from './terminal.ts';

const longestWord = 500;

/** What a person says in an option, for those who read it later; nothing when it is blank. */
export const readWord = (text: string | undefined, option: string): string | undefined => {
  const word = text?.trim();
  if (word !== undefined && word.length > longestWord) {
    throw new CommandError(`${option} has ${word.length} characters: ${longestWord} at most are kept`);
  }
  return word === '' ? undefined : word;
};

/** `--by`, else the name that somebody is logged in as; nothing where there is none, as in a pipeline. */
export const readWho = (by: string | undefined, { env }: Terminal): string | undefined =>
  readWord(by ?? (env.USER || env.LOGNAME || env.USERNAME), '--by');
