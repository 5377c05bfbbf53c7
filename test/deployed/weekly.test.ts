import { afterAll, beforeAll, expect, it } from 'vitest';
import { cadenceKey } from '../../lib/dispatch/cadence.ts';
import { type Deployed, deployApp, eventually, given } from '../support/deployed.ts';
import { startWatchedTarget, type WatchedTarget } from '../support/deployed-target.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { type PagerDuty, startPagerDuty } from '../support/pagerduty.ts';

const routingKey = 'w33klykey0'.repeat(4).slice(0, 32);
const weekMs = 7 * 86_400_000;
/** Tuesdays at 13:00 UTC. */
const firstSlotMs = Date.UTC(2031, 0, 7, 13);
const cron = '0 13 * * 2';

const slot = (week: number, laterMs = 0): string => new Date(firstSlotMs + (week - 1) * weekMs + laterMs).toISOString();

const configOf = (target: WatchedTarget, pagerDuty: PagerDuty) => ({
  service: 'lighthouse',
  variables: { key: { from: ['ssm:/lighthouse/key'], secret: true, required: true } },
  probes: [
    {
      id: 'core-flow',
      kind: 'http',
      schedule: { cron, timezone: 'UTC' },
      severity: 'page',
      samples: 3,
      // Nobody waits a minute for a test.
      alarm: { confirmAfter: '2s' },
      timeout: '1s',
      steps: [{ name: 'get', request: { url: `${target.url}/core` }, expect: { status: 200 } }],
    },
  ],
  notify: { page: [{ pagerduty: { routingKey: '{{key}}', url: pagerDuty.url } }] },
  network: { allow: ['127.0.0.0/8'] },
});

describeWithEmulator('three weekly slots, through the deployed dispatcher', () => {
  let target: WatchedTarget;
  let pagerDuty: PagerDuty;
  let app: Deployed;

  beforeAll(async () => {
    [target, pagerDuty] = await Promise.all([startWatchedTarget(), startPagerDuty()]);
    app = await deployApp(configOf(target, pagerDuty), { '/lighthouse/key': routingKey });
  }, 240_000);

  afterAll(async () => {
    await app?.stop();
    await Promise.all([target?.close(), pagerDuty?.close()]);
  });

  const run = async (week: number) => {
    const { runs } = await app.dispatch({
      kind: 'cadence',
      cadence: cadenceKey({ kind: 'cron', expression: cron, timezone: 'UTC' }),
      scheduledTime: slot(week),
      at: slot(week),
    });
    expect(runs).toMatchObject([{ probe: 'core-flow', slot: slot(week) }]);
    return (await eventually(`week ${week}`, () => app.store.get(runs[0]?.runId ?? ''))).run;
  };
  const tick = (week: number, laterMs: number) =>
    app.judge({ kind: 'tick', scheduledTime: slot(week, laterMs), at: slot(week, laterMs) });

  it('week 1 is good, and nobody is told', async () => {
    expect(await run(1)).toMatchObject({ verdict: 'pass' });
    await tick(1, 300_000);
    expect(pagerDuty.bodies).toEqual([]);
    expect((await app.store.state('core-flow'))?.state).toBe('ok');
  });

  it('week 2 breaches, is confirmed by an extra run, and pages once', async () => {
    target.break('/core', 503);
    expect(await run(2)).toMatchObject({ verdict: 'fail' });
    await eventually('the extra run', async () =>
      given((await app.store.list({ probe: 'core-flow', trigger: 'confirm' })).length === 1),
    );
    await eventually('an incident', async () => given(pagerDuty.incidents.length > 0));
    expect(pagerDuty.incidents).toMatchObject([{ status: 'open', triggers: [{ severity: 'critical' }] }]);
  }, 300_000);

  it('stays latched through the ticks of the week, and pages nobody again', async () => {
    for (const laterMs of [300_000, 86_400_000, 6 * 86_400_000]) {
      await tick(2, laterMs);
      await eventually('ALARM', async () => given((await app.alarmState('breached-page')) === 'ALARM'));
    }
    expect((await app.store.state('core-flow'))?.state).toBe('breached');
    expect(pagerDuty.bodies).toHaveLength(1);
  }, 300_000);

  it('week 3 clears: the incident is resolved, and the alarm is back', async () => {
    target.mend('/core');
    expect(await run(3)).toMatchObject({ verdict: 'pass' });
    await eventually('its end', async () => given(pagerDuty.incidents[0]?.status === 'resolved'));
    // Its minute is over once the next one has a point.
    await eventually('OK', async () => {
      await tick(3, 300_000);
      return given((await app.alarmState('breached-page')) === 'OK');
    });
    expect(pagerDuty.incidents).toHaveLength(1);
    expect((await app.store.state('core-flow'))?.state).toBe('ok');
  }, 300_000);
});
