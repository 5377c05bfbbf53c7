import { expect, it } from 'vitest';
import { drillPeer, findingOf } from '../../support/peers/desk.ts';
import { redisTarget } from '../../support/peers/redis.ts';
import { askRedis } from '../../support/peers/resp.ts';
import { describeWithProgram } from '../../support/programs.ts';

/** A drill looks again and again. */
const patient = { timeout: 180_000 };

const lossOfPower = expect.stringMatching(/^loss of power: a restart leaves the page cache of the kernel/);

/** No snapshots: what the file of appended commands does not hold is nowhere. */
const appending = (fsync: string) => ['--save', '', '--appendonly', 'yes', '--appendfsync', fsync];

describeWithProgram('redis-server', 'redis-server').concurrent('a drill of Redis behind an HTTP front', () => {
  // Both write(2) before they answer, and a killed process leaves what is written to the kernel: under SIGKILL they are
  // the same, and the report says what would tell them apart.
  it.for(['always', 'no'])(
    'with appendfsync %s finds every acknowledged write, and says that no sync was put to the test',
    patient,
    async (fsync, { onTestFinished }) => {
      const peer = await redisTarget(appending(fsync));
      const { code, report, stderr } = await drillPeer(peer, onTestFinished);
      expect([report.verdict, report.reasons, code], stderr).toEqual(['PASS', [], 0]);
      expect(report.identity.proven).toBe('PROVEN');
      expect(report.receipt).toMatchObject({ adapter: 'webhook' });
      expect(report.ledger).toMatchObject({ lost: 0, corrupt: 0, duplicated: 0, unexpected: 0 });
      expect(report.ledger.acknowledged).toBeGreaterThan(8);
      expect(report.measured.outage.kind).toBe('seen');
      expect(report.measured.rpa).toEqual({ lowerMs: 0, upperMs: 0 });
      expect(report.notExercised).toContainEqual(lossOfPower);
      expect(report.leftovers).toEqual([]);
      await expect(askRedis(peer.redisPort, 'PING')).rejects.toThrow('ECONNREFUSED');
    },
  );

  it('in memory alone finds all lost that was acknowledged before the kill', patient, async ({ onTestFinished }) => {
    const peer = await redisTarget(['--save', '', '--appendonly', 'no']);
    const { code, report, stderr } = await drillPeer(peer, onTestFinished);
    expect([report.verdict, code], stderr).toEqual(['FAIL_LOST', 1]);
    expect(report.identity.proven).toBe('PROVEN');
    const loss = findingOf(report, 'no acknowledged write is lost');
    expect(loss).toMatchObject({ result: 'fail', actual: expect.stringMatching(/^\d+ of \d+ acknowledged are gone$/) });
    expect(report.ledger.lost).toBeGreaterThanOrEqual(8);
    // Back to before the first of them: the oldest loss is older than the kill.
    expect(report.measured.rpa?.lowerMs).toBeGreaterThan(0);
    expect(report.leftovers).toEqual([]);
  });

  it(
    'in memory alone passes by no RPO: nothing is left that would bound the loss',
    patient,
    async ({ onTestFinished }) => {
      const peer = await redisTarget(['--save', '', '--appendonly', 'no']);
      const { code, report, stderr } = await drillPeer({ ...peer, drill: { rpo: '1h' } }, onTestFinished);
      expect([report.verdict, code], stderr).toEqual(['FAIL_LOST', 1]);
      expect(report.measured.rpa).toEqual({ lowerMs: expect.any(Number), upperMs: null });
      expect(report.reasons.join()).toMatch(/none of before is left: nothing bounds the loss/);
    },
  );
});
