import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process beside the bench; it also ends by itself when the bench does. */
export type Child = { stop(): Promise<void> };

const start = async (script: string, args: readonly string[]) => {
  const child = fork(join(import.meta.dirname, 'child', script), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`bench/child/${script} ended with ${code} before it was ready`);
  });
  const [message] = await Promise.race([once(child, 'message'), died]);
  return { message, stop: () => stop(child) };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
};

/** What a script answers; then it is ended. */
export const askChild = async (script: string, args: readonly string[]): Promise<unknown> => {
  const { message, stop } = await start(script, args);
  await stop();
  return message;
};

/** Starts the target; answers its URL without a path. */
export const startTarget = async (): Promise<Child & { readonly url: string }> => {
  const { message, stop } = await start('target.ts', []);
  return { url: `http://127.0.0.1:${(message as { port: number }).port}`, stop };
};

/** Keeps one core busy, for `limitMs` at most. */
export const startSpinner = (limitMs: number): Promise<Child> => start('spinner.ts', [String(limitMs)]);
