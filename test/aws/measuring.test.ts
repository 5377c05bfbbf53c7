import { describe, expect, it } from 'vitest';
import { measuringOf } from '../../lib/aws/work/measuring.ts';
import { measureOnce } from '../../lib/monitor.ts';
import { cloudPlan, messageOf } from '../support/cloud-ground.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { occasion } from '../support/probing.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

const planWith = (url: string, probe: object = {}) =>
  cloudPlan({
    variables: { token: { from: ['ssm:/notes/token'], secret: true, required: true } },
    probes: [
      {
        id: 'read',
        kind: 'http',
        samples: 1,
        steps: [{ request: { url, headers: { authorization: 'Bearer {{token}}' } }, expect: { status: 200 } }],
        ...probe,
      },
    ],
  });

const runWith = async (plan: ReturnType<typeof planWith>, ssm: () => string | undefined) => {
  const [probe] = plan.probes;
  if (!probe) throw new Error('no probe');
  const { service } = messageOf(plan);
  const measuring = await measuringOf(service, { ssm, secretsmanager: () => undefined }, clock, 1);
  return measureOnce(probe, occasion, measuring, new AbortController().signal);
};

describe('what a run in the cloud is measured with', () => {
  it('has the secrets, and takes them out of all that it keeps', async () => {
    const target = await startHttpTarget((request, response) => response.end(request.headers.authorization));
    const stored = await runWith(planWith(target.url), () => 's3cret-t0ken');
    expect(target.requests.at(-1)?.headers.authorization).toBe('Bearer s3cret-t0ken');
    expect(stored.run.verdict).toBe('pass');
    expect(JSON.stringify(stored)).not.toContain('s3cret-t0ken');
    await target.close();
  });

  it('sends nothing without a variable that is required: the run is inconclusive, and says which', async () => {
    const target = await startHttpTarget((_, response) => response.end());
    const { run } = await runWith(planWith(target.url), () => undefined);
    expect(run).toMatchObject({ status: 'done', verdict: 'inconclusive', attribution: { at: 'prober' } });
    expect(run.reasons.join(' ')).toContain('required and not set: token (ssm:/notes/token)');
    expect(target.requests).toEqual([]);
    await target.close();
  });

  it('is not silenced by a missing variable that switches the probe on, either', async () => {
    const { run } = await runWith(planWith('http://127.0.0.1:1/', { enabled: '{{token}}' }), () => undefined);
    expect(run).toMatchObject({ status: 'done', verdict: 'inconclusive' });
  });

  it('says which source is broken, and nothing of what it holds', async () => {
    const { run } = await runWith(planWith('http://127.0.0.1:1/'), () => {
      throw new Error('AWS answered AccessDeniedException');
    });
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons.join(' ')).toContain(
      'variable token could not be read from ssm:/notes/token: AWS answered AccessDeniedException',
    );
  });

  it('leaves loopback closed unless the plan opens it', async () => {
    const target = await startHttpTarget((_, response) => response.end());
    const plan = planWith(target.url);
    const closed = { ...plan, network: { allow: [] } };
    expect((await runWith(closed, () => 'token')).run.verdict).not.toBe('pass');
    expect(target.requests).toEqual([]);
    await target.close();
  });
});
