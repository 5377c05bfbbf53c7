import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClients } from '../../lib/aws/clients.ts';
import { lambdaGround } from '../../lib/aws/deps.ts';
import { openDrillDeps } from '../../lib/aws/drill/open.ts';
import { countResources, resourcesOf } from '../../lib/cost/resources.ts';
import { planOf } from '../../lib/stack/index.ts';
import { lintMachine } from '../support/asl-lint.ts';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { type Allowed, allowedTo, statementsOf } from '../support/permissions.ts';
import { configOf, countOf, type Synthesised, synthesise } from '../support/stacking.ts';

const own = 'arn:<AWS::Partition>';
const here = '<AWS::Region>:<AWS::AccountId>';
const log = (name: string): Allowed =>
  ['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} <Drills${name}Log.Arn>`);
const plan: Allowed = [
  `ssm:GetParameter ${own}:ssm:${here}:parameter<PlanParameter>`,
  `s3:GetObject ${own}:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*.json`,
];
const table = (...actions: readonly string[]): Allowed =>
  actions.map((action) => `dynamodb:${action} <StorageTable.Arn>`);
const objects: Allowed = [
  ...['GetObject', 'PutObject'].map((action) => `s3:${action} <StorageBucket.Arn>/drills/*`),
  's3:ListBucket <StorageBucket.Arn>',
];
const drillMay: Allowed = [
  ...log('Drill'),
  ...plan,
  ...table('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
  ...objects,
  'cloudwatch:PutMetricData *',
  `events:PutEvents ${own}:events:${here}:event-bus/default`,
  'sqs:SendMessage <QueuesDeadLetters.Arn>',
];
const restartMay: Allowed = [
  ...log('Restart'),
  ...plan,
  ...table('GetItem', 'PutItem', 'Query', 'UpdateItem'),
  ...objects,
];

const allowedTag = { 'aws:ResourceTag/drill': 'allowed' };
const arn = (service: string, resource: string) => `${own}:${service}:${here}:${resource}`;

/** By restart: what both functions may look at, and what the one may do. */
const powers: readonly (readonly [restart: object, look: Allowed, ask: Allowed, conditions: object])[] = [
  [hook, [], [], {}],
  [
    { kind: 'ecs', cluster: 'shop', service: 'notes' },
    [`ecs:DescribeServices ${arn('ecs', 'service/shop/notes')}`],
    [`ecs:UpdateService ${arn('ecs', 'service/shop/notes')}`],
    { Renew0: { StringEquals: allowedTag } },
  ],
  [
    { kind: 'ecs', cluster: 'shop', service: 'notes', how: 'stopTask' },
    [
      `ecs:DescribeServices ${arn('ecs', 'service/shop/notes')}`,
      'ecs:ListTasks *',
      `ecs:DescribeTasks ${arn('ecs', 'task/shop/*')}`,
    ],
    [`ecs:StopTask ${arn('ecs', 'task/shop/*')}`],
    { Stop0: { StringEquals: allowedTag, ArnEquals: { 'ecs:cluster': expect.anything() } } },
  ],
  [
    { kind: 'ec2', tag: 'service=notes' },
    ['ec2:DescribeInstances *'],
    [`ec2:RebootInstances ${arn('ec2', 'instance/*')}`],
    { Reboot0: { StringEquals: { ...allowedTag, 'aws:ResourceTag/service': 'notes' } } },
  ],
  [
    { kind: 'ssm', tag: 'service=notes', command: 'systemctl restart notes' },
    ['ec2:DescribeInstances *'],
    [
      `ssm:SendCommand ${arn('ec2', 'instance/*')}`,
      `ssm:SendCommand ${own}:ssm:<AWS::Region>::document/AWS-RunShellScript`,
    ],
    { Command0: { StringEquals: { 'ssm:resourceTag/drill': 'allowed', 'ssm:resourceTag/service': 'notes' } } },
  ],
  [
    { kind: 'lambda', function: 'restart-notes' },
    ['GetFunctionConfiguration', 'ListTags'].map(
      (action) => `lambda:${action} ${arn('lambda', 'function:restart-notes')}`,
    ),
    [`lambda:InvokeFunction ${arn('lambda', 'function:restart-notes')}`],
    { InvokeHook0: { StringEquals: allowedTag } },
  ],
  [
    { kind: 'fis', template: 'EXT123' },
    [
      `fis:GetExperimentTemplate ${arn('fis', 'experiment-template/EXT123')}`,
      `fis:GetSafetyLever ${arn('fis', 'safety-lever/default')}`,
    ],
    [
      `fis:StartExperiment ${arn('fis', 'experiment-template/EXT123')}`,
      `fis:StartExperiment ${arn('fis', 'experiment/*')}`,
    ],
    { Start0: { StringEquals: allowedTag } },
  ],
];

const undo: (() => void)[] = [];
afterAll(() => {
  for (const step of undo) step();
});
const later = (step: () => void) => void undo.push(step);

describe('a plan without drills', () => {
  it('has no resource for them, and neither has one that restarts processes alone', () => {
    const process = cloudDrillConfig([{ kind: 'process', signal: 'SIGKILL' }]);
    const without = synthesise({ config: configOf(1) });
    const local = synthesise({ config: process });
    expect(countOf(local)).toBe(countOf(without));
    for (const stack of [without, local]) {
      expect(stack.of('AWS::StepFunctions::StateMachine')).toEqual([]);
      expect(Object.keys(stack.outputs)).not.toContain('DrillMachineArn');
      expect(JSON.stringify(stack.of('AWS::S3::Bucket'))).not.toContain('drills/');
    }
  });
});

describe('what a restart may reach', () => {
  it.each(powers)('%o', (restart, look, ask, conditions) => {
    const stack = synthesise({ config: cloudDrillConfig([restart]) });
    expect(allowedTo(stack, /DrillsDrillRole/)).toEqual([...drillMay, ...look].toSorted());
    expect(allowedTo(stack, /DrillsRestartRole/)).toEqual([...restartMay, ...look, ...ask].toSorted());
    const found = new Map(statementsOf(stack, /DrillsRestartRole/).map(({ Sid, Condition }) => [Sid, Condition]));
    for (const [sid, condition] of Object.entries(conditions)) expect(found.get(sid)).toEqual(condition);
  });

  it('is what several drills need together, each once', () => {
    const ec2 = { kind: 'ec2', tag: 'service=notes' };
    const stack = synthesise({ config: cloudDrillConfig([ec2, ec2, { kind: 'ec2', tag: 'service=mail' }]) });
    const reboots = statementsOf(stack, /DrillsRestartRole/).filter(({ Action }) => Action === 'ec2:RebootInstances');
    expect(reboots).toHaveLength(2);
  });

  it('is no other function of the stack', () => {
    const stack = synthesise({ config: cloudDrillConfig(powers.map(([restart]) => restart)) });
    const restarts = /ecs:UpdateService|ecs:StopTask|ec2:Reboot|ssm:SendCommand|fis:Start|function:restart-notes/;
    for (const role of ['Dispatch', 'Probe', 'Judge', 'Page'])
      expect(allowedTo(stack, new RegExp(`Functions${role}Role`)).filter((one) => restarts.test(one))).toEqual([]);
    const seen = allowedTo(stack, /DrillsDrillRole/).filter((one) => restarts.test(one));
    expect(seen.every((one) => /lambda:(?:GetFunctionConfiguration|ListTags)/.test(one))).toBe(true);
    expect(allowedTo(stack, /DrillsRole/)).toEqual(
      ['Drill', 'Restart'].map((name) => `lambda:InvokeFunction <Drills${name}Function.Arn>`),
    );
  });
});

describe('the drills of a stack', () => {
  let stack: Synthesised;
  const config = cloudDrillConfig([hook], {
    drills: [
      {
        id: 'restart',
        target: 'notes',
        restart: hook,
        rto: '30s',
        rpo: '0s',
        schedule: { cron: '0 3 * * 2', timezone: 'UTC' },
      },
      { id: 'often', target: 'notes', restart: hook, rto: '30s', rpo: '0s', schedule: { every: '14d' } },
      { id: 'asked', target: 'notes', restart: hook, rto: '30s', rpo: '0s' },
    ],
  });

  beforeAll(() => {
    stack = synthesise({ config, later });
  });

  it('are one Standard machine in the portable subset, whose tasks are the two functions', () => {
    const machines = stack.of('AWS::StepFunctions::StateMachine');
    expect(machines).toHaveLength(1);
    const properties = machines[0]?.Properties;
    expect(properties?.StateMachineType).toBe('STANDARD');
    const text = JSON.stringify(stack.stack.resolve(properties?.DefinitionString));
    expect(text).toContain('DrillsDrillFunction');
    expect(text).toContain('DrillsRestartFunction');
    const joined = (properties as { DefinitionString?: { 'Fn::Join'?: readonly unknown[] } })?.DefinitionString;
    const spelt = ((joined?.['Fn::Join']?.[1] ?? []) as readonly unknown[])
      .map((part) => (typeof part === 'string' ? part : 'arn:aws:lambda:eu-west-1:1:function:f'))
      .join('');
    const definition = JSON.parse(spelt);
    expect(definition.StartAt).toBe('ValidateRequest');
    expect(lintMachine(definition)).toEqual([]);
  });

  it('start by their schedules, each run under a name of its own', () => {
    const schedules = stack
      .of('AWS::Scheduler::Schedule')
      .filter(({ Properties }) => JSON.stringify(Properties.Target).includes('DrillsMachine'));
    const said = schedules.map(({ Properties }) => [Properties.ScheduleExpression, Properties.Target] as const);
    expect(said.map(([expression]) => expression).toSorted()).toEqual(['cron(0 3 ? * TUE *)', 'rate(20160 minutes)']);
    for (const [, target] of said) {
      const { Input, RetryPolicy } = target as unknown as { Input: string; RetryPolicy: object };
      expect(RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
      const input = JSON.parse(Input);
      expect(input).toMatchObject({ request: { trigger: 'schedule', dryRun: false } });
      expect(input.run).toBe(`${input.drill}-<aws.scheduler.execution-id>`);
    }
    expect(allowedTo(stack, /DrillsSchedulesRole/)).toEqual([
      'sqs:SendMessage <QueuesDeadLetters.Arn>',
      'states:StartExecution <DrillsMachine>',
    ]);
  });

  it('are cleaned up after when an execution of theirs ends from outside', () => {
    const rules = stack
      .of('AWS::Events::Rule')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('aws.states'));
    expect(rules).toHaveLength(1);
    expect(rules[0]?.Properties.EventPattern).toMatchObject({
      detail: {
        status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
        stateMachineArn: [{ Ref: expect.stringMatching(/DrillsMachine/) }],
      },
    });
    expect(JSON.stringify(rules[0]?.Properties.Targets)).toMatch(/DrillsDrillFunction.*DeadLetters/);
    // … and what it cannot do in the end is a dead letter, which has its alarm.
    const given = stack.of('AWS::Lambda::EventInvokeConfig').map(({ Properties }) => JSON.stringify(Properties));
    expect(
      given.filter((one) => /DrillsDrillFunction.*DeadLetters|DeadLetters.*DrillsDrillFunction/.test(one)),
    ).toHaveLength(1);
  });

  it('tell the page function of their ends, and no other stack of the account', () => {
    const [rule] = stack
      .of('AWS::Events::Rule')
      .filter(({ Properties }) => JSON.stringify(Properties.EventPattern).includes('DrillConcluded'));
    expect(rule?.Properties.EventPattern).toEqual({
      source: ['plimsoll'],
      'detail-type': ['DrillConcluded'],
      detail: { service: ['notes'], environment: ['dev'] },
    });
    expect(JSON.stringify(rule?.Properties.Targets)).toMatch(/FunctionsPageFunction.*DeadLetters/);
  });

  it('need no probe', () => {
    const { probes: _, ...alone } = config;
    const only = synthesise({ config: alone });
    expect(only.of('AWS::StepFunctions::StateMachine')).toHaveLength(1);
    expect(countOf(only)).toBe(countResources(resourcesOf(planOf(alone))));
    expect(allowedTo(only, /DrillsDrillRole/)).toEqual(allowedTo(stack, /DrillsDrillRole/));
  });

  it('keep what is too large for the table as long as their reports', () => {
    expect(JSON.stringify(stack.of('AWS::S3::Bucket')[0]?.Properties.LifecycleConfiguration)).toMatch(
      /"ExpirationInDays":2800,"Id":"drills","Prefix":"drills\/"/,
    );
  });

  it('are in what a deploy is said to create', () => {
    expect(countOf(stack)).toBe(countResources(resourcesOf(planOf(config))));
    expect(stack.outputs.DrillMachineArn).toBeDefined();
  });

  it.each(['Drill', 'Restart'])('%s finds in its environment all that its code reads', (name) => {
    const [, resource] =
      Object.entries(stack.resources).find(([id]) => id.startsWith(`PlimsollDrills${name}Function`)) ?? [];
    const environment = resource?.Properties.Environment as { readonly Variables?: object } | undefined;
    const names = Object.keys(environment?.Variables ?? {});
    expect(names).toHaveLength(4);
    const open = (keys: readonly string[]) =>
      openDrillDeps(
        {
          ...lambdaGround(),
          clients: openClients({ region: 'eu-west-1' }),
          env: {
            AWS_REGION: 'eu-west-1',
            ...Object.fromEntries(keys.map((key) => [key, key.endsWith('ENVIRONMENT') ? 'dev' : 'x'])),
          },
        },
        { refusals: async () => [], restarter: () => async () => Promise.reject(new Error('none')) },
      );
    expect(() => open(names)).not.toThrow();
    for (const missing of names.filter((key) => key !== 'PLIMSOLL_ENVIRONMENT'))
      expect(() => open(names.filter((key) => key !== missing))).toThrow(missing);
  });
});
