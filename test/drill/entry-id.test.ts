import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryId, idPrefix } from '../../lib/drill/entry-id.ts';
import type { Phase } from '../../lib/drill/record.ts';

const runIds = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z]{1,9}-[0-9tz-]{1,30}$/));
const phases = fc.constantFrom<Phase>('seed', 'through', 'after', 'ghost');
const numbers = fc.integer({ min: 1, max: 9_999_999 });

describe('the id of an entry', () => {
  test('is readable: the run, what it is for, which one', () => {
    expect(entryId('restart-20260401t120000z', 'seed', 3)).toMatch(/^drillrestart20260401t120000z[0-9a-f]+s0000003$/);
  });

  test('is base64 as it stands, whatever the run is called', () => {
    fc.assert(
      fc.property(runIds, phases, numbers, (runId, phase, n) => {
        const id = entryId(runId, phase, n);
        expect(id).toMatch(/^(?:[a-z0-9]{4})+$/);
        expect(Buffer.from(id, 'base64').toString('base64')).toBe(id);
        expect(idPrefix(runId).length % 4).toBe(0);
        expect(id.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  test('begins as all of its run do, and as none of another', () => {
    fc.assert(
      fc.property(runIds, runIds, phases, numbers, (runId, other, phase, n) => {
        expect(entryId(runId, phase, n).startsWith(idPrefix(runId))).toBe(true);
        fc.pre(runId !== other);
        expect(entryId(runId, phase, n).startsWith(idPrefix(other))).toBe(false);
      }),
    );
  });

  test('is another for each phase and number, and the same when it is asked for again', () => {
    const all = (['seed', 'through', 'after', 'ghost'] as const).flatMap((phase) =>
      Array.from({ length: 20 }, (_, n) => entryId('run-1', phase, n)),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(entryId('run-1', 'seed', 7)).toBe(entryId('run-1', 'seed', 7));
  });
});
