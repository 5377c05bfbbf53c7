import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, deploy, type Outputs } from './cdk.ts';
import { startEmulator } from './emulator.ts';
import { accountId, credentials, emulatedEnvironment, region } from './environment.ts';
import { endRunning, isAlive, type Running, readRunning, stateFile, writeRunning } from './running.ts';

// `npm run --silent aws:up`: an emulated AWS that stays, with the app deployed; once more updates the deploy.
// Prints one JSON document; progress goes to stderr. `--config FILE`, `--context KEY=VALUE` (several), `--state FILE`
// (for another one beside it).

const options = {
  config: { type: 'string' },
  context: { type: 'string', multiple: true },
  state: { type: 'string', default: stateFile },
} as const;

const say = (line: string): void => void process.stderr.write(`aws:up: ${line}\n`);

const alreadyRunning = async (state: string): Promise<Running | undefined> => {
  const running = await readRunning(state);
  if (running === undefined || (await isAlive(running))) return running;
  say(`the emulator of ${running.endpoint} is gone; starting another`);
  await endRunning(running, state);
  return undefined;
};

const freshlyStarted = async (state: string): Promise<Running> => {
  say('starting an emulated AWS (the first time installs it, some 10 s)');
  const { endpoint, pid, folder } = await startEmulator({ detached: true });
  const running = { endpoint, pid, folder, bootstrapped: false };
  await writeRunning(running, state);
  return running;
};

/** The app reads its variables at synth: those of Plimsoll pass, of AWS none. */
const variables = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = '']) => (name.startsWith('PLIMSOLL_') ? [[name, value]] : [])),
  );

type Asked = { readonly config?: string; readonly context?: readonly string[]; readonly state: string };

const deployed = async (running: Running, { config, context = [], state }: Asked): Promise<Outputs> => {
  const target = { ...running, env: emulatedEnvironment(running.endpoint, running.folder) };
  if (!running.bootstrapped) {
    say(`bootstrapping ${running.endpoint}`);
    await bootstrap(target);
    await writeRunning({ ...running, bootstrapped: true }, state);
  }
  say('deploying the app');
  const pairs = context.map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]);
  return deploy(target, {
    ...(config !== undefined && { config }),
    context: { profile: 'local', ...Object.fromEntries(pairs) },
    env: variables(),
  });
};

try {
  const asked = parseArgs({ options }).values;
  const running = (await alreadyRunning(asked.state)) ?? (await freshlyStarted(asked.state));
  const stacks = await deployed(running, asked);
  const { endpoint, pid, folder } = running;
  const log = join(folder, 'emulator.log');
  process.stdout.write(`${JSON.stringify({ endpoint, region, accountId, credentials, pid, log, stacks }, null, 2)}\n`);
  say('up; `npm run aws:down` ends it');
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
