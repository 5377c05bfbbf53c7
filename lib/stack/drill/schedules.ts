import { RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DrillPlan } from '../../config/plan.ts';
import { type Expression, expressionOf } from '../../dispatch/cadence/expression.ts';
import { drillInput } from '../../drill/input.ts';
import { executionIdKeyword } from '../../names.ts';
import { makeRole, sendTo, startExecutions, useKey } from '../permissions.ts';
import { PlanRefused } from '../refusal.ts';

export type DrillSchedulesProps = {
  readonly drills: readonly DrillPlan[];
  readonly machineArn: string;
  readonly deadLetters: IQueue;
  readonly key: IKey | undefined;
};

/** Starts drills by their schedules: one schedule for each drill that has one, for drills are few. */
export class DrillSchedules extends Construct {
  constructor(scope: Construct, id: string, { drills, machineArn, deadLetters, key }: DrillSchedulesProps) {
    super(scope, id);
    const group = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const conditions = {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': group.scheduleGroupArn },
    };
    const role = makeRole(this, new ServicePrincipal('scheduler.amazonaws.com', { conditions }), [
      startExecutions(machineArn),
      sendTo('DeadLetters', [deadLetters.queueArn]),
      ...useKey(key),
    ]);
    for (const drill of drills) {
      const { expression, timezone } = sayWhen(drill);
      new Schedule(this, `Drill-${drill.id}`, {
        schedule: ScheduleExpression.expression(expression, TimeZone.of(timezone)),
        description: `the drill ${drill.id}`.slice(0, 512),
        scheduleGroup: group,
        timeWindow: TimeWindow.off(),
        target: {
          bind: () => ({
            arn: machineArn,
            role,
            input: ScheduleTargetInput.fromObject(scheduledInput(drill)),
            // One that comes late may be outside of its window, and has its gates all the same.
            retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
            deadLetterConfig: { arn: deadLetters.queueArn },
          }),
        },
      });
    }
  }
}

/** Each start is a run of its own: one that is delivered twice finds the lock held. */
const scheduledInput = ({ id }: DrillPlan) =>
  drillInput({
    drillId: id,
    runId: `${id}-${executionIdKeyword}`,
    requester: 'schedule',
    reason: 'its schedule',
    dryRun: false,
    trigger: 'schedule',
  });

/** A drill has no slot to keep: what a change of the clock does to its hour EventBridge may decide. */
const asWritten = () => ({ offsetsMs: [1], doubtful: [] });

/** @throws PlanRefused for a schedule that EventBridge has no words for. */
const sayWhen = ({ id, schedule }: DrillPlan): Expression => {
  const found = schedule && expressionOf(schedule, asWritten);
  if (found) return found;
  if (schedule?.kind === 'every') {
    return { expression: `rate(${Math.max(1, Math.round(schedule.everyMs / 60_000))} minutes)`, timezone: 'UTC' };
  }
  throw new PlanRefused([
    `EventBridge has no words for the schedule of the drill ${id}: give its cron a day of the month or a weekday, and not both`,
  ]);
};
