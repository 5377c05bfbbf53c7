import { expect, it, onTestFinished } from 'vitest';
import { createDrillHandler } from '../../functions/drill.ts';
import { createRestartHandler } from '../../functions/restart.ts';
import { openCloudDrillStore } from '../../lib/aws/drill/store.ts';
import { openRestartHands } from '../../lib/aws/restart/clients.ts';
import { longLife, makeCloudGround } from '../support/cloud-ground.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { planOf } from '../support/probing.ts';

const call = (state: string, drill = 'drill-0') => ({
  ...{ state, drill, run: 'run-1', execution: 'arn:aws:states:eu-west-1:1:execution:drills:run-1' },
  request: { requester: 'ann', reason: 'a test', trigger: 'demand' },
});

describeWithEmulator('the functions of drills', () => {
  const emulator = sharedEmulator();
  const ground = fresh(() => makeCloudGround(emulator()));
  const deploy = async (restart: object = hook) => {
    await ground().deploy(planOf(cloudDrillConfig([restart])));
    const hands = openRestartHands(emulator().clientConfig);
    return { drill: createDrillHandler(ground(), hands), restart: createRestartHandler(ground(), hands) };
  };

  it('do not do the work of one another', async () => {
    const { drill, restart } = await deploy();
    await expect(drill(call('Restart'), longLife)).rejects.toThrow("Restart is not this function's");
    await expect(restart(call('SeedState'), longLife)).rejects.toThrow("SeedState is not this function's");
    const event = { source: 'aws.states', detail: { executionArn: 'x', status: 'ABORTED' } };
    await expect(restart(event, longLife)).rejects.toThrow('hears of no event');
    expect(await drill(event, longLife)).toEqual({ next: 'go' });
  });

  it('refuse a drill that is not deployed, and one of a process', async () => {
    const { drill } = await deploy();
    await expect(drill(call('ValidateRequest', 'other'), longLife)).rejects.toThrow('no such drill is deployed: other');
    const { drill: local } = await deploy({ kind: 'process', signal: 'SIGKILL' });
    await expect(local(call('ValidateRequest'), longLife)).rejects.toThrow('which a stack cannot do');
  });

  it('refuse at the gates where the platform shows nothing that may be restarted', async () => {
    const { drill } = await deploy({ kind: 'ec2', tag: 'service=notes' });
    expect(await drill(call('ValidateRequest'), longLife)).toEqual({ next: 'go' });
    expect(await drill(call('CheckGates'), longLife)).toEqual({ next: 'refuse' });
    expect(await drill(call('PublishReport'), longLife)).toEqual({ next: 'pass' });
    const events = await ground().takeEvents();
    expect(events).toMatchObject([{ drill: 'drill-0', run: 'run-1', verdict: 'REFUSED', good: true }]);
    expect(JSON.stringify(events)).toContain('no running instance has the tags service=notes and drill=allowed');
  });

  it('tell of a scheduled drill how often in a row it was refused, and how many drills fail', async () => {
    const schedule = { every: '7d' };
    const { drills, ...config } = cloudDrillConfig([{ kind: 'ec2', tag: 'service=notes' }]);
    await ground().deploy(planOf({ ...config, drills: drills.map((one) => ({ ...one, schedule })) }));
    const sent: object[] = [];
    const cloudwatch = await ground().clients.cloudwatch();
    cloudwatch.middlewareStack.add(
      (next) => (args) => {
        sent.push(args.input);
        return next(args);
      },
      { step: 'initialize', name: 'seen', override: true },
    );
    const drill = createDrillHandler(ground(), openRestartHands(emulator().clientConfig));
    for (const run of ['run-1', 'run-2', 'run-3']) {
      const start = (state: string) => ({
        ...call(state),
        ...{ run, execution: `arn:aws:states:eu-west-1:1:execution:drills:${run}` },
        request: { requester: 'schedule', reason: 'its schedule', trigger: 'schedule' },
      });
      for (const state of ['ValidateRequest', 'CheckGates', 'PublishReport']) await drill(start(state), longLife);
    }
    const events = (await ground().takeEvents()) as readonly object[];
    expect(events).toMatchObject([1, 2, 3].map((refusals) => ({ verdict: 'REFUSED', trigger: 'schedule', refusals })));
    const failing = sent.flatMap((input) =>
      (input as { MetricData: { MetricName: string; Value: number }[] }).MetricData.filter(
        ({ MetricName }) => MetricName === 'DrillsFailing',
      ).map(({ Value }) => Value),
    );
    expect(failing).toEqual([0, 0, 1]);
  });

  it('ask for no restart of a run that never came through its gates, whoever invokes them, and for one once', async () => {
    const target = await startHttpTarget((_, response) => void response.writeHead(202).end());
    onTestFinished(() => target.close());
    const config = cloudDrillConfig([{ kind: 'webhook', url: `${target.url}/restart` }], {
      network: { allow: ['127.0.0.0/8'] },
    });
    await ground().deploy(planOf(config));
    const restart = createRestartHandler(ground(), openRestartHands(emulator().clientConfig));
    const unarmed = { name: 'Drill.RestartRefused', message: expect.stringContaining('never armed') };
    await expect(restart(call('Restart'), longLife)).rejects.toMatchObject(unarmed);
    const { place, clients } = ground();
    const store = openCloudDrillStore({
      ...{ table: place.table, bucket: place.bucket, clock: ground().clock },
      ...{ dynamo: await clients.dynamo(), s3: clients.s3, keepMs: 86_400_000 },
    });
    await store.putOnce('run-1', 'intent', { at: 1 });
    expect(await restart(call('Restart'), longLife)).toEqual({ next: 'go' });
    expect(await restart(call('Restart'), longLife)).toEqual({ next: 'go' });
    expect(target.requests).toHaveLength(1);
  });
});
