import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import { type IRole, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  type IScheduleTarget,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Cadences, tickExpression } from '../dispatch/cadence.ts';
import type { DispatchInput, JudgeInput } from '../dispatch/input.ts';
import { scheduledTimeKeyword } from '../names.ts';
import { invoke, makeRole, sendTo, useKey } from './permissions.ts';
import { judgeEveryMinutes } from './settings.ts';

export type SchedulesProps = {
  readonly cadences: Cadences;
  readonly dispatch: IFunction;
  readonly judge: IFunction;
  readonly deadLetters: IQueue;
  readonly key: IKey | undefined;
};

type Target = { readonly to: IFunction; readonly input: DispatchInput | JudgeInput };

type When = { readonly expression: string; readonly timezone: string; readonly description: string };

const scheduledTime = scheduledTimeKeyword;

/** Of a schedule: a cron may be longer as its author writes it. */
const longestDescription = 512;

/** What fires: a schedule for each cadence, a minute tick for those that have none, and the judge's own tick. */
export class Schedules extends Construct {
  private readonly props: SchedulesProps;
  private readonly group: ScheduleGroup;
  private readonly role: IRole;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.props = props;
    this.group = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    this.role = this.makeRole();
    const { cadences, dispatch, judge } = props;
    for (const { key, ...when } of cadences.schedules) {
      this.add(`Cadence-${key}`, when, { to: dispatch, input: { kind: 'cadence', cadence: key, scheduledTime } });
    }
    if (cadences.tick) {
      const when = { ...tickExpression, description: 'every minute: what has no schedule of its own' };
      this.add('Tick', when, { to: dispatch, input: { kind: 'tick', scheduledTime } });
    }
    const expression = `cron(0/${judgeEveryMinutes} * * * ? *)`;
    const description = `every ${judgeEveryMinutes} minutes: the judge`;
    this.add(
      'Judge',
      { expression, timezone: 'UTC', description },
      { to: judge, input: { kind: 'tick', scheduledTime } },
    );
  }

  private add(id: string, { expression, timezone, description }: When, target: Target): void {
    new Schedule(this, id, {
      schedule: ScheduleExpression.expression(expression, TimeZone.of(timezone)),
      description: description.slice(0, longestDescription),
      scheduleGroup: this.group,
      // A slot is a slot: what may start later does so by its probe's own offset.
      timeWindow: TimeWindow.off(),
      target: this.bind(target),
    });
  }

  /** CDK's own target would widen the role to every version of the function, and retry for a day. */
  private bind({ to, input }: Target): IScheduleTarget {
    return {
      bind: () => ({
        arn: to.functionArn,
        role: this.role,
        input: ScheduleTargetInput.fromObject(input),
        // An invocation that comes late would be a late run: the next slot is not far, and the letter tells.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: Duration.minutes(1).toSeconds() },
        deadLetterConfig: { arn: this.props.deadLetters.queueArn },
      }),
    };
  }

  private makeRole(): IRole {
    const { dispatch, judge, deadLetters, key } = this.props;
    const conditions = {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': this.group.scheduleGroupArn },
    };
    // No schedule but those of this group may take the role (the confused deputy of Scheduler's guide).
    return makeRole(this, new ServicePrincipal('scheduler.amazonaws.com', { conditions }), [
      invoke([dispatch.functionArn, judge.functionArn]),
      sendTo('DeadLetters', [deadLetters.queueArn]),
      ...useKey(key),
    ]);
  }
}
