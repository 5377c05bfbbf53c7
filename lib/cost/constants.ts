import type { Plan } from '../config/plan.ts';
import { hasDrillAlarm } from '../judge/alarm/stack-alarms.ts';
import type { Charge } from './inventory.ts';
import type { CostModel } from './model.ts';
import type { Quantities } from './prices.ts';
import { awsOnlyResources, constantResources } from './resources.ts';

const giga = 1e9;

/** An invocation by a schedule: it reads the plan and logs. */
const scheduled = (count: number, gbSeconds: number, model: CostModel): Quantities => {
  const logGb = (count * (model.logBytesPerMessage + model.logBytesPerRun)) / giga;
  return {
    scheduledFire: count,
    invocation: count,
    computeGbSecond: count * gbSeconds,
    objectGet: count,
    logGb,
    logGbMonth: logGb * model.logMonths,
  };
};

const alarmsOf = (plan: Plan): Quantities => ({
  alarmMonth: (constantResources['AWS::CloudWatch::Alarm'] ?? 0) + (hasDrillAlarm(plan) ? 1 : 0),
  compositeMonth: awsOnlyResources['AWS::CloudWatch::CompositeAlarm'] ?? 0,
});

/** Secrets by where they are read from. The secrets themselves are there already, and are no part of the stack. */
const secretReads = (plan: Plan, model: CostModel): Quantities => {
  const sources = Object.values(plan.variables).flatMap(({ from }) => from);
  const count = (scheme: string) => sources.filter((source) => source.startsWith(scheme)).length;
  const reads = model.secretReadsPerHour * model.hoursPerMonth;
  return {
    secretRequest: count('secretsmanager:') * reads,
    // A SecureString is opened by KMS; to read the parameter is free.
    keyRequest: count('ssm:') * reads,
  };
};

/** What is paid for whatever the stack watches. */
export const constantsOf = (plan: Plan, dispatches: number, model: CostModel): readonly Charge[] => {
  const ticks = model.judgeTicksPerHour * model.hoursPerMonth;
  const key = plan.cloud.customerKey ? 1 : 0;
  return [
    { what: 'schedules and dispatch', quantities: scheduled(dispatches, model.dispatchGbSeconds, model) },
    {
      what: 'judge ticks',
      quantities: {
        ...scheduled(ticks, model.judgeGbSeconds, model),
        readUnit: ticks * model.judgeReadUnits,
        metricRequest: ticks,
      },
    },
    { what: 'work queue polled', quantities: { queueRequest: model.pollsPerHour * model.hoursPerMonth } },
    { what: 'metrics of the service', quantities: { metricMonth: model.serviceMetrics } },
    { what: 'alarms', quantities: alarmsOf(plan) },
    { what: 'dashboard', quantities: { dashboardMonth: constantResources['AWS::CloudWatch::Dashboard'] ?? 0 } },
    { what: 'secrets read', quantities: secretReads(plan, model) },
    {
      what: 'customer key',
      quantities: { keyMonth: key, keyRequest: key * model.keyRequestsPerHour * model.hoursPerMonth },
    },
  ];
};
