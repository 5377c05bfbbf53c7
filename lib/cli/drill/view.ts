import type { Progress } from '../../drill/ports.ts';
import { formatCount, formatMs } from '../../report/format.ts';
import { plainLine } from '../../report/plain.ts';
import { palette } from '../../report/text/palette.ts';
import { cut } from '../../report/text/spans.ts';
import type { Terminal } from '../terminal.ts';

/** Tells on stderr how a drill goes on: a line that redraws on a terminal, a line a state elsewhere. */
export type DrillView = {
  readonly progress: (event: Progress) => void;
  readonly say: (line: string) => void;
  /** Leaves the terminal's line clean. */
  readonly close: () => void;
};

const clearLine = '\r\u001b[2K';

type Seen = { readonly state: string; readonly acknowledged: number; readonly downMs: number; readonly good: boolean };

const beginning: Seen = { state: '', acknowledged: 0, downMs: 0, good: true };

const acknowledgedWords = ({ acknowledged }: Seen): string => `${formatCount(acknowledged)} acknowledged`;

/** What changed is worth a line; the rest is seen where the line redraws. */
const news = (before: Seen, now: Seen): string | undefined => {
  if (before.state !== now.state) return now.state;
  if (before.good && !now.good) return `down, after ${acknowledgedWords(now)}`;
  if (!before.good && now.good) return `answers again after ${formatMs(before.downMs)}, ${acknowledgedWords(now)}`;
  return undefined;
};

const next = (seen: Seen, event: Progress): Seen => {
  if (event.kind === 'state') return { ...seen, state: event.state };
  const { good, acknowledged, downMs } = event;
  return { ...seen, good, acknowledged, downMs };
};

const statusOf = (seen: Seen): string => {
  const writes = seen.acknowledged === 0 ? '' : `  ${acknowledgedWords(seen)}`;
  return `${seen.state}${writes}${seen.good ? '' : `  down ${formatMs(seen.downMs)}`}`;
};

export const openDrillView = (terminal: Terminal, now: () => number): DrillView => {
  const { err, errIsTerminal, errColour, columns } = terminal;
  const paint = palette(errColour);
  const startMs = now();
  let seen = beginning;
  const line = (text: string) => {
    const at = `+${((now() - startMs) / 1000).toFixed(2)} s`.padEnd(10);
    err(`${errIsTerminal ? clearLine : ''}${paint(at, 'faint')}${plainLine(text)}\n`);
  };
  const redraw = () => {
    if (errIsTerminal) err(`${clearLine}${paint(cut(statusOf(seen), columns), seen.good ? 'strong' : 'bad')}`);
  };
  return {
    progress: (event) => {
      const before = seen;
      seen = next(seen, event);
      const told = news(before, seen);
      if (told !== undefined) line(told);
      redraw();
    },
    say: (text) => {
      line(text);
      redraw();
    },
    close: () => {
      if (errIsTerminal) err(clearLine);
    },
  };
};
