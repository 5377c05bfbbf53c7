import { describe, expect, it } from 'vitest';
import { openDesk } from '../support/cli.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';

const setUp = () => {
  const desk = openDesk();
  const { probes: _, ...config } = cloudDrillConfig([hook, { kind: 'process' }], {
    gate: { inputs: { errors: { max: 5 } } },
  });
  const [first, ...others] = config.drills;
  desk.write('plimsoll.json', {
    ...config,
    drills: [{ ...first, schedule: { cron: '0 3 * * 2' }, severity: 'page' }, ...others],
  });
  return { desk, plimsoll: (...args: readonly string[]) => desk.run([...args, '-c', 'plimsoll.json']) };
};

describe('a config of drills alone', () => {
  it('is checked, and each drill is shown with what it restarts, when, and whom it tells', async () => {
    const { code, stdout, stderr } = await setUp().plimsoll('check');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^notes {2}dev {2}0 probes, 2 drills\n/);
    expect(stdout).toMatch(
      /\ndrill-0 {2}drill of notes: POST https:\/\/notes\.example\/restart\n {2}runs {5}\S.*, next \d{4}-.* 03:00 UTC\n {2}judges {3}RTO 30s, RPO 0s\n {2}alarm {4}page when a scheduled one fails\n/,
    );
    expect(stdout).toMatch(/\ndrill-1 .*SIGKILL to the process of notes.*\n {2}runs {5}on demand\n {2}judges .*\n\n/);
    expect(stdout).toMatch(/\ngood: the config is valid\n$/);
  });

  it('has a price, though nothing is run', async () => {
    const { code, stdout } = await setUp().plimsoll('cost');
    expect([code, stdout]).toEqual([0, expect.stringContaining('drills by schedule')]);
    expect(stdout).not.toContain('NaN');
  });

  it.each([
    ['run'],
    ['run', '--aws'],
    ['run', '--self-test'],
    ['watch'],
    ['report'],
    ['backtest', '--rehearse'],
    ['run', 'drill-0'],
  ])('has nothing for plimsoll %s %s', async (...args) => {
    const { desk, plimsoll } = setUp();
    const { code, stdout, stderr } = await plimsoll(...args.filter((arg) => arg !== undefined));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^plimsoll: .*the config has no probes, only drills: .*plimsoll drill runs them, drill --report shows them\n$/,
    );
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it('leaves a gate inconclusive, unless a figure from outside breaks it', async () => {
    const { plimsoll } = setUp();
    expect((await plimsoll('gate', '--input', 'errors=3')).code).toBe(3);
    expect((await plimsoll('gate', '--input', 'errors=9')).code).toBe(1);
    expect((await plimsoll('gate')).code).toBe(3);
  });
});
