import { describe, expect, it } from 'vitest';
import { faultsOf, type HostileCase, meet, slackMs, timeoutMs } from './case.ts';
import { get } from './http-cases.ts';
import { answer, whole } from './http-hosts.ts';
import { hostileTable } from './table.ts';

// Rows run side by side where they mostly wait: what they prove is what is said, and that it is said in bounded time.
describe.each(hostileTable())('$title', ({ rows }) => {
  const named = (busy: boolean) =>
    rows.flatMap((row) => ((row.busy ?? false) === busy ? [[row.what, row] as const] : []));
  const check = async (_: string, row: HostileCase) => expect(faultsOf(row, await meet(row))).toEqual([]);
  it.concurrent.each(named(false))('%s', check);
  it.each(named(true))('%s', check);
});

describe('a row of the table', () => {
  const good = answer(whole('{"ok":true}'));
  const row: HostileCase = { what: 'is sound', host: good, probe: get(), verdict: 'pass', limitMs: timeoutMs };

  it('fails on another verdict, another reason, a reason that nobody awaited, and too long a time', async () => {
    const met = await meet(row);
    expect(faultsOf(row, met)).toEqual([]);
    expect(faultsOf({ ...row, verdict: 'fail' }, met)).toEqual([
      expect.stringContaining('the verdict is pass, not fail'),
    ]);
    expect(faultsOf({ ...row, says: /refused/ }, met)).toEqual([
      expect.stringContaining('no reason matches /refused/'),
    ]);
    expect(faultsOf({ ...row, wrong: () => 'it was reached' }, met)).toEqual([
      expect.stringContaining('it was reached'),
    ]);
    expect(faultsOf(row, { ...met, elapsedMs: timeoutMs + slackMs + 1 })).toEqual([expect.stringContaining('it took')]);
    const reasons = ['x'.repeat(2_000)];
    expect(faultsOf(row, { ...met, run: { ...met.run, reasons } })).toEqual([
      expect.stringContaining('there are reasons where none was awaited'),
      expect.stringContaining('a reason has 2000 characters'),
    ]);
  });
});
