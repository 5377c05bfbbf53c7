import { drillConcluded, eventSource, verdictChanged } from '../names.ts';
import { type AlarmChange, alarmChangeOfEvent, alarmChangeOfSns, type Fields, isObject } from './alarm-change.ts';
import { type DrillEnd, drillEndOf } from './drill-end.ts';

/** What an invocation of the page function asks for. */
type PageInput = {
  /** Ids of probes with events in the outbox; `all`: whoever has some. */
  readonly probes: readonly string[] | 'all';
  readonly alarms: readonly AlarmChange[];
  /** Drills that are over. */
  readonly drills: readonly DrillEnd[];
  /** What is none of it, in words: it is told, and never dropped in silence. */
  readonly poison: readonly string[];
};

const nothing: PageInput = { probes: [], alarms: [], drills: [], poison: [] };

const poisonOf = (error: unknown): PageInput => ({
  ...nothing,
  poison: [error instanceof Error ? error.message : String(error)],
});

const unknown = (value: unknown): PageInput => {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 200);
  return poisonOf(
    `neither a verdict's event, nor the end of a drill, nor a change of an alarm, nor a replay: ${shown}`,
  );
};

const attempt = (read: () => Partial<PageInput>): PageInput => {
  try {
    return { ...nothing, ...read() };
  } catch (error) {
    return poisonOf(error);
  }
};

const readRecord = (record: unknown): PageInput => {
  const message = isObject(record) && isObject(record.Sns) ? record.Sns.Message : undefined;
  if (typeof message !== 'string') return unknown(record);
  return attempt(() => ({ alarms: [alarmChangeOfSns(JSON.parse(message))] }));
};

const readEvent = (event: Fields): PageInput => {
  const { source, detail } = event;
  const type = event['detail-type'];
  if (source === 'aws.cloudwatch' && type === 'CloudWatch Alarm State Change') {
    return attempt(() => ({ alarms: [alarmChangeOfEvent(event)] }));
  }
  if (source === eventSource && type === drillConcluded) return attempt(() => ({ drills: [drillEndOf(detail)] }));
  if (source !== eventSource || type !== verdictChanged || !isObject(detail)) return unknown(event);
  const { probe } = detail;
  return typeof probe === 'string' && probe !== '' ? { ...nothing, probes: [probe] } : unknown(event);
};

/** By hand, or by a replay: sends what is still in the outbox, of these probes or of all. */
const readReplay = (input: Fields): PageInput => {
  const { probes } = input;
  if (probes === undefined) return { ...nothing, probes: 'all' };
  const named = Array.isArray(probes) && probes.every((probe): probe is string => typeof probe === 'string');
  return named ? { ...nothing, probes } : unknown(input);
};

const join = (inputs: readonly PageInput[]): PageInput => ({
  probes: inputs.flatMap(({ probes }) => (probes === 'all' ? [] : probes)),
  alarms: inputs.flatMap(({ alarms }) => alarms),
  drills: inputs.flatMap(({ drills }) => drills),
  poison: inputs.flatMap(({ poison }) => poison),
});

/** Reads what the function was invoked with: records of SNS, an event of EventBridge, or `{ kind: 'replay', probes? }`. */
export const readPageInput = (input: unknown): PageInput => {
  if (!isObject(input)) return unknown(input);
  if (Array.isArray(input.Records)) return join(input.Records.map(readRecord));
  if (input.kind === 'replay') return readReplay(input);
  return 'detail-type' in input ? readEvent(input) : unknown(input);
};
