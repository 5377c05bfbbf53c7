/** Where a command reads its surroundings and writes its words; the process's own, or a test's. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly columns: number;
  readonly outColour: boolean;
  readonly errColour: boolean;
  /** Progress may redraw its line. */
  readonly errIsTerminal: boolean;
  /** Asks on stderr and answers the line that was typed; absent where nobody sits. Rejects when the signal aborts. */
  readonly ask?: (question: string) => Promise<string>;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
};

/** https://no-color.org and FORCE_COLOR, else colour on a terminal alone. */
const wantsColour = (stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean =>
  env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stream.isTTY === true && env.TERM !== 'dumb';

const askOn =
  (signal: AbortSignal) =>
  async (question: string): Promise<string> => {
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    // A terminal in raw mode hands Ctrl-C to whoever reads it.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    // End of input is an answer too: none.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return Promise.race([lines.question(question, { signal }), ended]).finally(() => lines.close());
  };

export const processTerminal = (signal: AbortSignal): Terminal => ({
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  env: process.env,
  cwd: process.cwd(),
  columns: process.stdout.columns ?? 100,
  outColour: wantsColour(process.stdout, process.env),
  errColour: wantsColour(process.stderr, process.env),
  errIsTerminal: process.stderr.isTTY === true,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: askOn(signal) } : {}),
  signal,
});
