import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CheckOutcome, StepOutcome } from '../../lib/result/result.ts';
import { serveWebsocket } from '../support/websocket-target.ts';

const script = join(import.meta.dirname, '..', 'support', 'soaking-child.ts');

type Soaked = {
  /** Bytes held at a tenth of the way, and at its end. */
  readonly early: number;
  readonly late: number;
  readonly step: StepOutcome;
  readonly checks: readonly CheckOutcome[];
};

/** Soaks in a process of its own. At a tenth and at the end the server holds its answer back until memory was measured. */
const soak = async (iterations: number, ...args: readonly string[]): Promise<Soaked> => {
  const bytes: number[] = [];
  let count = 0;
  const target = await serveWebsocket((socket) => {
    socket.on('message', async () => {
      count += 1;
      const n = count;
      if (n === iterations / 10 || n === iterations) {
        const answered = once(child, 'message');
        child.send('measure');
        const [{ bytes: held }] = await answered;
        bytes.push(held);
      }
      socket.send(JSON.stringify({ type: 'answer', n, text: 'x'.repeat(200) }));
    });
  });
  onTestFinished(() => target.close());
  const child = fork(script, [target.url, String(iterations), ...args], { execArgv: ['--expose-gc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const told = new Promise<Pick<Soaked, 'step' | 'checks'>>((resolve) => {
    child.on('message', (message: object) => 'step' in message && resolve(message as Soaked));
  });
  const outcome = await Promise.race([told, ended.then(([code]) => Promise.reject(new Error(`ended with ${code}`)))]);
  const [early = Number.NaN, late = Number.NaN] = bytes;
  return { ...outcome, early, late };
};

describe('the memory of a soak', () => {
  it('is as large at the end of 20,000 messages as it was at a tenth of them', async () => {
    const { early, late, step, checks } = await soak(20_000);
    expect(step.soak).toMatchObject({ iterations: 20_000, failed: 0, messages: 20_000 });
    expect(checks.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass']);
    expect(late / early).toBeLessThan(1.05);
  });

  it('would be seen to grow: one that keeps something of each iteration does', async () => {
    const { early, late } = await soak(5_000, 'leak');
    expect(late / early).toBeGreaterThan(1.05);
  });
});
