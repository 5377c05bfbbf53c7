import { describe, expect, test } from 'vitest';
import { assembleRecord } from '../../lib/drill/assemble.ts';
import { fails } from '../../lib/drill/finding.ts';
import { settleLedger } from '../../lib/drill/ledger.ts';
import type { DrillRecord, Entry } from '../../lib/drill/record.ts';
import { writesOf } from '../../lib/drill/writes.ts';

const begun = assembleRecord([['request', { request: { runId: 'run-1' }, startedAt: 0 }]]);
if (!begun) throw new Error('no record');

const entryOf = (n: number, more: Partial<Entry> = {}): Entry => ({
  id: `w${n}`,
  phase: 'through',
  invokedAt: n * 10,
  endedAt: n * 10 + 5,
  outcome: 'acknowledged',
  captures: { secret: 'no report needs it' },
  ...more,
});

const reported = (record: Partial<DrillRecord>) => {
  const whole: DrillRecord = { ...begun, ...record };
  return writesOf(whole, settleLedger(whole.entries, whole.readings, whole.listing, 'w'));
};

describe('the writes of a report', () => {
  test('have one fate each', () => {
    const entries = [
      entryOf(1),
      entryOf(2),
      entryOf(3, { outcome: 'unknown' }),
      entryOf(4, { outcome: 'unknown' }),
      entryOf(5, { outcome: 'refused' }),
      entryOf(6),
      entryOf(7),
      entryOf(8, { outcome: 'unknown' }),
      entryOf(9, { phase: 'ghost' }),
    ];
    const found = [
      'present',
      'absent',
      'present',
      'absent',
      'present',
      'different',
      'unreadable',
      'unreadable',
    ] as const;
    const readings = found.map((what, index) => ({ id: `w${index + 1}`, at: 1, found: what }));
    const writes = reported({ entries, readings });
    const fates = ['present', 'lost', 'recovered', 'absent', 'unexpected', 'corrupt', 'unread', 'unread'];
    expect(writes.map(({ fate }) => fate)).toEqual(fates);
    expect(writes[0]).toEqual({
      id: 'w1',
      phase: 'through',
      invokedAt: 10,
      endedAt: 15,
      outcome: 'acknowledged',
      fate: 'present',
    });
  });

  test('are bounded, and keep every lost one and those around the restart, in their order', () => {
    const entries = Array.from({ length: 5_000 }, (_, n) => entryOf(n));
    const readings = entries.map(({ id }, n) => ({
      id,
      at: 1,
      found: n < 30 ? ('absent' as const) : ('present' as const),
    }));
    const writes = reported({ entries, readings, askedAt: 40_000 });
    expect(writes).toHaveLength(2_000);
    expect(writes.filter(({ fate }) => fate === 'lost')).toHaveLength(30);
    expect(writes.map(({ id }) => id)).toContain('w4000');
    expect(writes.map(({ invokedAt }) => invokedAt)).toEqual(
      writes.map(({ invokedAt }) => invokedAt).toSorted((a, b) => a - b),
    );
    const all = entries.map(({ id }) => ({ id, at: 1, found: 'absent' as const }));
    expect(reported({ entries, readings: all })).toHaveLength(5_000);
  });
});

test('a finding names each witness once', () => {
  expect(fails({ area: 'steady', check: 'x' }, 'y', ['a', 'a', 'b']).witnesses).toEqual(['a', 'b']);
});
