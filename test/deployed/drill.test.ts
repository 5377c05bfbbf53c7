import { readFileSync } from 'node:fs';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrillHandler } from '../../functions/drill.ts';
import { createRestartHandler } from '../../functions/restart.ts';
import { openClients } from '../../lib/aws/clients.ts';
import { lambdaGround } from '../../lib/aws/deps.ts';
import { type CloudDrillStore, openCloudDrillStore } from '../../lib/aws/drill/store.ts';
import { openTable } from '../../lib/aws/dynamodb/table.ts';
import { openToldAlarms, type ToldAlarms } from '../../lib/aws/pages/told-alarms.ts';
import { openRestartHands } from '../../lib/aws/restart/clients.ts';
import { drillInput } from '../../lib/drill/input.ts';
import type { Request } from '../../lib/drill/record.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import type { DrillState } from '../../lib/drill/states.ts';
import { runMachine } from '../../lib/local/drill/machine.ts';
import { drillOutputNames, environmentNames } from '../../lib/names.ts';
import { makeAwsClients } from '../support/aws-store.ts';
import { type Later, openDesk, until } from '../support/cli.ts';
import { type Deployed, deployApp, eventually, given } from '../support/deployed.ts';
import { notesLedger } from '../support/drill/notes-ledger.ts';
import { type Supervisor, type SupervisorOptions, startSupervisor } from '../support/drill/supervisor.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { drain } from '../support/queues.ts';

const patient = { timeout: 240_000 };

/** Each with a server and a supervisor of its own, so that drills of all may go on at once. */
const supervised: Readonly<Record<string, SupervisorOptions>> = {
  asked: {},
  twice: {},
  stopped: {},
  sound: {},
  lossy: { faults: ['--fault', 'lose-acked-writes=9'] },
  stale: { faults: ['--fault', 'accept-stale-ack'] },
  gap: { faults: ['--fault', 'replay-gap'] },
  dead: { faults: ['--no-such-option'] },
  refused: { answer: 'refuse' },
  ignored: { answer: 'ignore' },
};

const targetOf = ({ url }: Supervisor) => ({
  ready: `${url}/health`,
  identity: { url: `${url}/identity`, boot: '$.bootId', startedAt: '$.startedAt', epoch: '$.epoch' },
  ledger: JSON.parse(
    JSON.stringify(notesLedger)
      .replaceAll('{{baseUrl}}', url)
      .replaceAll('{{wsUrl}}', `${url.replace('http', 'ws')}/ws`),
  ) as object,
});

/** What never comes back is waited for to the end: there is nothing to see in more of it. */
const waits = (id: string) =>
  id === 'dead' || id === 'ignored' ? { rto: '2s', maxOutage: '4s' } : { rto: '15s', maxOutage: '20s' };

const drillOf = (id: string, { restartUrl }: Supervisor) => ({
  id,
  target: id,
  restart: { kind: 'webhook', url: restartUrl },
  rpo: '0s',
  seeds: 5,
  every: '100ms',
  ...waits(id),
  // It comes too seldom to come here; its alarm is there all the same.
  ...(id === 'lossy' ? { schedule: { cron: '0 0 29 2 *' }, runbook: 'https://wiki.example/drills' } : {}),
});

describeWithEmulator('a drill of the stack', () => {
  let app: Deployed;
  let tickets: () => Promise<readonly { readonly Subject: string; readonly Message: string }[]>;
  let supervisors: ReadonlyMap<string, Supervisor>;
  let store: CloudDrillStore;
  let toldAlarms: ToldAlarms;
  let sfn: SFNClient;
  let machine: string;
  let config: { readonly service: string };

  beforeAll(async () => {
    const started = Object.entries(supervised).map(
      async ([id, options]) => [id, await startSupervisor(options)] as const,
    );
    supervisors = new Map(await Promise.all(started));
    config = {
      service: 'harbour',
      ...{
        variables: { token: { from: ['ssm:/harbour/token'], secret: true, required: true } },
        probes: [{ id: 'api', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:9/' } }] }],
        targets: Object.fromEntries([...supervisors].map(([id, one]) => [id, targetOf(one)])),
        drills: [...supervisors].map(([id, one]) => drillOf(id, one)),
        network: { allow: ['127.0.0.0/8'] },
      },
    };
    app = await deployApp(config, { '/harbour/token': 'probe-token' });
    tickets = await hear(app.outputs.ticketTopicArn);
    const clients = makeAwsClients(app.emulator);
    const { table, bucket } = app.outputs;
    const clock = { now: () => Date.now() };
    store = openCloudDrillStore({ ...clients, s3: async () => clients.s3, table, bucket, clock, keepMs: 86_400_000 });
    toldAlarms = openToldAlarms(openTable({ dynamo: clients.dynamo, table }), clock.now);
    sfn = new SFNClient(app.emulator.clientConfig);
    machine = app.allOutputs[drillOutputNames.drillMachineArn] ?? '';
  }, 240_000);

  afterAll(async () => {
    await Promise.all([...(supervisors?.values() ?? [])].map((one) => one.close()));
    await app?.stop();
  });

  /** What a topic says from now on. */
  const hear = async (TopicArn: string): Promise<typeof tickets> => {
    const { clientConfig } = app.emulator;
    const [sns, sqs] = [new SNSClient(clientConfig), new SQSClient(clientConfig)];
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'tickets' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
    return async () => (await drain(sqs, QueueUrl)).map((body) => JSON.parse(body));
  };

  const start = async (drillId: string, runId: string, more: Partial<Request> = {}): Promise<string> => {
    const request: Request = {
      ...{ drillId, runId, requester: 'ann', reason: 'a test', dryRun: false, trigger: 'demand' },
      ...more,
    };
    const command = { stateMachineArn: machine, name: runId, input: JSON.stringify(drillInput(request)) };
    return (await sfn.send(new StartExecutionCommand(command))).executionArn ?? '';
  };
  const ended = (executionArn: string): Promise<string> =>
    eventually('the end of an execution', async () => {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? undefined : status;
    });
  const reportOf = (drill: string, runId: string): Promise<DrillReport> =>
    eventually(`the report of ${runId}`, async () => (await store.reports(drill, 20)).find(({ run }) => run === runId));

  /** The same handlers over the same table, driven by the machine of a laptop. */
  const runHere = async (drillId: string, runId: string): Promise<void> => {
    const request: Request = {
      ...{ drillId, runId, requester: 'ann', reason: 'a test', dryRun: false, trigger: 'demand' },
    };
    const { clientConfig, region } = app.emulator;
    const ground = {
      ...lambdaGround(),
      clients: openClients(clientConfig),
      log: () => undefined,
      env: {
        AWS_REGION: region,
        [environmentNames.environment]: 'dev',
        [environmentNames.table]: app.outputs.table,
        [environmentNames.bucket]: app.outputs.bucket,
        [environmentNames.planParameter]: app.outputs.planParameter,
      },
    };
    const hands = openRestartHands(clientConfig);
    const [drill, restart] = [createDrillHandler(ground, hands), createRestartHandler(ground, hands)];
    const life = { getRemainingTimeInMillis: () => 600_000 };
    const execution = `arn:aws:states:${region}:000000000000:execution:here:${runId}`;
    const handle = (state: DrillState) =>
      (state === 'Restart' ? restart : drill)({ ...drillInput(request), state, execution }, life);
    await runMachine({ request, execution, handle });
  };

  /** States in order, each as often as it was entered anew. */
  const trailOf = ({ trail }: DrillReport): readonly string[] =>
    trail.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1]);

  const plimsoll = (later: Later, args: readonly string[]) => {
    const desk = openDesk(later);
    desk.write('plimsoll.json', config);
    const command = ['drill', ...args, '-c', 'plimsoll.json', '--aws'];
    return { desk, running: desk.start(command, { ...app.emulator.env }) };
  };

  describe.concurrent('side by side with others', () => {
    // Five at a time: those that take longest first.
    it.for([
      ['lossy', 'FAIL_LOST', 'FAILED'],
      ['sound', 'PASS', 'SUCCEEDED'],
      ['stale', 'FAIL_INTEGRITY', 'FAILED'],
      ['gap', 'FAIL_INTEGRITY', 'FAILED'],
      ['dead', 'FAIL_NO_RECOVERY', 'FAILED'],
      ['refused', 'INVALID_NO_RESTART', 'FAILED'],
      ['ignored', 'INVALID_NO_RESTART', 'FAILED'],
    ] as const)(
      '%s ends as %s, gives its lock back, and takes the same way on a laptop',
      patient,
      async ([drill, verdict, status]) => {
        const trigger = drill === 'lossy' ? 'schedule' : 'demand';
        expect(await ended(await start(drill, `${drill}-cloud`, { trigger }))).toBe(status);
        const there = await reportOf(drill, `${drill}-cloud`);
        await supervisors.get(drill)?.mend();
        await runHere(drill, `${drill}-here`);
        const here = await reportOf(drill, `${drill}-here`);
        expect([there, here].map((report) => report.verdict)).toEqual([verdict, verdict]);
        expect(trailOf(there)).toEqual(trailOf(here));
        expect(trailOf(there).slice(-4)).toEqual(['Cleanup', 'ConfirmSteadyState', 'ReleaseLock', 'PublishReport']);
        // Nothing can be removed from a server that is gone, and the report says what is left.
        expect([there.leftovers.length > 0, here.previous]).toEqual([drill === 'dead', there.hash]);
        const acquired = await store.acquire(drill, 'somebody', 60_000);
        expect(acquired).toEqual({ fence: (here.fence ?? 0) + 1 });
        await store.release(drill, 'somebody', (here.fence ?? 0) + 1);
      },
    );

    it('is started, followed, shown again and ended from a command line', patient, async ({ onTestFinished }) => {
      const asked = ['asked', '--json', '--html', 'drill.html', '--reason', 'before the release', '--by', 'ann'];
      const { desk, running } = plimsoll(onTestFinished, asked);
      const { code, stdout, stderr } = await running.finished;
      const report = JSON.parse(stdout === '' ? '{}' : stdout) as DrillReport;
      expect([stderr, report.verdict, report.reasons, code]).toEqual([
        expect.stringContaining('Restart'),
        'PASS',
        [],
        0,
      ]);
      expect(report).toMatchObject({ requester: 'ann', reason: 'before the release', leftovers: [], fence: 1 });
      expect(report.receipt).toMatchObject({ adapter: 'webhook' });
      expect(report.measured.outage.kind).toBe('seen');
      expect(supervisors.get('asked')?.asked).toMatchObject([{ run: report.run }]);
      expect(readFileSync(desk.path('drill.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*PASS/i);

      const dry = await plimsoll(onTestFinished, ['asked', '--dry-run']).running.finished;
      expect([dry.code, dry.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining('DRY_RUN')]);
      expect(dry.stdout).toContain('it would have asked: POST http://127.0.0.1');
      expect(supervisors.get('asked')?.asked).toHaveLength(1);

      const { running: cut } = plimsoll(onTestFinished, ['asked', '--json']);
      let told = '';
      cut.process.stderr?.on('data', (text) => (told += text));
      await until(() => told.includes('CaptureBaseline'));
      cut.process.kill('SIGINT');
      const aborted = await cut.finished;
      const abortedReport = JSON.parse(aborted.stdout) as DrillReport;
      expect([aborted.code, abortedReport.verdict, abortedReport.reasons, abortedReport.leftovers]).toEqual([
        130,
        'ABORTED',
        ['it was ended by hand (SIGINT)'],
        [],
      ]);
      expect(aborted.stderr).toContain('the drill is asked to end, and tidies up where it runs');
      expect(trailOf(abortedReport).slice(-2)).toEqual(['ReleaseLock', 'PublishReport']);
      expect(supervisors.get('asked')?.asked).toHaveLength(1);

      const show = async (...args: readonly string[]) =>
        plimsoll(onTestFinished, ['asked', '--json', '--report', ...args]).running.finished;
      expect([(await show()).stdout, (await show(report.run)).stdout]).toEqual([aborted.stdout, stdout]);
      expect(await show('nothing')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('the drill asked has no report of a run nothing in the stack plimsoll-harbour'),
      });
    });

    it('runs once at a time: another that is asked for meanwhile is refused', patient, async () => {
      const executions = await Promise.all(['two-a', 'two-b'].map((run) => start('twice', run)));
      expect(await Promise.all(executions.map(ended))).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      const reports = await Promise.all(['two-a', 'two-b'].map((run) => reportOf('twice', run)));
      expect(reports.map(({ verdict }) => verdict).toSorted()).toEqual(['PASS', 'REFUSED']);
      expect(reports.flatMap(({ reasons }) => reasons)).toEqual([
        expect.stringMatching(/^the lock of twice is held by two-/),
      ]);
    });

    it('is cleaned up after when its execution is stopped', patient, async () => {
      const execution = await start('stopped', 'stopped');
      await eventually('seeds', async () => ((await store.read('stopped'))?.entries.length ?? 0) > 2 || undefined);
      await sfn.send(new StopExecutionCommand({ executionArn: execution }));
      // The emulator puts no event of its own on the bus.
      const lambda = new LambdaClient(app.emulator.clientConfig);
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const FunctionName =
        Functions.map((one) => one.FunctionName ?? '').find((name) => /Drills?Drill/.test(name)) ?? '';
      const { input = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
      const event = { source: 'aws.states', detail: { executionArn: execution, status: 'ABORTED', input } };
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
      expect(answer.FunctionError).toBeUndefined();
      const report = await reportOf('stopped', 'stopped');
      expect([report.verdict, report.leftovers]).toEqual(['INTERRUPTED', []]);
      expect(report.reasons).toContain('its execution ended: ABORTED');
    });
  });

  it('leaves no run that nobody concluded', async () => {
    expect(await store.orphans()).toEqual([]);
  });

  it(
    'that nobody asked for tells the ticket topic once that it failed, and its alarm says no more',
    patient,
    async () => {
      await eventually('the alarm', async () => given((await app.alarmState('drills-failing')) === 'ALARM'));
      const told: { readonly Subject: string; readonly Message: string }[] = [];
      await eventually('the ticket', async () => given(told.push(...(await tickets())) > 0));
      // It looked at the alarm, and left it at that.
      const key = `plimsoll-alarm-${app.emulator.accountId}/${app.emulator.region}/${app.stack}-drills-failing`;
      const { open } = await eventually('the look at the alarm', () => toldAlarms.get(key));
      expect(open).toBe(false);
      told.push(...(await tickets()));
      expect(told.map(({ Subject }) => Subject)).toEqual([
        expect.stringMatching(/^FAIL_LOST harbour \(dev\): drill lossy: /),
      ]);
      expect(told[0]?.Message).toMatch(
        /\nrunbook +https:\/\/wiki\.example\/drills\nreport +plimsoll drill lossy --aws --report lossy-cloud$/,
      );
    },
  );

  it('is stopped by the kill switch before it writes anything', patient, async () => {
    await store.setKillSwitch(true, 'the region is on fire');
    try {
      expect(await ended(await start('sound', 'killed'))).toBe('SUCCEEDED');
      const there = await reportOf('sound', 'killed');
      const { verdict, reasons, ledger } = there;
      await runHere('sound', 'killed-here');
      expect(trailOf(there)).toEqual(trailOf(await reportOf('sound', 'killed-here')));
      expect(trailOf(there)).toEqual(['ValidateRequest', 'CheckGates', 'PublishReport']);
      expect([verdict, reasons, ledger.attempted]).toEqual([
        'REFUSED',
        ['drills are stopped: the region is on fire'],
        0,
      ]);
    } finally {
      await store.setKillSwitch(false, '');
    }
  });

  it('belongs to one execution: another with the same run in its input changes nothing', patient, async () => {
    const before = await store.read('killed');
    const request = before?.request;
    if (!request) throw new Error('the run of the kill switch is not there');
    const command = { stateMachineArn: machine, name: 'impostor', input: JSON.stringify(drillInput(request)) };
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand(command));
    expect(await ended(executionArn)).toBe('FAILED');
    expect(await store.read('killed')).toEqual(before);
  });
});
