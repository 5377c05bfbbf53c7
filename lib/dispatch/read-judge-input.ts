import { type Parsed, parsed, refused } from '../config/parsed.ts';
import { verdictChanged } from '../names.ts';
import type { JudgeInput } from './input.ts';

const tickKeys: readonly string[] = ['kind', 'scheduledTime', 'at'];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const readTick = (given: ReadonlyMap<string, unknown>): Parsed<JudgeInput> => {
  const unknown = [...given.keys()].find((key) => !tickKeys.includes(key));
  if (unknown !== undefined)
    return refused(`the input has a key ${unknown.slice(0, 80)}, which kind tick does not know`);
  const scheduledTime = given.get('scheduledTime');
  const at = given.get('at');
  if (!isText(scheduledTime)) return refused('the input has no scheduledTime, which kind tick needs');
  if (at !== undefined && !isText(at)) return refused('the input at is no text');
  return parsed({ kind: 'tick', scheduledTime, ...(at === undefined ? {} : { at }) });
};

/** What the judge was invoked with: its schedule's tick, or an event of EventBridge that says that a verdict changed. */
export const readJudgeInput = (value: unknown): Parsed<JudgeInput> => {
  if (typeof value !== 'object' || value === null) return refused('the input is no JSON object');
  const given = new Map<string, unknown>(Object.entries(value));
  if (given.get('detail-type') === verdictChanged || given.get('kind') === 'changed')
    return parsed({ kind: 'changed' });
  if (given.get('kind') === 'tick') return readTick(given);
  return refused(`the input is neither a tick nor an event ${verdictChanged}`);
};
