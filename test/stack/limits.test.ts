import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { Plimsoll, planOf } from '../../lib/stack/index.ts';
import { statementsOf } from '../support/permissions.ts';
import { configOf, makeFolder, type Synthesised, synthesise, writeFunctions } from '../support/stacking.ts';

/*
 * What AWS refuses, or does otherwise, and an emulator takes: lengths, names, and what is one for all Regions.
 */

const put = (stack: Stack, config: object = configOf(1)): Plimsoll => {
  const functionsFolder = writeFunctions(makeFolder('functions'));
  return new Plimsoll(stack, 'Watch', { plan: planOf(config), env: {}, functionsFolder });
};

const appOf = (): App => new App({ outdir: makeFolder('limits'), autoSynth: false });

describe('a name that an account has once', () => {
  const dashboards = (region?: string) => {
    const env = region === undefined ? {} : { env: { account: '111122223333', region } };
    const stack = new Stack(appOf(), 'Watching', env);
    put(stack);
    return Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard')).map(
      ({ Properties }) => Properties.DashboardName,
    );
  };

  it('is that of a dashboard: with the Region in it, a stack of the same name elsewhere has one of its own', () => {
    expect(dashboards()).toEqual([{ 'Fn::Join': ['', ['Watching-', { Ref: 'AWS::Region' }]] }]);
    expect(dashboards('eu-west-1')).toEqual(['Watching-eu-west-1']);
  });
});

/** The longest service name, with all that it may have; the stack has the longest name, too. */
const longest = () => {
  const stack = new Stack(appOf(), `S${'t'.repeat(127)}`);
  const { probes, ...rest } = configOf(1);
  const [probe] = probes;
  put(stack, {
    ...rest,
    service: `a_.-${'s'.repeat(60)}`,
    probes: [{ ...probe, id: 'p'.repeat(64), alarm: { dedicated: true } }],
    notify: { page: [{ email: { to: 'on-call@notes.example' } }] },
  });
  return Template.fromStack(stack).toJSON().Resources as Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
};

describe('a name of the longest service, in the longest stack', () => {
  it('is one that its type takes', () => {
    const limits: readonly (readonly [type: string, property: string, pattern: RegExp])[] = [
      ['AWS::CloudWatch::Alarm', 'AlarmName', /^.{1,255}$/],
      ['AWS::CloudWatch::CompositeAlarm', 'AlarmName', /^.{1,255}$/],
      ['AWS::Scheduler::ScheduleGroup', 'Name', /^[0-9A-Za-z_.-]{1,64}$/],
      ['AWS::SNS::Topic', 'DisplayName', /^.{1,100}$/],
      ['AWS::SSM::Parameter', 'Name', /^\/[\w./-]{1,1010}$/],
      ['AWS::Events::Rule', 'Description', /^.{1,512}$/],
    ];
    const resources = longest();
    for (const [type, property, pattern] of limits) {
      const found = Object.values(resources).filter(({ Type }) => Type === type);
      expect(found.length).toBeGreaterThan(0);
      for (const { Properties } of found) expect(Properties[property]).toMatch(pattern);
    }
    for (const id of Object.keys(resources)) expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
  });
});

describe('a maintenance window', () => {
  const ruleOf = (cron: string, timezone = 'UTC') => {
    const maintenance = [{ reason: 'backups', cron, for: '1h', timezone }];
    const [rule] = synthesise({ config: configOf(1, undefined, { maintenance }) }).of('AWS::CloudWatch::AlarmMuteRule');
    return (rule?.Properties.Rule as { readonly Schedule: Readonly<Record<string, string>> } | undefined)?.Schedule;
  };

  it('is said with `*`, `-` and `,` alone, which is all that a mute rule knows, and briefly', () => {
    expect(ruleOf('* 2-22 1-30 * *')?.Expression).toBe('cron(* 2-22 1-30 * *)');
    expect(ruleOf('*/20 * * 1-11 1-5')?.Expression).toBe('cron(0,20,40 * * 1-11 MON,TUE,WED,THU,FRI)');
  });

  it('has no more than the 256 characters of a mute rule, whatever its cron', () => {
    const without = (max: number, min = 0) =>
      Array.from({ length: max - min + 1 }, (_, index) => index + min)
        .filter((value) => value % 3 !== 2)
        .join(',');
    const cron = [without(59), without(23), without(31, 1), without(12, 1), '*'].join(' ');
    expect(ruleOf(cron)?.Expression?.length).toBeLessThanOrEqual(256);
  });

  it('names its time zone as AWS spells it', () => {
    expect(ruleOf('0 2 * * *', 'europe/berlin')?.Timezone).toBe('Europe/Berlin');
    expect(ruleOf('0 2 * * *', 'US/Pacific')?.Timezone).toBe('US/Pacific');
    expect(ruleOf('0 2 * * *', 'us/pacific')?.Timezone).toBe('America/Los_Angeles');
  });
});

describe('a schedule', () => {
  it('has a description of 512 characters at most, however long its cron', () => {
    const cron = `${Array(300).fill('0').join(',')} 2 * * *`;
    const schedules = synthesise({ config: configOf(1, () => ({ cron })) }).of('AWS::Scheduler::Schedule');
    for (const { Properties } of schedules) expect(String(Properties.Description).length).toBeLessThanOrEqual(512);
  });
});

describe('the policy of a role', () => {
  const withVariables = (count: number) =>
    configOf(1, undefined, {
      variables: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `token${index}`,
          { from: [`ssm:/notes/production/token-${index}`], secret: true },
        ]),
      ),
    });

  it('may refer to forty secrets', () => {
    expect(() => synthesise({ config: withVariables(40) })).not.toThrow();
  });

  it('is refused before the deploy where IAM would refuse it: over 10,240 characters', () => {
    expect(() => synthesise({ config: withVariables(80) })).toThrow(
      /the role of Probe needs a policy of [\d,]+ characters or so, and IAM takes 10,240/,
    );
  });
});

describe('a nested stack', () => {
  it('takes the construct, too: its name is known at its deploy alone', () => {
    const nested = new NestedStack(new Stack(appOf(), 'Parent'), 'Nested');
    put(nested);
    Template.fromStack(nested).hasResourceProperties('AWS::SSM::Parameter', { Type: 'String' });
  });
});

describe('what empties the bucket', () => {
  /** Its other rights stand in the bucket's policy, which has forgotten them when it is asked. */
  it('may still ask, after a change of `cloud.keep`, whether the bucket is to be emptied', () => {
    const stack: Synthesised = synthesise({ config: configOf(1) });
    const tags = statementsOf(stack, /AutoDeleteObjects/).filter(({ Action }) =>
      Action.includes('s3:GetBucketTagging'),
    );
    expect(tags).toEqual([
      expect.objectContaining({
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [expect.stringContaining('StorageBucket'), 'Arn'] },
      }),
    ]);
  });
});

describe('a change of the config', () => {
  const stateful = /^AWS::(?:DynamoDB::Table|S3::Bucket|SQS::Queue|SNS::Topic|KMS::Key)$/;
  /** What CloudFormation makes anew when it changes, of these types (`createOnlyProperties` of their schemas). */
  const fixed = ['TableName', 'KeySchema', 'BucketName', 'BucketNamePrefix', 'QueueName', 'FifoQueue', 'TopicName'];

  const keptOf = ({ resources }: Synthesised) =>
    Object.entries(resources)
      .filter(([, { Type }]) => stateful.test(Type) && Type !== 'AWS::KMS::Key')
      .map(([id, { Type, Properties }]) => [id, Type, fixed.map((name) => Properties[name])]);

  it('makes no table, bucket, queue and topic anew', () => {
    const { service: _, ...rest } = configOf(1);
    const before = keptOf(synthesise({ config: configOf(1) }));
    expect(before).toHaveLength(7);
    for (const change of [
      { service: 'notes-2' },
      { cloud: { customerKey: true } },
      { cloud: { keep: ['table', 'bucket'] } },
      { cloud: { maxConcurrency: 7, permissionsBoundary: 'team' } },
      { retention: { samples: '9d', runs: '9d', cadences: 3 }, metrics: 'probe' },
    ]) {
      expect(keptOf(synthesise({ config: { service: 'notes', ...rest, ...change } }))).toEqual(before);
    }
  });

  it('of who gets e-mail leaves the others subscribed: they need not confirm anew', () => {
    const mail = (...addresses: readonly string[]) =>
      synthesise({
        config: configOf(1, undefined, { notify: { page: addresses.map((to) => ({ email: { to } })) } }),
      }).resources;
    const before = mail('b@notes.example', 'c@notes.example');
    const after = mail('a@notes.example', 'c@notes.example', 'b@notes.example');
    const changed = Object.keys({ ...before, ...after }).filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]),
    );
    expect(changed.map((id) => after[id]?.Type).toSorted()).toEqual(['AWS::SNS::Subscription', 'AWS::SSM::Parameter']);
  });
});
