import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/result/result.ts';
import { until } from '../support/cli.ts';
import {
  configOf,
  hookSecret,
  isSigned,
  openDeskStore,
  type Scene,
  setScene,
  startWatching,
  untilSaid,
  type Watching,
} from '../support/watching.ts';

const slotsOf = (runs: readonly Run[]) => runs.map(({ slot }) => slot);

/** Ends it as a supervisor would. */
const terminate = async (watching: Watching): Promise<number | null> => {
  watching.process.kill('SIGTERM');
  return (await watching.finished).code;
};

const frontRequests = ({ target }: Scene): number => target.requests.filter(({ path }) => path === '/front').length;

describe('plimsoll watch', () => {
  it('runs by the schedule, tells a breach and the recovery to a signed webhook, and ends with exit 0 on SIGTERM', async () => {
    const scene = await setScene();
    scene.desk.write('plimsoll.json', configOf(scene));
    const watching = startWatching(scene);
    await until(() => frontRequests(scene) >= 2);
    scene.answers.service = 503;
    await until(() => scene.hooks.length >= 1);
    await until(() => watching.said().includes('answered 204'));
    scene.answers.service = 200;
    await until(() => scene.hooks.length >= 2);
    const atRecovery = frontRequests(scene);
    await until(() => frontRequests(scene) > atRecovery);
    expect(await terminate(watching)).toBe(0);

    const [breach, recovery, ...rest] = scene.hooks;
    expect(rest).toEqual([]);
    expect(breach?.event).toMatchObject({
      schema: 1,
      kind: 'breached',
      service: 'shop',
      probe: 'front',
      verdict: 'fail',
      suspect: 'application – the service, or a gateway before it: it answered 503',
      runbook: 'https://runbooks.example/front',
    });
    expect(breach?.event.text).toContain('evidence  get: status equals 200 failed: got 503');
    expect(recovery?.event).toMatchObject({
      kind: 'recovered',
      dedupKey: breach?.event.dedupKey,
      since: breach?.event.slot,
    });
    for (const hook of scene.hooks) {
      expect(hook.headers['idempotency-key']).toBe(hook.event.id);
      expect([
        isSigned(hook, hookSecret),
        isSigned(hook, 'another'),
        isSigned({ ...hook, body: `${hook.body} ` }, hookSecret),
      ]).toEqual([true, false, false]);
    }
    expect(new Set(scene.hooks.map(({ event }) => event.id)).size).toBe(2);
    expect(watching.said()).toMatch(
      /^watching shop \(dev\): 1 probe, 4 at a time\n {2}front {2}every 1s, next 20.* UTC\n/,
    );
    expect(watching.said()).toMatch(/✓ pass +front .*\n/);
    expect(watching.said()).toMatch(
      /▲ breached +front {2}was ok\n {4}BREACHED shop\/front \(dev\): get: status equals 200/,
    );
    expect(watching.said()).not.toContain(hookSecret);

    const store = await openDeskStore(scene);
    const runs = await store.list({ order: 'oldest' });
    expect(new Set(slotsOf(runs)).size).toBe(runs.length);
    const [first = 0, last = 0] = [runs[0], runs.at(-1)].map((run) => Date.parse(run?.slot ?? ''));
    // A machine that stands still for seconds has slots missed, and says so.
    expect(runs.reduce((sum, run) => sum + (run.missed?.slots ?? 1), 0)).toBe((last - first) / 1000 + 1);
    for (const { lateMs } of runs.filter(({ status }) => status === 'done')) expect(lateMs).toBeGreaterThanOrEqual(0);
    expect([await store.pendingEvents(), (await store.state('front'))?.state]).toEqual([[], 'ok']);
  });

  it('sends an event again, with the same id and body, until the receiver takes it', async () => {
    const scene = await setScene();
    scene.answers.service = 500;
    scene.answers.hook = 503;
    scene.desk.write('plimsoll.json', configOf(scene));
    const watching = startWatching(scene);
    await until(() => scene.hooks.length >= 2);
    scene.answers.hook = 200;
    await untilSaid(watching, 'sent to notify.page: answered 200');
    const sent = scene.hooks.length;
    await until(() => frontRequests(scene) >= sent + 2);
    expect(await terminate(watching)).toBe(0);
    expect(scene.hooks).toHaveLength(sent);
    expect(new Set(scene.hooks.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(scene.hooks.map(({ body }) => body)).size).toBe(1);
    for (const hook of scene.hooks) expect(isSigned(hook, hookSecret)).toBe(true);
  });

  it('goes on after kill -9: no slot twice, what was missed in one record, the pending event once more with its id', async () => {
    const scene = await setScene();
    scene.answers.service = 500;
    scene.answers.hook = 503;
    scene.desk.write('plimsoll.json', configOf(scene));
    const killed = startWatching(scene);
    await until(() => scene.hooks.length >= 1 && frontRequests(scene) >= 3);
    killed.process.kill('SIGKILL');
    await killed.finished;
    await wait(2500);
    // What it had sent has arrived by now.
    const before = scene.hooks.length;
    scene.answers.hook = 204;

    const again = startWatching(scene);
    await untilSaid(again, 'sent to notify.page: answered 204');
    const runsThen = frontRequests(scene);
    await until(() => frontRequests(scene) > runsThen + 1);
    expect(await terminate(again)).toBe(0);
    expect(scene.hooks).toHaveLength(before + 1);
    expect(new Set(scene.hooks.map(({ event }) => event.id)).size).toBe(1);

    const store = await openDeskStore(scene);
    const runs = await store.list({ order: 'oldest' });
    const missed = runs.filter(({ reasons }) => reasons[0]?.endsWith('the watch was not running'));
    expect(missed.map(({ reasons }) => reasons)).toEqual([
      [expect.stringMatching(/^(?:1 slot was|\d+ slots were) missed: the watch was not running$/)],
    ]);
    expect(new Set(slotsOf(runs)).size).toBe(runs.length);
    const slots = runs.reduce((sum, run) => sum + (run.missed?.slots ?? 1), 0);
    const [first = 0, last = 0] = [runs[0], runs.at(-1)].map((run) => Date.parse(run?.slot ?? ''));
    expect(slots).toBe((last - first) / 1000 + 1);
    expect(await store.pendingEvents()).toEqual([]);
  });

  it('reads a changed config, and says what is wrong with a broken one while the old goes on', async () => {
    const scene = await setScene();
    scene.desk.write('plimsoll.json', configOf(scene));
    const watching = startWatching(scene);
    await until(() => frontRequests(scene) >= 1);
    scene.desk.write('plimsoll.json', '{ "service": "shop", ');
    await untilSaid(watching, 'the config from before goes on');
    expect(watching.said()).toMatch(/plimsoll: config .*plimsoll\.json is not JSON at line 1/);
    const atBroken = frontRequests(scene);
    await until(() => frontRequests(scene) > atBroken);

    const config = configOf(scene);
    const added = { ...config.probes[0], id: 'back', steps: [{ request: { url: `${scene.target.url}/back` } }] };
    scene.desk.write('plimsoll.json', { ...config, probes: [...config.probes, added] });
    await until(() => scene.target.requests.some(({ path }) => path === '/back'));
    expect(watching.said()).toContain('the config was read again: 2 probes\n');
    scene.desk.write('plimsoll.json', { ...config, probes: [added] });
    await untilSaid(watching, 'the config was read again: 1 probe\n');
    const [front, back] = ['/front', '/back'].map(
      (path) => () => scene.target.requests.filter((one) => one.path === path).length,
    );
    /** Whole runs that begin from now on: one that was under way is over then. */
    const twoMore = async () => {
      const then = back?.() ?? 0;
      await until(() => (back?.() ?? 0) >= then + 2);
    };
    await twoMore();
    const frontThen = front?.();
    await twoMore();
    expect(front?.()).toBe(frontThen);
    expect(await terminate(watching)).toBe(0);
    const store = await openDeskStore(scene);
    expect((await store.list()).filter(({ reasons }) => reasons[0]?.endsWith('the watch was not running'))).toEqual([]);
  });

  it('is refused beside another on one store, while a run beside it is not', async () => {
    const scene = await setScene();
    scene.desk.write('plimsoll.json', configOf(scene));
    const watching = startWatching(scene);
    await until(() => frontRequests(scene) >= 1);
    const second = await startWatching(scene).finished;
    expect([second.code, second.stdout, second.stderr]).toEqual([
      2,
      '',
      'plimsoll: another plimsoll watch runs on .plimsoll: stop it, or choose another --data folder\n',
    ]);
    const beside = await scene.desk.run(['run', '-c', 'plimsoll.json', '--json'], { HOOK_SECRET: hookSecret });
    expect(beside.code).toBe(0);
    expect(await terminate(watching)).toBe(0);
    const store = await openDeskStore(scene);
    expect(await store.list({ trigger: 'demand' })).toHaveLength(1);
  });

  it.for<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ])('on %s cuts a run that hangs after a short grace, with its cleanup, and exits %i', async ([signal, code]) => {
    const scene = await setScene();
    const hangs = {
      schedule: { every: '1h' },
      timeout: '5m',
      steps: [{ name: 'hang', request: { url: `${scene.target.url}/hang` } }],
      cleanup: [{ name: 'remove', request: { method: 'DELETE', url: `${scene.target.url}/thing` } }],
    };
    scene.desk.write('plimsoll.json', configOf(scene, hangs));
    const watching = startWatching(scene, '--now');
    await until(() => scene.target.requests.some(({ path }) => path === '/hang'));
    watching.process.kill(signal);
    expect((await watching.finished).code).toBe(code);
    expect(scene.target.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/thing' });
    const store = await openDeskStore(scene);
    expect(await store.list()).toEqual([]);
  });

  it('runs once first with --now, and moves no alarm by it', async () => {
    const scene = await setScene();
    scene.answers.service = 500;
    scene.desk.write('plimsoll.json', configOf(scene, { schedule: { cron: '0 13 1 1 *', timezone: 'Europe/Berlin' } }));
    const watching = startWatching(scene, '--now');
    await untilSaid(watching, '✗ fail');
    expect(watching.said()).toMatch(/ {2}front {2}cron 0 13 1 1 \* Europe\/Berlin, next \d{4}-01-01 12:00:00 UTC\n/);
    expect(await terminate(watching)).toBe(0);
    const store = await openDeskStore(scene);
    expect([(await store.list()).map(({ trigger }) => trigger), await store.states(), scene.hooks]).toEqual([
      ['demand'],
      [],
      [],
    ]);
  });

  it.for<[string, (scene: Scene) => object, string]>([
    [
      'no probe with a schedule',
      (scene) => configOf(scene, { schedule: undefined }),
      'no probe has a schedule to watch: give one a schedule, or use plimsoll run',
    ],
    [
      'a webhook whose variable is not set',
      (scene) => configOf(scene, {}, { variables: { hookSecret: { from: ['env:NOT_SET'], secret: true } } }),
      'notify.page: the webhook cannot be used: {{hookSecret}} has no value',
    ],
    [
      'a PagerDuty whose key is none, without saying the key',
      (scene) => configOf(scene, {}, { notify: { page: [{ pagerduty: { routingKey: 'short' } }] } }),
      'notify.page: PagerDuty cannot be used: its routingKey has 5 characters and not 32',
    ],
  ])('refuses %s in a sentence, with exit 2 and nothing written', async ([, make, sentence]) => {
    const scene = await setScene();
    scene.desk.write('plimsoll.json', make(scene));
    const { code, stdout, stderr } = await startWatching(scene).finished;
    expect([code, stdout, stderr]).toEqual([2, '', `plimsoll: ${sentence}\n`]);
    expect(scene.desk.list()).toEqual(['plimsoll.json']);
  });

  it('serves its dashboard on loopback, and a port that is taken ends it before anything runs', async () => {
    const scene = await setScene();
    scene.desk.write('plimsoll.json', configOf(scene));
    const watching = startWatching(scene, '--port', '0');
    await untilSaid(watching, '✓ pass');
    const url = /^dashboard (http:\/\/127\.0\.0\.1:\d+)$/m.exec(watching.said())?.[1] ?? '';
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const state = await (await fetch(`${url}/api/state`)).text();
    expect(state).toContain('"front"');
    expect(state).not.toContain(hookSecret);
    const taken = await startWatching(scene, '--data', 'other', '--port', new URL(url).port).finished;
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringMatching(/^plimsoll: .*port/)]);
    expect(await terminate(watching)).toBe(0);
  });

  it('says once which channels a laptop leaves to the cloud', async () => {
    const scene = await setScene();
    const pagerduty = { routingKey: '{{pagerdutyKey}}' };
    const variables = { pagerdutyKey: { from: ['env:PD_KEY', 'ssm:/notes/pagerduty'], secret: true } };
    const notify = {
      page: [{ pagerduty }, { sns: { topicArn: 'arn:aws:sns:eu-west-1:123456789012:pages' } }],
      ticket: [
        { sns: { topicArn: 'arn:aws:sns:eu-west-1:123456789012:tickets' } },
        { email: { to: 'on@call.example' } },
      ],
    };
    scene.desk.write('plimsoll.json', configOf(scene, {}, { notify, variables }));
    const watching = startWatching(scene);
    await untilSaid(watching, 'every 1s');
    expect(await terminate(watching)).toBe(0);
    expect((await watching.finished).stderr.split('\n')).toEqual([
      'plimsoll: not sent from a laptop: sns, email',
      'plimsoll: notify.page: PagerDuty is left out: {{pagerdutyKey}} has no value; ssm:/notes/pagerduty cannot be read here',
      'plimsoll: stopping',
      '',
    ]);
  });
});
