import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { poisonLetter, runLetter, unzipRun } from '../../lib/aws/dead-letters.ts';
import type { DeadLetter } from '../../lib/dispatch/message.ts';
import { readDeadLetter } from '../../lib/dispatch/read-message.ts';
import type { Pass } from '../../lib/result/result.ts';
import { cloudPlan, messageOf } from '../support/cloud-ground.ts';
import { makePass, makeStoredRun } from '../support/runs.ts';
import { sequence } from '../support/sequences.ts';

const probe = { id: 'a', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] };
const message = messageOf(cloudPlan({ probes: [probe] }));
const [item] = message.items;
if (!item) throw new Error('no item');
const where = { service: message.service, item };
const at = '2026-01-31T13:00:00.000Z';

const letterOf = (passes: readonly Pass[]) => runLetter(makeStoredRun({ passes }), where, 'down', at);

const runOf = (letter: DeadLetter) => unzipRun(letter.kind === 'run' ? letter.run : '');

/** Evidence that no gzip makes smaller. */
const noisy = (bytes: number, index: number): Pass => {
  const [step] = makePass(5).steps;
  if (!step) throw new Error('no step');
  const request = { method: 'GET', url: 'http://a', headers: {}, body: randomBytes(bytes).toString('base64') };
  return { ...makePass(5, index), steps: [{ ...step, evidence: { request } }], sequence: sequence([]) };
};

describe('the letter of a run', () => {
  it('holds the run whole, and is read back', async () => {
    const letter = await letterOf([makePass(5), makePass(6, 1)]);
    expect(readDeadLetter(JSON.stringify(letter))).toMatchObject({ ok: true, value: { kind: 'run', reason: 'down' } });
    expect((await runOf(letter)).passes).toHaveLength(2);
  });

  it('drops the evidence where it would not fit into a queue, and says so', async () => {
    const letter = await letterOf(Array.from({ length: 4 }, (_, n) => noisy(300_000, n)));
    expect(Buffer.byteLength(JSON.stringify(letter))).toBeLessThanOrEqual(1_048_576);
    expect(letter.reason).toBe('down; the evidence of its passes was dropped, for it did not fit');
    const { passes } = await runOf(letter);
    expect(passes).toHaveLength(4);
    expect(passes[0]?.latencyMs).toBe(5);
    expect(passes[0]).not.toHaveProperty('sequence');
  });

  it('drops the raw samples where even they would not fit', async () => {
    const checks = (index: number) =>
      [{ name: randomBytes(300_000).toString('base64'), result: 'pass', actual: String(index) }] as const;
    const letter = await letterOf(Array.from({ length: 4 }, (_, n) => ({ ...makePass(5, n), checks: checks(n) })));
    expect(letter.reason).toContain('its raw samples were dropped');
    expect((await runOf(letter)).run.samples).toBe(4);
  });
});

describe('a poison letter', () => {
  it('keeps the head of a message that is too long', () => {
    const letter = poisonLetter('\u0000'.repeat(900_000), 'it is no JSON', at);
    expect(Buffer.byteLength(JSON.stringify(letter))).toBeLessThanOrEqual(1_048_576);
    expect(readDeadLetter(JSON.stringify(letter)).ok).toBe(true);
  });
});
