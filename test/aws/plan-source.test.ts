import { expect, it } from 'vitest';
import { openPlanSource } from '../../lib/aws/plan-source.ts';
import { environmentNames } from '../../lib/names.ts';
import { type CloudGround, cloudPlan, makeCloudGround, without } from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { shared } from '../support/fresh.ts';

const planNamed = (id: string) =>
  cloudPlan({ probes: [{ id, kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] }] });

describeWithEmulator('the deployed plan', () => {
  const emulator = sharedEmulator();
  const ground = shared(() => makeCloudGround(emulator()));

  const open = () => {
    let ms = 0;
    // Frozen between its calls, as a Lambda is.
    const clock = { now: () => ms, monotonic: () => 0 };
    const parameter = ground().env[environmentNames.planParameter] ?? '';
    const pass = (byMs: number) => {
      ms += byMs;
    };
    const openWith = (clients: CloudGround['clients']) => openPlanSource({ ...clients, parameter, clock });
    return { plan: openWith(ground().clients), openWith, pass };
  };

  const idOf = async (plan: ReturnType<typeof open>['plan']) => (await plan()).plan.probes[0]?.id;

  it('is read from where the parameter says, and another one within a minute of its deploy', async () => {
    await ground().deploy(planNamed('first'));
    const { plan, pass } = open();
    expect(await idOf(plan)).toBe('first');
    await ground().deploy(planNamed('second'));
    pass(30_000);
    expect(await idOf(plan)).toBe('first');
    pass(31_000);
    expect(await idOf(plan)).toBe('second');
  });

  it('stays the one that is known while AWS does not say which it is, for a quarter of an hour', async () => {
    await ground().deploy(planNamed('known'));
    let broken = false;
    const { ssm: dead } = without(ground(), 'ssm').clients;
    const { openWith, pass } = open();
    const plan = openWith({ ...ground().clients, ssm: () => (broken ? dead() : ground().clients.ssm()) });
    expect(await idOf(plan)).toBe('known');
    await ground().deploy(planNamed('next'));
    broken = true;
    pass(61_000);
    expect(await idOf(plan)).toBe('known');
    broken = false;
    pass(11_000);
    expect(await idOf(plan)).toBe('next');
    broken = true;
    pass(901_000);
    await expect(plan()).rejects.toThrow('ECONNREFUSED');
    await expect(openWith({ ...ground().clients, ssm: dead })()).rejects.toThrow('ECONNREFUSED');
  });

  it('is refused in words when the parameter says nothing that can be read', async () => {
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const Name = '/plan/odd';
    await (await ground().clients.ssm()).send(new PutParameterCommand({ Name, Value: 'here', Type: 'String' }));
    const clock = { now: () => 0, monotonic: () => 0 };
    await expect(openPlanSource({ ...ground().clients, parameter: Name, clock })()).rejects.toThrow(
      'the parameter /plan/odd must be s3://bucket/key, which a deploy sets, and is "here"',
    );
  });
});
