import { parseCron } from '../config/cron.ts';
import type { MaintenancePlan, Plan } from '../config/plan.ts';
import { cadencesOf } from '../dispatch/cadence.ts';
import { cloudDrills } from '../drill/in-cloud.ts';
import { hasDrillAlarm, stackAlarms } from '../judge/alarm/stack-alarms.ts';
import { routes, topicOfRoute } from '../page/topics.ts';

/** CloudFormation type to how many of it there are. */
export type ResourceTypes = Readonly<Record<string, number>>;

/** `local` leaves out what an emulator cannot create. */
export type Profile = 'aws' | 'local';

/** What every stack has, whatever it watches. A test holds all of these against the synthesised template. */
export const constantResources: ResourceTypes = {
  'AWS::Lambda::Function': 4,
  'AWS::Lambda::EventInvokeConfig': 2,
  'AWS::Lambda::EventSourceMapping': 1,
  'AWS::Lambda::Permission': 3,
  // Of each function, and of the schedules.
  'AWS::IAM::Role': 5,
  'AWS::Logs::LogGroup': 4,
  'AWS::SQS::Queue': 2,
  'AWS::SQS::QueuePolicy': 2,
  'AWS::DynamoDB::Table': 1,
  'AWS::S3::Bucket': 1,
  'AWS::S3::BucketPolicy': 1,
  'AWS::SNS::Topic': 3,
  'AWS::SNS::TopicPolicy': 3,
  'AWS::SNS::Subscription': 1,
  'AWS::Events::Rule': 1,
  'AWS::SSM::Parameter': 1,
  'AWS::Scheduler::ScheduleGroup': 1,
  // The judge's tick.
  'AWS::Scheduler::Schedule': 1,
  'AWS::CloudWatch::Alarm': stackAlarms.length,
  'AWS::CloudWatch::Dashboard': 1,
};

/** Only in profile `aws`, and mute rules besides. */
export const awsOnlyResources: ResourceTypes = { 'AWS::CloudWatch::CompositeAlarm': 1 };

/** What empties the bucket when the stack goes. */
const emptierResources: ResourceTypes = {
  'Custom::S3AutoDeleteObjects': 1,
  'AWS::Lambda::Function': 1,
  'AWS::IAM::Role': 1,
  'AWS::Logs::LogGroup': 1,
};

/** With `cloud.customerKey`. */
const customerKeyResources: ResourceTypes = { 'AWS::KMS::Key': 1 };

/** For each probe with `alarm.dedicated`. */
const dedicatedResources: ResourceTypes = { 'AWS::CloudWatch::Alarm': 1 };

/** For the drills of a plan, where there is one that a stack can carry out. */
const drillResources: ResourceTypes = {
  'AWS::StepFunctions::StateMachine': 1,
  'AWS::Lambda::Function': 2,
  'AWS::Logs::LogGroup': 2,
  // Of the functions, and of the machine.
  'AWS::IAM::Role': 3,
  // Who cleans up after executions that were stopped.
  // … and what brings the page function the end of each.
  'AWS::Events::Rule': 2,
  'AWS::Lambda::Permission': 2,
  'AWS::Lambda::EventInvokeConfig': 1,
};

/** For those that have a schedule. */
const drillScheduleResources: ResourceTypes = {
  'AWS::Scheduler::ScheduleGroup': 1,
  'AWS::IAM::Role': 1,
  'AWS::CloudWatch::Alarm': 1,
};

const merge = (parts: readonly (readonly [ResourceTypes, count: number])[]): ResourceTypes => {
  const counts: Record<string, number> = {};
  for (const [types, count] of parts) {
    for (const [type, each] of Object.entries(types)) counts[type] = (counts[type] ?? 0) + each * count;
  }
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** CloudWatch mutes for 15 days at most. */
const longestMuteMs = 15 * 86_400_000;

/** As CloudWatch can say them: either of a date and a weekday is two rules, and for both at once it has no words. */
const mutesOf = ({ when }: MaintenancePlan): number => {
  if (when.kind === 'once') return Math.ceil((when.toMs - when.fromMs) / longestMuteMs);
  const fields = parseCron(when.expression);
  if (!fields.ok) return 0;
  const { days, weekdays, eitherDay } = fields.value;
  const restricted = days.length < 31 && weekdays.length < 7;
  if (!restricted) return 1;
  return eitherDay ? 2 : 0;
};

/** A window of some probes mutes the alarms that they have of their own. */
const muteRules = ({ maintenance, probes }: Plan): number => {
  const dedicated = new Set(probes.filter(({ alarm }) => alarm.dedicated).map(({ id }) => id));
  return maintenance
    .filter((window) => window.probes.length === 0 || window.probes.some((id) => dedicated.has(id)))
    .reduce((sum, window) => sum + mutesOf(window), 0);
};

/** An address is subscribed once to each topic that is to reach it. */
const mailSubscriptions = ({ notify }: Plan): number => {
  const mails = routes.flatMap((route) =>
    notify[route]
      .filter(({ kind }) => kind === 'email')
      .map(({ options }) => JSON.stringify([topicOfRoute[route], options.to ?? null])),
  );
  return new Set(mails).size;
};

/** What a deploy of the plan creates, by type: the same for 1 probe and for 10,000, but for cadences and dedicated alarms. */
export const resourcesOf = (plan: Plan, profile: Profile = 'aws'): ResourceTypes => {
  const { schedules, tick } = cadencesOf(plan.probes);
  const aws = profile === 'aws' ? 1 : 0;
  const drills = cloudDrills(plan);
  const scheduled = drills.filter(({ schedule }) => schedule !== undefined);
  return merge([
    [constantResources, 1],
    [awsOnlyResources, aws],
    [{ 'AWS::CloudWatch::AlarmMuteRule': 1 }, aws * muteRules(plan)],
    [{ 'AWS::Scheduler::Schedule': 1 }, schedules.length + (tick ? 1 : 0)],
    [{ 'AWS::SNS::Subscription': 1 }, mailSubscriptions(plan)],
    [emptierResources, plan.cloud.keep.includes('bucket') ? 0 : 1],
    [customerKeyResources, plan.cloud.customerKey ? 1 : 0],
    [dedicatedResources, plan.probes.filter(({ alarm }) => alarm.dedicated).length],
    [drillResources, drills.length > 0 ? 1 : 0],
    [drillScheduleResources, hasDrillAlarm(plan) ? 1 : 0],
    [{ 'AWS::Scheduler::Schedule': 1 }, scheduled.length],
  ]);
};

export const countResources = (types: ResourceTypes): number =>
  Object.values(types).reduce((sum, count) => sum + count, 0);
