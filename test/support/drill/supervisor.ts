import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../free-port.ts';
import { notesServer } from './desk.ts';

export type Supervisor = {
  /** Of the notes server. */
  readonly url: string;
  /** A POST kills the server and starts it again. */
  readonly restartUrl: string;
  /** Bodies of what it was asked. */
  readonly asked: readonly Record<string, unknown>[];
  /** Starts the server again without its faults, over the same data. */
  mend(): Promise<void>;
  close(): Promise<void>;
};

export type SupervisorOptions = {
  /** Arguments of the server from its second start on. */
  readonly faults?: readonly string[];
  /** `refuse`: it says no. `ignore`: it says yes, and does nothing. */
  readonly answer?: 'restart' | 'refuse' | 'ignore';
};

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = '';
  for await (const part of request) text += String(part);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
};

/** A notes server as a process of its own, and who looks after it: a POST sends it SIGKILL, and starts it again. */
export const startSupervisor = async ({
  faults = [],
  answer = 'restart',
}: SupervisorOptions = {}): Promise<Supervisor> => {
  const data = await mkdtemp(join(tmpdir(), 'plimsoll-supervised-'));
  const port = String(await freePort());
  const begin = async (more: readonly string[]): Promise<ChildProcess> => {
    const args = [notesServer, '--port', port, '--data', data, '--seed', ...more];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit')]);
    return child;
  };
  let running = await begin([]);
  const kill = async (): Promise<void> => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  const asked: Record<string, unknown>[] = [];
  const operator = createServer(async (request, response) => {
    asked.push(await bodyOf(request));
    if (answer === 'restart') {
      await kill();
      running = await begin(faults);
    }
    response.writeHead(answer === 'refuse' ? 403 : 202).end();
  });
  operator.listen(0, '127.0.0.1');
  await once(operator, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    restartUrl: `http://127.0.0.1:${(operator.address() as AddressInfo).port}/restart`,
    asked,
    mend: async () => {
      await kill();
      running = await begin([]);
    },
    close: async () => {
      operator.closeAllConnections();
      await new Promise((done) => operator.close(done));
      await kill();
      await rm(data, { recursive: true, force: true });
    },
  };
};
