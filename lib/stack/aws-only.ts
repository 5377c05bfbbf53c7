import { Duration, TimeZone } from 'aws-cdk-lib';
import {
  AlarmMuteRule,
  AlarmRule,
  AlarmState,
  type CalendarDateTime,
  CompositeAlarm,
  ScheduleExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { parseCron } from '../config/cron.ts';
import type { MaintenancePlan, Plan } from '../config/plan.ts';
import { sayValues, spellZone } from '../dispatch/cadence/expression.ts';
import { alarmNameOf, compositeKey, runbookOf, stackAlarms } from '../judge/alarm/stack-alarms.ts';
import { alarmDescription } from '../judge/alarm.ts';
import type { Alarms } from './alarms.ts';

/** The longest that a mute rule mutes. */
const longestMuteMs = 15 * 86_400_000;

export type AwsOnlyProps = {
  readonly plan: Plan;
  readonly prefix: string;
  readonly runbook: string;
  readonly alarms: Alarms;
};

/** What an emulator cannot make: the one alarm for other people's tools, and CloudWatch's own silence in maintenance. */
export class AwsOnly extends Construct {
  constructor(scope: Construct, id: string, props: AwsOnlyProps) {
    super(scope, id);
    this.addComposite(props);
    for (const [index, window] of props.plan.maintenance.entries()) this.addMutes(window, index, props.alarms);
  }

  /**
   * Page-worthy, and we are well ourselves: for a deployment that rolls back on an alarm, or a status page. It has no
   * action, for the page function tells people already.
   */
  private addComposite({ prefix, runbook, alarms }: AwsOnlyProps): void {
    const own = stackAlarms.filter(({ about }) => about === 'monitoring').map(({ key }) => alarms.constant[key]);
    const isUnwell = AlarmRule.anyOf(...own.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)));
    new CompositeAlarm(this, 'ServiceBreached', {
      compositeAlarmName: alarmNameOf(prefix, compositeKey),
      alarmDescription: alarmDescription({
        description: 'Probes have an incident that wakes people, and the monitor that says so is well.',
        runbook: runbookOf(runbook, compositeKey),
      }),
      alarmRule: AlarmRule.allOf(
        AlarmRule.fromAlarm(alarms.constant['breached-page'], AlarmState.ALARM),
        AlarmRule.not(isUnwell),
      ),
    });
  }

  /**
   * The judge lets no run of a window move an alarm, and that is what counts. The mute is for what was breached before it
   * began, and for the alarms that a window of all probes makes meaningless.
   */
  private addMutes({ probes, reason, when }: MaintenancePlan, index: number, alarms: Alarms): void {
    const muted =
      probes.length === 0
        ? [...aboutService.map((key) => alarms.constant[key]), ...alarms.dedicated.values()]
        : probes.flatMap((probe) => alarms.dedicated.get(probe) ?? []);
    if (muted.length === 0) return;
    for (const [part, mute] of mutesOf(when).entries()) {
      new AlarmMuteRule(this, `Mute${index}-${part}`, {
        ...mute,
        description: reason.slice(0, 1024),
        alarms: [...muted],
      });
    }
  }
}

const aboutService = [
  ...stackAlarms.filter(({ about }) => about === 'service').map(({ key }) => key),
  'overdue-probes' as const,
];

type Mute = { readonly schedule: ScheduleExpression; readonly duration: Duration };

const calendarOf = (ms: number): CalendarDateTime => {
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
};

const onceMutes = (fromMs: number, toMs: number): readonly Mute[] => {
  const parts: Mute[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += longestMuteMs) {
    const minutes = Math.ceil((Math.min(toMs, startMs + longestMuteMs) - startMs) / 60_000);
    parts.push({ schedule: ScheduleExpression.at(calendarOf(startMs)), duration: Duration.minutes(minutes) });
  }
  return parts;
};

const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** CloudWatch takes a day of the month or a weekday: either of two is two rules, and both at once has no words. */
const cronMutes = (expression: string, timezone: string, forMs: number): readonly Mute[] => {
  const fields = parseCron(expression);
  if (!fields.ok) return [];
  const { minutes, hours, days, months, weekdays, eitherDay } = fields.value;
  const [anyDay, anyWeekday] = [days.length === 31, weekdays.length === 7];
  const make = (day: readonly number[] | undefined, weekDay: readonly number[] | undefined): Mute => ({
    duration: Duration.minutes(Math.ceil(forMs / 60_000)),
    // A mute rule knows `*`, `-` and `,`, no steps, and takes 256 characters (Schedule of CloudWatch's API).
    schedule: ScheduleExpression.cron({
      minute: sayValues(minutes, 0, 59),
      hour: sayValues(hours, 0, 23),
      ...(day ? { day: sayValues(day, 1, 31) } : {}),
      month: sayValues(months, 1, 12),
      // Names: the numbers of CloudWatch's weekdays are written down nowhere.
      ...(weekDay ? { weekDay: weekDay.map((one) => weekdayNames[one]).join(',') } : {}),
      timeZone: TimeZone.of(spellZone(timezone)),
    }),
  });
  if (eitherDay && !anyDay && !anyWeekday) return [make(days, undefined), make(undefined, weekdays)];
  if (eitherDay || (anyDay && anyWeekday)) return [make(undefined, undefined)];
  if (!anyDay && !anyWeekday) return [];
  return [make(anyDay ? undefined : days, anyWeekday ? undefined : weekdays)];
};

const mutesOf = (when: Plan['maintenance'][number]['when']): readonly Mute[] =>
  when.kind === 'once' ? onceMutes(when.fromMs, when.toMs) : cronMutes(when.expression, when.timezone, when.forMs);
