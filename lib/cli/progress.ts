import { renderProgressBar, renderProgressLine } from '../report/text.ts';
import type { Run } from '../result/result.ts';
import type { Terminal } from './terminal.ts';

/** Tells on stderr how far a set of runs is: one line that redraws on a terminal, a line a run elsewhere. */
export type RunProgress = {
  begin(probe: string): void;
  end(run: Run): void;
  /** Leaves the terminal's line clean. */
  close(): void;
};

const clearLine = '\r\u001b[2K';

export const startProgress = (total: number, terminal: Terminal): RunProgress => {
  const running = new Set<string>();
  const options = { colour: terminal.errColour, width: terminal.columns };
  let done = 0;
  const redraw = () => {
    if (terminal.errIsTerminal)
      terminal.err(`${clearLine}${renderProgressBar({ done, total }, [...running], options)}`);
  };
  return {
    begin: (probe) => {
      running.add(probe);
      redraw();
    },
    end: (run) => {
      running.delete(run.probe);
      done++;
      if (terminal.errIsTerminal) redraw();
      else terminal.err(`${renderProgressLine(run, { done, total }, options)}\n`);
    },
    close: () => {
      if (terminal.errIsTerminal) terminal.err(clearLine);
    },
  };
};
