import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A Node that waits to be debugged: the Chrome DevTools Protocol, by nobody's hand but V8's. */
export const inspectNode = async () => {
  const args = ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1000)'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const [line] = await once(createInterface({ input: child.stderr }), 'line');
  const url = /ws:\/\/\S+/.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`no inspector: ${line}`);
  return {
    url,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
