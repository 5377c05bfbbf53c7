import { Command, CommanderError } from 'commander';
import { StoreError } from '../local/sqlite/errors.ts';
import { version } from '../version.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { addDestroy, addReplay } from './grammar/aws.ts';
import { addBacktest } from './grammar/backtest.ts';
import { addBaseline, addMark } from './grammar/baseline.ts';
import { addCheck, addSchema } from './grammar/check.ts';
import { addCost } from './grammar/cost.ts';
import { addDrill } from './grammar/drill.ts';
import { addGate } from './grammar/gate.ts';
import type { AddCommand, Finish } from './grammar/options.ts';
import { addReport, addRun, addWatch } from './grammar/run.ts';
import type { Terminal } from './terminal.ts';

/** Commander's sentences as ours are written: one, in lower case, without a stop. */
const ownWords = (text: string): string =>
  text
    .replace(/^error: /, 'plimsoll: ')
    .replace(/(?<= is invalid|')\. (\w)/, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/\.$/m, '');

/** In the order in which the help lists them. */
const commands: readonly AddCommand[] = [
  ...[addCheck, addRun, addWatch, addReport, addBaseline, addMark, addBacktest, addGate, addDrill],
  ...[addCost, addReplay, addDestroy, addSchema],
];

const buildProgram = (terminal: Terminal, finish: Finish): Command => {
  const program = new Command('plimsoll')
    .description('Synthetic monitoring that a team owns.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(plimsoll --help lists what there is)')
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(ownWords(text)),
    });
  for (const add of commands) add(program, terminal, finish);
  return program;
};

/** What an error that ended a command means for the exit status. */
const exitOfError = (error: unknown, terminal: Terminal): ExitCode => {
  if (terminal.signal.aborted) {
    terminal.err('plimsoll: interrupted\n');
    return exitCodes.interrupted;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.good : exitCodes.usage;
  if (error instanceof CommandError) {
    terminal.err(`plimsoll: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof StoreError) {
    terminal.err(`plimsoll: ${error.message}\n`);
    return exitCodes.inconclusive;
  }
  // Of the service it says nothing: not 1, which is what Node would make of it.
  terminal.err(`plimsoll: a fault of our own, please report it: ${error instanceof Error ? error.stack : error}\n`);
  return exitCodes.inconclusive;
};

/** The whole command line: arguments without the program's own name in, exit code out. */
export const main = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.good;
  const program = buildProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitOfError(error, terminal);
  }
};
