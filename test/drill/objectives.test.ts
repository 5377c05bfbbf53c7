import { describe, expect, test } from 'vitest';
import { assembleRecord } from '../../lib/drill/assemble.ts';
import { settleLedger } from '../../lib/drill/ledger.ts';
import { ledgerFindings } from '../../lib/drill/ledger-findings.ts';
import { limitsOf } from '../../lib/drill/limits.ts';
import { measure } from '../../lib/drill/measure.ts';
import { objectiveFindings } from '../../lib/drill/objectives.ts';
import type { DrillRecord, Entry, Reading, Tick } from '../../lib/drill/record.ts';
import { decideVerdict } from '../../lib/drill/verdict.ts';
import { openDrillBench, simulatedDrill } from '../support/drill-run.ts';

const begun = assembleRecord([['request', { request: { runId: 'run-1' }, startedAt: 0 }]]);
if (!begun) throw new Error('no record');

const turn = (n: number, good: boolean, boot = 'old'): Tick => ({
  startedAt: n * 100,
  endedAt: n * 100 + 10,
  good,
  boot,
});
const around = (...afterwards: readonly Tick[]): readonly Tick[] => [turn(0, true), turn(1, true), ...afterwards];
const back = [turn(4, true, 'new'), turn(5, true, 'new'), turn(6, true, 'new')];
const away = [turn(2, false), turn(3, false)];

const written = (id: string, endedAt: number, phase: Entry['phase'] = 'through'): Entry => ({
  id,
  phase,
  invokedAt: endedAt - 5,
  endedAt,
  outcome: 'acknowledged',
  captures: {},
});

const readAs = (id: string, found: Reading['found']): Reading => ({ id, at: 900, found });

/** A proven restart, asked for at 150: away from 200 to 400, with one write before it that is still there. */
const recordOf = (more: Partial<DrillRecord> = {}): DrillRecord => ({
  ...begun,
  before: [{ at: 0, boot: 'old' }],
  after: [{ at: 700, boot: 'new' }],
  askedAt: 150,
  receipt: { adapter: 'test', acceptedAt: 151, platformIds: [], details: {} },
  proof: { proven: 'PROVEN', reasons: [] },
  ticks: around(...away, ...back),
  entries: [written('a', 105)],
  readings: [readAs('a', 'present')],
  ...more,
});

const judged = (more: Partial<DrillRecord>, rpoMs = 0) => {
  const record = recordOf(more);
  const drill = { ...simulatedDrill, rpoMs };
  const measured = measure(record, drill);
  const [rto, rpo] = objectiveFindings(measured, record, drill);
  return { rto, rpo, measured };
};

describe('the RPO', () => {
  test('is kept when all that was acknowledged until the interruption is there', () => {
    const { rpo, measured } = judged({});
    expect(rpo).toMatchObject({ check: 'nothing may be lost', result: 'pass', actual: 'nothing is lost' });
    expect(measured.rpa).toEqual({ lowerMs: 0, upperMs: 0 });
  });

  test('is not exercised by seeds alone', () => {
    const { rpo, measured } = judged({ entries: [written('a', 105, 'seed')] });
    expect(rpo).toMatchObject({ result: 'inconclusive', actual: expect.stringContaining('not exercised') });
    expect(measured.rpa).toBeUndefined();
  });

  test('allows, above zero, what is young enough, and reads so', () => {
    const entries = [written('a', 105), written('older', 30)];
    const lost = { entries, readings: [readAs('a', 'absent'), readAs('older', 'present')] };
    expect(judged(lost, 500).rpo).toMatchObject({ check: 'what is lost is at most 0.50 s old', result: 'pass' });
    expect(judged(lost, 50).rpo).toMatchObject({ result: 'fail', witnesses: ['a'] });
  });

  test('is broken, above zero, when nothing of before the interruption is left to count from', () => {
    expect(judged({ readings: [readAs('a', 'absent')] }, 60_000).rpo).toMatchObject({
      result: 'fail',
      witnesses: ['a'],
    });
  });

  test('of zero is broken by a loss of which nobody saw the interruption', () => {
    const { rpo } = judged({ ticks: around(turn(2, true), ...back), readings: [readAs('a', 'absent')] });
    expect(rpo).toMatchObject({ result: 'fail', actual: '1 are gone' });
  });

  test('is open as far back as the oldest write that could not be read', () => {
    const more = { entries: [written('a', 105), written('b', 50)], readings: [readAs('a', 'present')] };
    expect(judged(more).measured.rpa).toEqual({ lowerMs: 0, upperMs: 160 });
    expect(judged(more).rpo).toMatchObject({ result: 'inconclusive', witnesses: ['b'] });
    expect(judged(more, 160).rpo?.result).toBe('pass');
  });

  test.each([
    ['nothing could be read', { readings: [readAs('a', 'unreadable')] }, 'nothing could be read'],
    ['nobody new came back', { ticks: around(...away) }, 'full function never came back on a new identity'],
    ['no outage was seen', { ticks: around(turn(2, true), ...back) }, 'no interruption was observed'],
  ] as const)('is open when %s', (_, more, why) => {
    const { rpo, measured } = judged(more);
    expect(rpo).toMatchObject({ result: 'inconclusive', actual: expect.stringContaining(why) });
    expect(measured.rpa).toBeUndefined();
  });
});

describe('the RTO', () => {
  test('is kept by a proven restart with an outage that was seen', () => {
    expect(judged({}).rto?.result).toBe('pass');
  });

  test.each(['PARTIAL', 'NOT_PROVEN'] as const)('is open when the restart is %s', (proven) => {
    expect(judged({ proof: { proven, reasons: [] } }).rto).toMatchObject({ result: 'inconclusive' });
  });
});

describe('a verdict', () => {
  test('is no PASS when full function never lasted on the new identity', () => {
    const comeback = { alive: true, recovered: false };
    expect(decideVerdict(recordOf({ ticks: around(...away) }), comeback).verdict).toBe('FAIL_NO_RECOVERY');
  });
});

test('fewer that answer after than before leave it open whether every replica was restarted', () => {
  const bench = openDrillBench();
  const ports = bench.portsOf('run-1');
  bench.close();
  const two = [
    { at: 0, boot: 'old' },
    { at: 1, boot: 'old too' },
  ];
  const limit = 'whether every replica was restarted: 2 answered before it, and 1 after';
  expect(limitsOf(recordOf({ before: two }), ports)).toContain(limit);
  expect(limitsOf(recordOf(), ports).join()).not.toContain('replica');
});

test('a ledger of which nothing could be read has no check that passes for want of readings', () => {
  const outcome = settleLedger([written('a', 105)], [], undefined, 'a');
  const passing = ledgerFindings(outcome, undefined).filter(({ result }) => result === 'pass');
  expect(passing.map(({ check }) => check)).toEqual(['nothing is there that was refused, removed or never sent']);
});
