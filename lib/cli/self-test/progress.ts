import { formatMs, plural } from '../../report/format.ts';
import { renderTrialLine } from '../../report/self-test/text.ts';
import { renderProgressBar } from '../../report/text.ts';
import type { Trial } from '../../self-test/verdict.ts';
import type { Terminal } from '../terminal.ts';

/** Tells on stderr how far the trials of one probe are: a line that redraws on a terminal, a line a trial elsewhere. */
export type TrialProgress = {
  onPlan(faults: number, mostMs: number): void;
  onTrial(trial: Trial): void;
  /** Leaves the terminal's line clean. */
  close(): void;
};

const clearLine = '\r\u001b[2K';

export const startTrials = (probe: string, redact: (text: string) => string, terminal: Terminal): TrialProgress => {
  const { errColour: colour, columns: width, errIsTerminal } = terminal;
  const progress = { done: 0, total: 0 };
  const redraw = () => terminal.err(`${clearLine}${renderProgressBar(progress, [probe], { colour, width })}`);
  return {
    onPlan: (faults, mostMs) => {
      progress.total = faults;
      terminal.err(`${probe}: ${plural(faults, 'fault')}, at most ${formatMs(mostMs)}\n`);
    },
    onTrial: (trial) => {
      progress.done += 1;
      if (errIsTerminal) redraw();
      else terminal.err(`${redact(renderTrialLine(probe, trial, progress, { colour, width }))}\n`);
    },
    close: () => {
      if (errIsTerminal) terminal.err(clearLine);
    },
  };
};
