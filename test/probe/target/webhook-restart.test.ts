import { afterEach, describe, expect, it } from 'vitest';
import type { DrillPlan } from '../../../lib/config/plan.ts';
import { signWebhook } from '../../../lib/page/webhook.ts';
import { createWebhookRestarter } from '../../../lib/probe/target/webhook-restart.ts';
import { never, notesTarget } from '../../support/drill-target.ts';
import { bodyOf, startHttpTarget, type Target } from '../../support/http-target.ts';
import { contextOf, planOf } from '../../support/probing.ts';

const drillOf = (restart: object): DrillPlan => {
  const probes = [{ id: 'any', kind: 'http', steps: [{ request: { url: 'https://a.example' } }] }];
  const drills = [{ id: 'monthly', target: 'notes', restart, rto: '30s', rpo: '0s' }];
  const variables = { hook: {}, key: {}, baseUrl: {}, wsUrl: {}, token: {} };
  const [drill] = planOf({ variables, probes, targets: { notes: { ...notesTarget, start: ['node'] } }, drills }).drills;
  if (!drill) throw new Error('no drill in the plan');
  return drill;
};

describe('a restart by webhook', () => {
  let server: Target | undefined;
  afterEach(() => server?.close());
  const bodies: string[] = [];

  const supervisor = async (status: number): Promise<Target> => {
    bodies.length = 0;
    server = await startHttpTarget(async (request, response) => {
      bodies.push(await bodyOf(request));
      response.writeHead(status).end();
    });
    return server;
  };

  const webhook = { kind: 'webhook', url: '{{hook}}/restart', headers: { 'X-From': 'drill' }, secret: '{{key}}' };
  const restart = (url: string, drill = drillOf(webhook)) =>
    createWebhookRestarter(contextOf({ hook: url, key: 'k-secret' }))({ drill, runId: 'run-7', signal: never });

  it('is asked for once, under the key of the run, and signed', async () => {
    const { url, requests } = await supervisor(202);
    const receipt = await restart(url);
    expect(receipt).toMatchObject({ adapter: 'webhook', platformIds: [], details: { answer: 'answered 202' } });
    expect(receipt.acceptedAt).toBeLessThanOrEqual(Date.now());
    const [body = ''] = bodies;
    expect(JSON.parse(body)).toEqual({ kind: 'restart', drill: 'monthly', target: 'notes', run: 'run-7' });
    expect(requests).toHaveLength(1);
    const headers = requests[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'x-from': 'drill', 'idempotency-key': 'run-7' });
    const signature = String(headers['x-plimsoll-signature']);
    const [, seconds] = /^t=(\d+),/.exec(signature) ?? [];
    expect(signature).toBe(signWebhook(body, 'k-secret', Number(seconds)));
  });

  it.each([409, 500, 503, 302])('that is answered with %i is refused, and not asked for again', async (status) => {
    const { url, requests } = await supervisor(status);
    await expect(restart(url)).rejects.toMatchObject({
      name: 'Drill.RestartRefused',
      message: `the webhook did not accept the restart: answered ${status}`,
    });
    expect(requests).toHaveLength(1);
  });

  it('that nobody hears is refused', async () => {
    const { url } = await supervisor(202);
    await server?.close();
    await expect(restart(url)).rejects.toMatchObject({ name: 'Drill.RestartRefused' });
  });

  it('of another kind, or with a variable that is not set, is refused before anything is sent', async () => {
    const { url, requests } = await supervisor(202);
    await expect(restart(url, drillOf({ kind: 'process' }))).rejects.toMatchObject({ name: 'Drill.RestartRefused' });
    const asked = createWebhookRestarter(contextOf({ hook: url }))({
      drill: drillOf(webhook),
      runId: 'r',
      signal: never,
    });
    await expect(asked).rejects.toMatchObject({ name: 'Drill.RestartRefused', message: '{{key}} has no value' });
    expect(requests).toHaveLength(0);
  });
});
