import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPlanSource } from '../../lib/aws/plan-source.ts';
import { environmentNames } from '../../lib/names.ts';
import { type CloudGround, cloudPlan, makeCloudGround } from '../support/cloud-ground.ts';
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';

const planNamed = (id: string) =>
  cloudPlan({ probes: [{ id, kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] }] });

describeWithEmulator('the deployed plan', () => {
  let emulator: Emulator;
  let ground: CloudGround;
  beforeAll(async () => {
    emulator = await startEmulator();
    ground = await makeCloudGround(emulator);
  });
  afterAll(async () => {
    ground?.close();
    await emulator?.stop();
  });

  const open = () => {
    let ms = 0;
    const clock = { now: () => ms, monotonic: () => ms };
    const parameter = ground.env[environmentNames.planParameter] ?? '';
    const pass = (byMs: number) => {
      ms += byMs;
    };
    return { plan: openPlanSource({ ...ground.clients, parameter, clock }), pass };
  };

  const idOf = async (plan: ReturnType<typeof open>['plan']) => (await plan()).plan.probes[0]?.id;

  it('is read from where the parameter says, and another one within a minute of its deploy', async () => {
    await ground.deploy(planNamed('first'));
    const { plan, pass } = open();
    expect(await idOf(plan)).toBe('first');
    await ground.deploy(planNamed('second'));
    pass(30_000);
    expect(await idOf(plan)).toBe('first');
    pass(31_000);
    expect(await idOf(plan)).toBe('second');
  });

  it('is refused in words when the parameter says nothing that can be read', async () => {
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const Name = '/plan/odd';
    await (await ground.clients.ssm()).send(new PutParameterCommand({ Name, Value: 'here', Type: 'String' }));
    const clock = { now: () => 0, monotonic: () => 0 };
    await expect(openPlanSource({ ...ground.clients, parameter: Name, clock })()).rejects.toThrow(
      'the parameter /plan/odd must be s3://bucket/key, which a deploy sets, and is "here"',
    );
  });
});
