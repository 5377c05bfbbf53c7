import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { DrillPlan } from '../config/plan.ts';
import { drillMachine } from '../drill/machine.ts';
import { drillObjects, drillOutputNames, environmentNames } from '../names.ts';
import { platformPowers, type Restarted } from './drill/permissions.ts';
import { DrillSchedules } from './drill/schedules.ts';
import { StackFunction } from './function.ts';
import type { FunctionsProps } from './functions.ts';
import type { DrillFunctionName } from './names.ts';
import {
  invoke,
  makeRole,
  type Permission,
  putEvents,
  putMetrics,
  readPlan,
  readVariables,
  sendTo,
  useKey,
  useObjects,
  useTable,
} from './permissions.ts';

export type DrillsProps = Omit<FunctionsProps, 'topics' | 'ownTopics'> & {
  /** `cloudDrills`, at least one. */
  readonly drills: readonly DrillPlan[];
};

/** What both functions read of their environment. */
const wanted = ['environment', 'table', 'bucket', 'planParameter'] as const;

/** Ends of an execution that pass by every Catch of it; a drill that failed has tidied up already, and is looked at all the same. */
const endings = ['ABORTED', 'TIMED_OUT', 'FAILED'];

/** The drills of a plan: one machine for all of them, with two functions, of which one alone may restart anything. */
export class Drills extends Construct {
  readonly machine: StateMachine;
  readonly byName: Readonly<Record<DrillFunctionName, StackFunction>>;

  constructor(scope: Construct, id: string, props: DrillsProps) {
    super(scope, id);
    const { drills, deployed, queues, key } = props;
    const { deadLetters } = queues;
    const restarted = drills.flatMap((drill): readonly Restarted[] => {
      const target = deployed.plan.targets[drill.target];
      return target ? [{ drill, target }] : [];
    });
    const { look, ask } = platformPowers(this, restarted);
    this.byName = {
      // Nobody waits for it when it cleans up after an execution: what it could not do must not be silent.
      drill: this.make('drill', props, [...drillMay(props, this), ...look], deadLetters),
      restart: this.make('restart', props, [...restartMay(props, this), ...look, ...ask]),
    };
    this.machine = this.makeMachine();
    this.watch(props);
    const scheduled = drills.filter(({ schedule }) => schedule !== undefined);
    const { stateMachineArn: machineArn } = this.machine;
    if (scheduled.length > 0)
      new DrillSchedules(this, 'Schedules', { drills: scheduled, machineArn, deadLetters, key });
    const name = drillOutputNames.drillMachineArn;
    new CfnOutput(this, name, { value: machineArn }).overrideLogicalId(name);
  }

  private make(
    name: DrillFunctionName,
    props: DrillsProps,
    permissions: readonly Permission[],
    failures?: IQueue,
  ): StackFunction {
    const { deployed, storage, planAsset } = props;
    const settings = {
      environment: deployed.environment,
      table: storage.table.tableName,
      bucket: storage.bucket.bucketName,
      planParameter: planAsset.parameter.parameterName,
    };
    return new StackFunction(this, `${name.charAt(0).toUpperCase()}${name.slice(1)}`, {
      name,
      folder: props.folder,
      permissions,
      environment: Object.fromEntries(wanted.map((one) => [environmentNames[one], settings[one]])),
      ...(failures ? { asynchronous: { retries: 2, maxAge: Duration.hours(1), failures } } : {}),
    });
  }

  private makeMachine(): StateMachine {
    const { drill, restart } = this.byName;
    const arns = { drill: drill.lambda.functionArn, restart: restart.lambda.functionArn };
    const machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(drillMachine(arns))),
      role: makeRole(this, new ServicePrincipal('states.amazonaws.com'), [invoke(Object.values(arns))]),
      comment: 'Plimsoll: restarts a target for real, and proves that nothing acknowledged was lost.',
    });
    Validations.of(machine).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason:
          'each state of a drill is in its record and its report; a Standard workflow keeps its own history besides',
      },
      {
        id: 'AwsSolutions-SF2',
        reason: 'a drill has two functions, each of which logs its run; a trace would show no more',
      },
    );
    return machine;
  }

  /** Whatever ends an execution from outside, its lock is released and what it wrote is removed. */
  private watch({ queues }: DrillsProps): void {
    const delivery = { deadLetterQueue: queues.deadLetters, retryAttempts: 10, maxEventAge: Duration.hours(2) };
    new Rule(this, 'Janitor', {
      description: 'Executions of drills that ended from outside, to the function that cleans up after them.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: endings, stateMachineArn: [this.machine.stateMachineArn] },
      },
      targets: [new LambdaFunction(this.byName.drill.lambda, delivery)],
    });
  }
}

const drillMay = (
  { storage, planAsset, deployed, queues, key }: DrillsProps,
  scope: Construct,
): readonly Permission[] => [
  ...readPlan(planAsset.parameter.parameterArn, planAsset.objectArns),
  useTable(storage.table.tableArn, ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']),
  ...useObjects(storage.bucket.bucketArn, ['read', 'write'], [drillObjects]),
  putMetrics(),
  putEvents(scope),
  sendTo('DeadLetters', [queues.deadLetters.queueArn]),
  ...readVariables(scope, deployed.plan),
  ...useKey(key),
];

/** It reads the record, and writes that it asked and what came of it; the lock is renewed besides. */
const restartMay = ({ storage, planAsset, deployed, key }: DrillsProps, scope: Construct): readonly Permission[] => [
  ...readPlan(planAsset.parameter.parameterArn, planAsset.objectArns),
  useTable(storage.table.tableArn, ['GetItem', 'PutItem', 'Query', 'UpdateItem']),
  ...useObjects(storage.bucket.bucketArn, ['read', 'write'], [drillObjects]),
  ...readVariables(scope, deployed.plan),
  ...useKey(key),
];
