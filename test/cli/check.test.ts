import { describe, expect, it, onTestFinished } from 'vitest';
import { openDesk } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

const setUp = async () => {
  const target = await startHttpTarget((_, response) => json(response, 200, {}));
  onTestFinished(() => target.close());
  const desk = openDesk();
  desk.write('plimsoll.json', {
    service: 'shop',
    variables: {
      baseUrl: { from: ['flag', 'env:BASE_URL'], default: target.url },
      token: { from: ['env:TOKEN', 'ssm:/shop/token'], secret: true, required: true },
    },
    probes: [
      {
        id: 'home',
        kind: 'http',
        schedule: { every: '5m' },
        severity: 'page',
        samples: 20,
        steps: [{ name: 'get', request: { url: '{{baseUrl}}/', headers: { authorization: 'Bearer {{token}}' } } }],
        slo: { thresholds: ['p(95)<400', 'failed<1%'] },
      },
      {
        id: 'weekly',
        kind: 'websocket',
        schedule: { cron: '30 13 * * 2', timezone: 'Europe/Berlin' },
        severity: 'none',
        steps: [{ connect: { as: 'a', url: 'wss://shop.example/ws' } }],
      },
      { id: 'by-hand', kind: 'http', deferred: 'no gateway yet', steps: [{ request: { url: '{{baseUrl}}/' } }] },
    ],
  });
  return {
    desk,
    target,
    check: (args: readonly string[] = [], env = {}) => desk.run(['check', '-c', 'plimsoll.json', ...args], env),
  };
};

describe('plimsoll check', () => {
  it('shows what would run, when it would, and what it can tell, and asks nobody and writes nothing', async () => {
    const { check, desk, target } = await setUp();
    const { code, stdout, stderr } = await check([], { TOKEN: 'hunter2-hunter2' });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^shop {2}dev {2}3 probes\n/);
    expect(stdout).toMatch(
      /^home {2}http, 1 step, 20 samples, within 5m\n {2}runs +every 5m, next \d{4}-\d\d-\d\d \d\d:\d[05] UTC\n/m,
    );
    expect(stdout).toMatch(/p\(95\)<400 \(1 of 20 may be slower; 59 good samples confirm it\)\n +failed<1%\n/);
    expect(stdout).toMatch(/^ {2}alarm +page after 2 bad of 3 runs, recovered after 2 good$/m);
    expect(stdout).toMatch(
      /^ {2}detects +p\(95\)<400: an outage is paged within \d runs \(\d+m\); 20 % bad events are .*\n +failed<1%: .*\n +20 samples every 5m: \+30 % found in about \d+ \w+/m,
    );
    // Half past one in Berlin, in winter or in summer.
    expect(stdout).toMatch(/^ {2}runs +cron 30 13 \* \* 2 Europe\/Berlin, next \S+ 1[12]:30 UTC$/m);
    expect(stdout).toMatch(/^by-hand .*\n {2}runs +on demand\n {2}deferred no gateway yet$/m);
    expect(stdout).toMatch(
      /^AWS {2}\d+ resources, \$\d+\.\d\d a month: \$\d+\.\d\d fixed and \$0\.\d+ a run\n {5}\$\d+\.\d\d with the free tier; \$\d+\.\d\d on CloudWatch Synthetics;/m,
    );
    expect(stdout).toMatch(/good: the config is valid\n$/);
    expect(stdout).not.toContain('hunter2');
    expect(target.connections()).toBe(0);
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it('is good where a required variable is missing, and says that a run would stop', async () => {
    const { code, stdout } = await (await setUp()).check();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^token +no +- +\(required\); ssm:\/shop\/token cannot be read here$/m);
    expect(stdout).toMatch(/good: the config is valid\na run from here would stop: token not set\n$/);
  });

  it('prints the plan as one JSON document', async () => {
    const { check } = await setUp();
    const { code, stdout } = await check(['--json', '--set', 'baseUrl=https://other.example'], {
      TOKEN: 'hunter2-hunter2',
    });
    const { plan, environment, variables, detects } = JSON.parse(stdout);
    expect([code, environment, plan.service, plan.probes.length]).toEqual([0, 'dev', 'shop', 3]);
    expect(plan.probes[0]).toMatchObject({
      id: 'home',
      deadlineMs: 300_000,
      schedule: { kind: 'every', everyMs: 300_000 },
    });
    expect(variables[0]).toMatchObject({ name: 'baseUrl', source: 'flag', value: 'https://other.example' });
    expect(detects.home[0]).toMatchObject({ what: 'outage', by: 'p(95)<400', severity: 'page' });
    expect(Object.keys(detects)).toEqual(['home', 'weekly', 'by-hand']);
    expect(detects['by-hand']).toEqual([]);
    expect(stdout).not.toContain('hunter2');
  });

  it('refuses in prod what prod refuses, and lets the rest pass', async () => {
    const { check } = await setUp();
    const env = { PLIMSOLL_ENVIRONMENT: 'prod', TOKEN: 'hunter2-hunter2' };
    const refused = await check([], env);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(
      /prod refuses this config:\n {2}probe home, step get: http:\/\/ is not encrypted: use https:\/\/\n/,
    );
    const good = await check(['--set', 'baseUrl=https://shop.example'], env);
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/^shop {2}prod {2}3 probes\n/);
  });

  it.each([
    [
      'an unknown environment',
      [],
      { PLIMSOLL_ENVIRONMENT: 'qa' },
      /^plimsoll: PLIMSOLL_ENVIRONMENT is "qa": set it to dev, staging, pilot/,
    ],
    [
      'an unknown variable',
      ['--set', 'baseurl=x'],
      {},
      /^plimsoll: --set baseurl: there is no variable `baseurl`\n {2}remedy {2}did you mean `baseUrl`\?/,
    ],
  ])('refuses %s', async (_, args, env, sentence) => {
    const { code, stdout, stderr } = await (await setUp()).check(args, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });
});
