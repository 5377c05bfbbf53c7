import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Run, SequenceRecord, StepOutcome } from '../../lib/result/result.ts';
import { createJournal } from '../../lib/sequence/journal.ts';
import { ladderOf } from '../../lib/sequence/ladder.ts';
import { check, pass, run, stepOutcome } from '../support/documents.ts';
import { SOAK } from '../support/sequences.ts';

/** Above it the table of a deployment keeps the shown pass elsewhere, which costs a read more. */
const largestInTable = 64 * 1024;

/** Text that no compression makes smaller. */
const noise = (chars: number): string => randomBytes(chars).toString('base64').slice(0, chars);

/** The journal of a long pass over many connections in which every step failed, as it is kept. */
const longestSequence = (): SequenceRecord => {
  const journal = createJournal((raw) => [{ body: String(raw), type: String(raw).slice(0, 200) }]);
  for (let index = 0; index < 3_000; index += 1) {
    const connection = `connection-${index % 10}`;
    const generation = index < 10 ? journal.begin(connection) : 1;
    const head = { connection, generation, at: index + Math.random(), step: noise(40) };
    journal.append({ ...head, direction: index % 2 === 0 ? 'out' : 'in', raw: noise(2_000) });
  }
  const missing = Array.from({ length: 50 }, (_, index) => {
    return { step: noise(40), atMs: index * 60, after: index * 60, text: noise(1_000) };
  });
  const focus = Array.from({ length: 300 }, (_, index) => index * 10);
  return ladderOf(journal, { passStartMs: 0, redact: (text) => text, missing, focus });
};

const longestStep = (): StepOutcome => {
  const frames = Array.from({ length: 24 }, (_, index) => {
    return { n: index, connection: 'a', direction: 'in' as const, atMs: index, text: noise(400) };
  });
  const failures = Array.from({ length: 10 }, (_, index) => ({
    iteration: index,
    step: noise(40),
    reason: noise(1_000),
  }));
  const failure = { kind: 'timeout' as const, message: noise(1_000) };
  const soak = { ...SOAK, failures };
  return stepOutcome(noise(40), {
    status: 'failed',
    failure,
    checks: [check('one', 'fail', noise(1_000))],
    soak,
    evidence: { frames },
  });
};

test('a run of the longest sequence there can be, with its evidence, fits into a table of a deployment', () => {
  const sequence = longestSequence();
  expect(sequence.rungs.length).toBeGreaterThan(70);
  const made: Run = run('ws', [pass(0, [longestStep()], { sequence })], { verdict: 'fail', reasons: [noise(1_000)] });
  const json = JSON.stringify(made);
  expect(json.length).toBeLessThan(120_000);
  expect(gzipSync(json).length).toBeLessThan(largestInTable);
});
