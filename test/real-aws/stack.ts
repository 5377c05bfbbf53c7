import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../lib/config/parse.ts';
import type { Plan } from '../../lib/config/plan.ts';
import { formatProblems } from '../../lib/config/problem.ts';
import { stackNameOf } from '../../lib/names.ts';

const root = join(import.meta.dirname, '../..');
const probe = 'home';

/** A stack with a name that nobody else has, in the account at hand. */
export type RealStack = {
  readonly name: string;
  readonly probe: string;
  readonly plan: Plan;
  deploy(): Promise<void>;
  /** Runs a command of plimsoll with the stack's config, and answers what it printed on stdout. @throws Error unless it is good. */
  plimsoll(command: string, ...args: readonly string[]): Promise<string>;
  /** Removes it, whatever its state, and looks for what is left. @throws Error that says how to go on. */
  destroy(): Promise<void>;
};

type RealStackOptions = {
  readonly url: string;
  readonly region: string;
  readonly say: (line: string) => void;
  /** Ends whatever is under way, but for what removes the stack. */
  readonly signal: AbortSignal;
};

type Surroundings = { readonly region: string; readonly signal?: AbortSignal };

const run = async (file: string, args: readonly string[], { region, signal }: Surroundings): Promise<string> => {
  const child = spawn(process.execPath, [join(root, file), ...args], {
    cwd: root,
    // Told once: cdk and the SDK look for a region in different places.
    env: { ...process.env, AWS_REGION: region },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(signal ? { signal } : {}),
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [code] = await once(child, 'close');
  if (code === 0) return stdout;
  throw new Error(`${file} ${args[0]} ended with ${code}\n${stdout}`);
};

/** Steps of one probe, and nothing that has to be bought or looked after. */
const configOf = (service: string, url: string) => {
  const steps = [{ name: 'get', request: { url } }];
  return { service, probes: [{ id: probe, kind: 'http', schedule: { every: '1m' }, samples: 2, steps }] };
};

/** Makes nothing yet but its config. */
export const openRealStack = async ({ url, region, say, signal }: RealStackOptions): Promise<RealStack> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-real-aws-'));
  const file = join(folder, 'plimsoll.json');
  const config = configOf(`real-${crypto.randomUUID().slice(0, 8)}`, url);
  const name = stackNameOf(config.service);
  const parsed = parseConfig(config);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  await writeFile(file, JSON.stringify(config));
  const plimsoll = (around: Surroundings, command: string, ...args: readonly string[]) =>
    run('bin/plimsoll.ts', [command, '-c', file, ...args], around);
  return {
    name,
    probe,
    plan: parsed.plan,
    plimsoll: (command, ...args) => plimsoll({ region, signal }, command, ...args),
    deploy: async () => {
      say(`deploying ${name} in ${region}: some minutes`);
      const options = ['-c', `config=${file}`, '--output', join(folder, 'cdk.out'), '--require-approval', 'never'];
      await run('node_modules/aws-cdk/bin/cdk', ['deploy', ...options, ...process.argv.slice(2)], { region, signal });
    },
    destroy: async () => {
      say(`destroying ${name}`);
      try {
        await plimsoll({ region }, 'destroy', '--yes');
        say((await plimsoll({ region }, 'destroy', '--verify')).trimEnd());
      } catch (error) {
        throw new Error(`${name} may still be there: npx plimsoll destroy -c ${file}`, { cause: error });
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};
