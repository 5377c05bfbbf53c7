import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, startNode } from './round.ts';

const root = join(import.meta.dirname, '..', '..');

const ask = { type: 'ask' };
const answer = { type: 'answer' };

const configOf = (url: string, iterations: number, invariants: readonly object[]) => ({
  service: 'bench',
  probes: [
    {
      id: 'soak',
      kind: 'websocket',
      deadline: '10m',
      timeout: '1m',
      invariants,
      steps: [
        { connect: { url } },
        { soak: { iterations, steps: [{ send: { json: ask } }, { expect: { one: answer } }] } },
      ],
    },
  ],
});

/** A whole `plimsoll run` of one soak: sends, awaits the answer, measures both, judges each iteration. */
export const openPlimsoll = (name: string, folder: string, invariants: readonly object[] = []): Client => ({
  name,
  start: async (url, messages) => {
    await writeFile(join(folder, 'bench.json'), JSON.stringify(configOf(url, messages, invariants)));
    return startNode([join(root, 'bin', 'plimsoll.ts'), 'run', '-c', 'bench.json'], folder);
  },
});

/** What is installed; a fixed version, so that figures of two days compare. */
const artillery = 'artillery@2.0.34';

/** Installs Artillery into a folder. Answers why it could not. */
export const installArtillery = async (folder: string): Promise<string | undefined> => {
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', artillery, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  npm.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const failed = once(npm, 'error').then(([error]) => `npm: ${error.message}`);
  const ended = once(npm, 'close').then(([code]) => (code === 0 ? undefined : said.join('').trim().slice(0, 500)));
  return Promise.race([failed, ended]);
};

const scriptOf = (target: string, count: number) => ({
  config: { target, phases: [{ duration: 1, arrivalCount: 1 }] },
  scenarios: [
    {
      engine: 'ws',
      flow: [
        {
          loop: [{ send: { payload: JSON.stringify(ask), match: { json: '$.type', value: answer.type } } }],
          count,
        },
      ],
    },
  ],
});

/** `artillery run` of one virtual user: sends, awaits the next message, which must match. It times neither. */
export const openArtillery = (folder: string): Client => ({
  name: 'artillery',
  start: async (url, messages) => {
    await writeFile(join(folder, 'script.json'), JSON.stringify(scriptOf(url, messages)));
    const bin = join(folder, 'node_modules', 'artillery', 'bin', 'run');
    const args = [bin, 'run', '--quiet', '--output', 'report.json', 'script.json'];
    return startNode(args, folder, { ARTILLERY_DISABLE_TELEMETRY: 'true' });
  },
  fault: async (messages) => {
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    const received = report.aggregate.counters['websocket.messages_received'];
    return received === messages ? undefined : `it received ${received} messages of ${messages}`;
  },
});
