import { Command, CommanderError } from 'commander';
import { parseFaults } from './grammar/parse.ts';
import { type Read, right, wrong } from './grammar/read.ts';
import { type FaultProxy, startFaultProxy } from './proxy.ts';

type Arguments = {
  readonly target: string;
  readonly host: string;
  readonly port: string;
  readonly seed: string;
  readonly fault: readonly string[];
};

const readArguments = (argv: readonly string[]): Arguments => {
  const command = new Command('fault-proxy')
    .description('Stands between a client and a target and does to their traffic what the faults say.')
    .requiredOption('--target <url>', 'origin to stand before, such as http://127.0.0.1:8080')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 is a free one', '0')
    .option('--seed <n>', 'makes the same choices again', '1')
    .option('--fault <spec...>', 'such as delay=200ms@0.3 or "drop@nth:3 in type=event"; see README.md', [])
    .allowExcessArguments(false)
    .exitOverride();
  return command.parse(argv, { from: 'user' }).opts<Arguments>();
};

const whole = (name: string, text: string, most: number): Read<number> => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? right(value) : wrong(`--${name} must be a whole number from 0 to ${most}, not ${text}`);
};

const start = async ({ target, host, fault, ...given }: Arguments): Promise<Read<FaultProxy>> => {
  const faults = parseFaults(fault);
  const port = whole('port', given.port, 65_535);
  const seed = whole('seed', given.seed, Number.MAX_SAFE_INTEGER);
  if ('problems' in faults) return wrong(faults.problems.join('\n'));
  if ('problem' in port) return port;
  if ('problem' in seed) return seed;
  const onTargetError = (message: string) => void process.stderr.write(`target: ${message}\n`);
  const options = { target, host, port: port.value, seed: seed.value, faults: faults.value, onTargetError };
  try {
    const proxy = await startFaultProxy(options);
    process.stdout.write(`${proxy.url} -> ${target}, ${faults.value.length} faults, seed ${seed.value}\n`);
    return right(proxy);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
};

const finish = async (proxy: FaultProxy, exitCode: number): Promise<void> => {
  for (const { spec, seen, hits } of proxy.hits()) process.stdout.write(`${spec}: ${hits} of ${seen}\n`);
  await proxy.close();
  process.exitCode = exitCode;
};

const run = async (argv: readonly string[]): Promise<void> => {
  const started = await start(readArguments(argv));
  if ('problem' in started) {
    process.stderr.write(`${started.problem}\n`);
    process.exitCode = 2;
    return;
  }
  process.once('SIGINT', () => void finish(started.value, 130));
  process.once('SIGTERM', () => void finish(started.value, 0));
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  // Commander has said its sentence, and exits 0 after help.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
