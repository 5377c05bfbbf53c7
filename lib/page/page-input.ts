import { eventSource, verdictChanged } from '../names.ts';
import { type AlarmChange, alarmChangeOfEvent, alarmChangeOfSns, type Fields, isObject } from './alarm-change.ts';

/** What an invocation of the page function asks for. */
type PageInput = {
  /** Ids of probes with events in the outbox; `all`: whoever has some. */
  readonly probes: readonly string[] | 'all';
  readonly alarms: readonly AlarmChange[];
  /** What is none of it, in words: it is told, and never dropped in silence. */
  readonly poison: readonly string[];
};

const nothing: PageInput = { probes: [], alarms: [], poison: [] };

const poisonOf = (error: unknown): PageInput => ({
  ...nothing,
  poison: [error instanceof Error ? error.message : String(error)],
});

const unknown = (value: unknown): PageInput => {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 200);
  return poisonOf(`neither a verdict's event, nor a change of an alarm, nor a replay: ${shown}`);
};

const attempt = (read: () => AlarmChange): PageInput => {
  try {
    return { ...nothing, alarms: [read()] };
  } catch (error) {
    return poisonOf(error);
  }
};

const readRecord = (record: unknown): PageInput => {
  const message = isObject(record) && isObject(record.Sns) ? record.Sns.Message : undefined;
  if (typeof message !== 'string') return unknown(record);
  return attempt(() => alarmChangeOfSns(JSON.parse(message)));
};

const readEvent = (event: Fields): PageInput => {
  const { source, detail } = event;
  const type = event['detail-type'];
  if (source === 'aws.cloudwatch' && type === 'CloudWatch Alarm State Change') {
    return attempt(() => alarmChangeOfEvent(event));
  }
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
  poison: inputs.flatMap(({ poison }) => poison),
});

/** Reads what the function was invoked with: records of SNS, an event of EventBridge, or `{ kind: 'replay', probes? }`. */
export const readPageInput = (input: unknown): PageInput => {
  if (!isObject(input)) return unknown(input);
  if (Array.isArray(input.Records)) return join(input.Records.map(readRecord));
  if (input.kind === 'replay') return readReplay(input);
  return 'detail-type' in input ? readEvent(input) : unknown(input);
};
