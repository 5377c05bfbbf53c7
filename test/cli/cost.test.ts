import { describe, expect, it } from 'vitest';
import { openDesk } from '../support/cli.ts';
import { scheduled } from '../support/costing.ts';

const setUp = (keys: object = {}) => {
  const desk = openDesk();
  const probes = [scheduled('home', { every: '1m' }), scheduled('orders', { cron: '0 13 * * 2' })];
  desk.write('plimsoll.json', { service: 'shop', probes, ...keys });
  return {
    desk,
    plimsoll: (command: string, ...args: string[]) => desk.run([command, '-c', 'plimsoll.json', ...args]),
  };
};

/** Dollars that a line begins with, after its name. */
const usdOf = (text: string, name: string): number => {
  const [, usd = ''] = new RegExp(`^ *${name} +\\$([\\d.,]+)`, 'm').exec(text) ?? [];
  return Number(usd.replaceAll(',', ''));
};

describe('plimsoll cost', () => {
  it('shows what is fixed and what grows, line by line, beside Synthetics', async () => {
    const { code, stdout, stderr } = await setUp().plimsoll('cost');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^shop {2}a month in AWS, us-east-1, prices of \d{4}-\d\d-\d\d\n\nfixed +\$\d+\.\d\d\n/);
    expect(stdout).toMatch(
      /^43,804 runs +\$\d+\.\d\d\n {2}probe function +\$\d+\.\d\d {2}[\d,]+ GB-s, 43,804 invocations\n/m,
    );
    expect(stdout).toMatch(/^ {2}canary runs +\$52\.57 {2}43,804 runs\n/m);
    expect(stdout).toMatch(
      /^ +a month +fixed +a run\nPlimsoll( +\$[\d.]+){3}\nCloudWatch Synthetics( +\$[\d.]+){3}\n/m,
    );
    expect(stdout).toMatch(
      /^what every account has free of charge is not taken off: with it a month costs \$\d+\.\d\d/m,
    );
    expect(stdout).toMatch(/\n\d+ figures are taken for granted, each with its reason: --verbose shows them\n$/);
    const total = usdOf(stdout, 'Plimsoll');
    expect(Math.abs(usdOf(stdout, 'fixed') + usdOf(stdout, '43,804 runs') - total)).toBeLessThan(0.02);
  });

  it.each(['--verbose', '-v'])('shows what it takes for granted, each with its reason, with %s', async (flag) => {
    const [brief, whole] = await Promise.all([setUp().plimsoll('cost'), setUp().plimsoll('cost', flag)]);
    const [, table = ''] = whole.stdout.split('\n\ntaken for granted\n');
    expect(table).toMatch(/^ {2}hours per month +730 h +a month as AWS reckons it\n/);
    expect(Number(/^(\d+) figures are taken/m.exec(brief.stdout)?.[1])).toBe(
      table.trimEnd().match(/^ {2}\S/gm)?.length,
    );
  });

  it('keeps its dollars in one column', async () => {
    const { stdout } = await setUp({ metrics: 'probe', cloud: { customerKey: true } }).plimsoll('cost');
    const bill = stdout.slice(0, stdout.indexOf('\nPlimsoll ')).split('\n');
    const ends = bill.flatMap((line) => /^.*?\$[\d.,]+/.exec(line)?.[0].length ?? []);
    expect(ends.length).toBeGreaterThan(15);
    expect(new Set(ends).size).toBe(1);
  });

  it('prints one JSON document whose lines add up', async () => {
    const { code, stdout } = await setUp({ budget: { monthly: 5 } }).plimsoll('cost', '--json');
    const document = JSON.parse(stdout);
    expect([code, document.schema, document.currency, document.service]).toEqual([0, 1, 'USD', 'shop']);
    expect(document.budget).toEqual({ monthlyUsd: 5, holds: false });
    const sum = (lines: readonly { usd: number }[]) => lines.reduce((total, { usd }) => total + usd, 0);
    expect(sum(document.fixed) + sum(document.marginal)).toBeCloseTo(document.totalUsd, 9);
    expect(document.freeTier.applied).toBe(false);
    expect(document.assumptions[0]).toEqual({
      name: 'hours per month',
      value: 730,
      unit: 'h',
      why: 'a month as AWS reckons it',
    });
  });

  it('takes off what is free where it is asked to', async () => {
    const { plimsoll } = setUp();
    const [paid, free] = await Promise.all([plimsoll('cost'), plimsoll('cost', '--free-tier')]);
    expect(usdOf(free.stdout, 'Plimsoll')).toBeLessThan(usdOf(paid.stdout, 'Plimsoll'));
    expect(paid.stdout).toContain(`with it a month costs $${usdOf(free.stdout, 'Plimsoll').toFixed(2)} (`);
  });

  it('says that a budget does not hold, and leaves it to check to refuse', async () => {
    const { code, stdout } = await setUp({ budget: { monthly: 5 } }).plimsoll('cost');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the budget is \$5\.00 a month: it does not hold$/m);
  });

  it('has nothing to say of a run where nothing has a schedule', async () => {
    const desk = openDesk();
    const probes = [{ id: 'a', kind: 'http', steps: [{ request: { url: 'https://shop.example/' } }] }];
    desk.write('plimsoll.json', { service: 'shop', probes });
    const { code, stdout } = await desk.run(['cost', '-c', 'plimsoll.json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 runs +\$0\.00$/m);
    expect(stdout).toMatch(/^Plimsoll +\$[\d.]+ +\$[\d.]+ +–$/m);
  });

  it('refuses a config that is none, as every command does', async () => {
    const { code, stdout, stderr } = await setUp({ budget: { monthly: -1 } }).plimsoll('cost');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^plimsoll: plimsoll\.json: budget\.monthly: must be over 0\n/);
  });
});

describe('plimsoll check of a budget', () => {
  it('lets one that holds pass, and shows it', async () => {
    const { code, stdout, stderr } = await setUp({ budget: { monthly: 25 } }).plimsoll('check');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^AWS {2}\d+ resources, \$\d+\.\d\d a month, of a budget of \$25\.00: /m);
    expect(stdout).toMatch(/^good: the config is valid$/m);
  });

  it('ends with 1 where it is exceeded, says by what and what to do, and still shows the plan', async () => {
    const { code, stdout, stderr } = await setUp({ budget: { monthly: 1 } }).plimsoll('check');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^plimsoll: a month of this plan costs \$\d+\.\d\d, which is over the budget of \$1\.00; most of it is .+: run probes less often, keep less, or raise budget\.monthly/,
    );
    expect(stdout).toMatch(/^home {2}http, /m);
    expect(stdout).toMatch(/^bad: the config is valid, and over its budget$/m);
  });

  it('has resources, dollars and the refusal in its JSON', async () => {
    const { code, stdout } = await setUp({ budget: { monthly: 1 } }).plimsoll('check', '--json');
    const { cloud } = JSON.parse(stdout);
    expect(code).toBe(1);
    const counts: readonly number[] = Object.values(cloud.types);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(cloud.resources);
    expect(cloud.overBudget).toMatch(/over the budget of \$1\.00/);
    expect(cloud.monthlyUsd).toBeGreaterThan(1);
  });
});
