import { formatBytes, formatCount } from '../report/format.ts';
import type { Terminal } from './terminal.ts';

/** Tells on stderr how far a long reading is: nothing in the first two seconds, then a line that redraws, or one now and then. */
export type ReadingProgress = {
  tell(points: number, bytes: number): void;
  /** Leaves the terminal's line clean. */
  close(): void;
};

const quietMs = 2000;
const clearLine = '\r\u001b[2K';

/** @param size Bytes in all, where that is known. */
export const startReading = (size: number | undefined, now: () => number, terminal: Terminal): ReadingProgress => {
  const everyMs = terminal.errIsTerminal ? 200 : 5000;
  let nextMs = now() + quietMs;
  let isShown = false;
  return {
    tell: (points, bytes) => {
      if (now() < nextMs) return;
      nextMs = now() + everyMs;
      isShown = true;
      const part = size === undefined ? '' : `, ${Math.floor((100 * bytes) / size)} % of ${formatBytes(size)} read`;
      const line = `${formatCount(points)} points judged${part}`;
      terminal.err(terminal.errIsTerminal ? `${clearLine}${line}` : `plimsoll: ${line}\n`);
    },
    close: () => {
      if (isShown && terminal.errIsTerminal) terminal.err(clearLine);
    },
  };
};
