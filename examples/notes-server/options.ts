import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** Every fault needs the server's own state; what can go wrong on a wire is the fault proxy's business. */
export type Faults = {
  /** Acknowledged writes that fall off the end of the log at start. Default 0. */
  readonly loseAckedWrites: number;
  /** Patches change a note's version but not its text in the live projection. */
  readonly driftProjection: boolean;
  /** An ack may move a cursor backward. */
  readonly acceptStaleAck: boolean;
  /** A replay leaves out one event in its middle. */
  readonly replayGap: boolean;
  /** `/health` answers 503 for so long after the start. Default 0. */
  readonly slowStartMs: number;
};

/** `now` is epoch ms, for stamps; `monotonic` is ms, for every duration. */
export type Clock = { now(): number; monotonic(): number };

export type NotesServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Holds the log; made when missing. */
  readonly dataDir: string;
  /** Fill the log when it is empty. */
  readonly seed: boolean;
  /** The bearer token of probes; it has the role of an editor. */
  readonly token: string;
  readonly secureCookies: boolean;
  /** Refuse websockets that bring no token. */
  readonly wsAuth: boolean;
  readonly sessionTtlMs: number;
  /** Login attempts per address and user name in a window. */
  readonly loginLimit: number;
  readonly loginWindowMs: number;
  readonly ruleRunMs: number;
  readonly agentAnswerMs: number;
  readonly faults: Partial<Faults>;
  readonly clock: Clock;
  /** Told, in one line each, what an operator should know. Default: nobody. */
  readonly notice: (line: string) => void;
};

export const DEFAULT_OPTIONS: NotesServerOptions = {
  host: '127.0.0.1',
  port: 8080,
  dataDir: '.plimsoll/notes-server',
  seed: false,
  token: 'probe-token',
  secureCookies: false,
  wsAuth: false,
  sessionTtlMs: 30 * 60_000,
  loginLimit: 10,
  loginWindowMs: 60_000,
  ruleRunMs: 150,
  agentAnswerMs: 300,
  faults: {},
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  notice: () => {},
};

export const NO_FAULTS: Faults = {
  loseAckedWrites: 0,
  driftProjection: false,
  acceptStaleAck: false,
  replayGap: false,
  slowStartMs: 0,
};

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: Partial<NotesServerOptions> }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: string };

/** Reads the command line (without node and script) and `PLIMSOLL_TOKEN`. */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedOptions {
  let help = '';
  const command = buildCommand()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} });
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: help };
    const sentence = error.message
      .replace(/^error: /, '')
      .replace(' is invalid. ', ' is invalid: ')
      .replace(/\.?\s*$/, '');
    return { kind: 'problem', problem: `${sentence}; --help lists the options` };
  }
  const { data, fault, token, ...flags } = command.opts<Flags>();
  return {
    kind: 'options',
    options: {
      ...flags,
      token: token ?? (env.PLIMSOLL_TOKEN || DEFAULT_OPTIONS.token),
      ...(data !== undefined && { dataDir: data }),
      faults: Object.assign({}, ...fault),
    },
  };
}

type Flags = Partial<Omit<NotesServerOptions, 'dataDir' | 'faults' | 'clock' | 'notice'>> & {
  readonly data?: string;
  readonly fault: readonly Partial<Faults>[];
};

function buildCommand(): Command {
  const { host, port, dataDir, sessionTtlMs, loginLimit, loginWindowMs, ruleRunMs, agentAnswerMs } = DEFAULT_OPTIONS;
  return new Command('notes-server')
    .description('a small notes service for probes to watch: HTTP, websocket and a durable log')
    .option('--port <n>', `port to listen on, 0 for a free one (default ${port})`, wholeNumber(0, 65_535))
    .option('--host <name>', `address to listen on (default ${host})`)
    .option('--data <dir>', `folder of the log (default ${dataDir})`)
    .option('--seed', 'fill the log when it is empty')
    .option('--token <text>', 'bearer token of probes (default $PLIMSOLL_TOKEN, or probe-token)', nonEmpty)
    .option('--secure-cookies', 'mark the session cookie Secure')
    .option('--ws-auth', 'refuse websockets without a token')
    .option('--session-ttl-ms <ms>', `life of a session (default ${sessionTtlMs})`, wholeNumber(1))
    .option('--login-limit <n>', `login attempts in a window (default ${loginLimit})`, wholeNumber(1))
    .option('--login-window-ms <ms>', `length of that window (default ${loginWindowMs})`, wholeNumber(1))
    .option('--rule-run-ms <ms>', `time a rule takes (default ${ruleRunMs})`, wholeNumber(0))
    .option('--agent-answer-ms <ms>', `time the agent thinks (default ${agentAnswerMs})`, wholeNumber(0))
    .option('--fault <name[=value]>', `repeatable: ${FAULT_USAGE.join(', ')}`, parseFault, [])
    .allowExcessArguments(false);
}

function wholeNumber(min: number, max = 2_147_483_647): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`want a whole number from ${min} to ${max}`);
  };
}

function nonEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('want some text');
  return text;
}

const COUNTED_FAULTS = { 'lose-acked-writes': 'loseAckedWrites', 'slow-start': 'slowStartMs' } as const;
const PLAIN_FAULTS = {
  'drift-projection': 'driftProjection',
  'accept-stale-ack': 'acceptStaleAck',
  'replay-gap': 'replayGap',
} as const;
const FAULT_USAGE = ['lose-acked-writes=N', 'slow-start=MS', ...Object.keys(PLAIN_FAULTS)];

function parseFault(text: string, earlier: readonly Partial<Faults>[]): readonly Partial<Faults>[] {
  const [name = '', value] = text.split(/=(.*)/s, 2);
  if (isKeyOf(PLAIN_FAULTS, name)) {
    if (value !== undefined) throw new InvalidArgumentError(`${name} takes no value`);
    return [...earlier, { [PLAIN_FAULTS[name]]: true }];
  }
  if (isKeyOf(COUNTED_FAULTS, name)) return [...earlier, { [COUNTED_FAULTS[name]]: wholeNumber(1)(value ?? '') }];
  throw new InvalidArgumentError(`want one of ${FAULT_USAGE.join(', ')}`);
}

function isKeyOf<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name);
}
