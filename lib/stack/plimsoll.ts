import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Environment, Plan } from '../config/plan.ts';
import { cloudDrills } from '../drill/in-cloud.ts';
import type { Watched } from '../judge/alarm/stack-alarms.ts';
import { outputNames, tagNames } from '../names.ts';
import { Alarms } from './alarms.ts';
import { AwsOnly } from './aws-only.ts';
import { type Baked, bake } from './bake.ts';
import { builtFunctions } from './built.ts';
import { Dashboard } from './dashboard.ts';
import { Drills } from './drill.ts';
import { Encryption } from './encryption.ts';
import { VerdictEvents } from './events.ts';
import { Functions } from './functions.ts';
import { drillFunctionNames } from './names.ts';
import { PlanAsset } from './plan-asset.ts';
import { Queues } from './queues.ts';
import { Schedules } from './schedules.ts';
import { Storage } from './storage.ts';
import { Topics } from './topics.ts';

export type PlimsollProps = {
  /** What to watch: `planOf(config)`. */
  readonly plan: Plan;
  /** Default `dev`; the others refuse unencrypted targets and an open loopback. */
  readonly environment?: Environment;
  /** Values of variables whose `from` has `flag`. */
  readonly values?: Readonly<Record<string, string>>;
  /** Where variables from `env:` are read. Default: the environment of the synth. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `local` leaves out what an emulator cannot make: composite alarms and mute rules. Default `aws`. */
  readonly profile?: 'aws' | 'local';
  /** Folder with a folder for each function, as `build/functions.ts` makes it. Default: that of Plimsoll itself. */
  readonly functionsFolder?: string;
  /** Address of RUNBOOK.md, which alarms refer to, by heading. Default `RUNBOOK.md`. */
  readonly runbook?: string;
};

type Shared = { readonly plan: Plan; readonly prefix: string; readonly runbook: string };

/** The whole product in a stack: one to a stack, for its outputs and its alarms bear the stack's name. */
export class Plimsoll extends Construct {
  readonly storage: Storage;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly functions: Functions;
  readonly alarms: Alarms;
  /** Absent: the plan has none that a stack can carry out. */
  readonly drills?: Drills;

  /** @throws PlanRefused when the plan may not be deployed, before anything is made. */
  constructor(scope: Construct, id: string, props: PlimsollProps) {
    const { plan, environment = 'dev', values = {}, env = process.env, runbook = 'RUNBOOK.md' } = props;
    const baked = bake({ plan, environment, values, env: (name) => env[name] });
    const drills = cloudDrills(plan);
    const folder = builtFunctions(props.functionsFolder, drills.length > 0 ? drillFunctionNames : []);
    super(scope, id);
    const { customerKey, keep } = plan.cloud;
    const { key } = new Encryption(this, 'Encryption', { customerKey, keep: keep.length > 0 });
    const { deployed, ownTopics } = baked;
    const planAsset = new PlanAsset(this, 'Plan', deployed);
    this.storage = new Storage(this, 'Storage', { key, plan });
    this.queues = new Queues(this, 'Queues', { key });
    this.topics = new Topics(this, 'Topics', { key, service: plan.service });
    const { storage, queues, topics } = this;
    const parts = { deployed, folder, key, storage, queues, topics, planAsset, ownTopics };
    this.functions = new Functions(this, 'Functions', parts);
    if (drills.length > 0) this.drills = new Drills(this, 'Drills', { ...parts, drills });
    const shared: Shared = { plan, prefix: Stack.of(this).stackName, runbook };
    const dimensionsOf = (watched: Exclude<Watched, { kind: 'service' }>) => this.dimensionsOf(watched);
    this.alarms = new Alarms(this, 'Alarms', { ...shared, topics, dimensionsOf });
    this.connect(baked, key);
    if (props.profile !== 'local') new AwsOnly(this, 'AwsOnly', { ...shared, alarms: this.alarms });
    this.show(shared, planAsset);
    this.mark(plan);
  }

  /** What wakes the functions. */
  private connect({ deployed, cadences, subscriptions }: Baked, key: Encryption['key']): void {
    const { dispatch, judge, page } = this.functions.byName;
    const { deadLetters } = this.queues;
    const { environment, plan } = deployed;
    new Schedules(this, 'Schedules', { cadences, dispatch: dispatch.lambda, judge: judge.lambda, deadLetters, key });
    new VerdictEvents(this, 'Events', {
      service: plan.service,
      environment,
      page: page.lambda,
      judge: judge.lambda,
      deadLetters,
      ends: this.drills !== undefined,
    });
    this.topics.alarms.addSubscription(new LambdaSubscription(page.lambda));
    for (const { topic, to, routes } of subscriptions) {
      const filterPolicy = routes && { route: SubscriptionFilter.stringFilter({ allowlist: [...routes] }) };
      this.topics[topic].addSubscription(new EmailSubscription(to, filterPolicy ? { filterPolicy } : {}));
    }
  }

  private dimensionsOf(watched: Exclude<Watched, { kind: 'service' }>): Readonly<Record<string, string>> {
    if (watched.kind === 'function') return this.functions.byName[watched.name].dimensions;
    return { QueueName: this.queues[watched.name].queueName };
  }

  /** A dashboard for people, and outputs for the command line. */
  private show({ plan, runbook }: Shared, planAsset: PlanAsset): void {
    const { storage, queues, topics, functions, alarms } = this;
    new Dashboard(this, 'Dashboard', {
      service: plan.service,
      runbook,
      alarms: alarms.own,
      functions: functions.byName,
      queues,
    });
    const { dispatch, probe, judge, page } = functions.byName;
    const outputs: readonly (readonly [keyof typeof outputNames, value: string])[] = [
      ['table', storage.table.tableName],
      ['bucket', storage.bucket.bucketName],
      ['dispatchFunction', dispatch.lambda.functionName],
      ['judgeFunction', judge.lambda.functionName],
      ['pageFunction', page.lambda.functionName],
      ['probeFunction', probe.lambda.functionName],
      ['workQueueUrl', queues.work.queueUrl],
      ['deadLetterQueueUrl', queues.deadLetters.queueUrl],
      ['pageTopicArn', topics.page.topicArn],
      ['ticketTopicArn', topics.ticket.topicArn],
      ['planParameter', planAsset.parameter.parameterName],
    ];
    for (const [name, value] of outputs) {
      new CfnOutput(this, outputNames[name], { value }).overrideLogicalId(outputNames[name]);
    }
  }

  /** Tags, and the boundary of every role where the plan has one. */
  private mark({ service, cloud }: Plan): void {
    const tags = { [tagNames.service]: service, [tagNames.stack]: Stack.of(this).stackName };
    for (const [name, value] of Object.entries(tags)) Tags.of(this).add(name, value);
    this.storage.tag(tags);
    const { permissionsBoundary: policy } = cloud;
    if (policy === undefined) return;
    const boundary = policy.startsWith('arn:')
      ? ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', policy)
      : ManagedPolicy.fromManagedPolicyName(this, 'Boundary', policy);
    PermissionsBoundary.of(this).apply(boundary);
    this.storage.bind(boundary);
  }
}
