import { type Verdict, verdicts } from '../drill/verdict.ts';
import { type Fields, isObject } from './alarm-change.ts';
import type { DrillEnding } from './drill-news.ts';

/** A drill that is over, as its event says. */
export type DrillEnd = DrillEnding & {
  readonly drill: string;
  readonly run: string;
  readonly target: string;
  /** ISO. */
  readonly endedAt: string;
  readonly reasons: readonly string[];
};

const textOf = (detail: Fields, key: string): string => {
  const text = detail[key];
  if (typeof text !== 'string' || text === '') throw new Error(`the end of a drill without ${key}`);
  return text;
};

const verdictOf = (detail: Fields): Verdict => {
  const text = textOf(detail, 'verdict');
  const found = verdicts.find((verdict) => verdict === text);
  if (found === undefined) throw new Error(`the end of a drill with the verdict ${text.slice(0, 40)}`);
  return found;
};

/** ISO. */
const instantOf = (detail: Fields, key: string): string => {
  const text = textOf(detail, key);
  if (Number.isNaN(Date.parse(text))) throw new Error(`the end of a drill with the ${key} ${text.slice(0, 40)}`);
  return new Date(text).toISOString();
};

/** The detail of an event `DrillConcluded`. @throws Error saying what is not there. */
export const drillEndOf = (detail: unknown): DrillEnd => {
  if (!isObject(detail)) throw new Error('the end of a drill is a JSON object');
  const { reasons, refusals } = detail;
  return {
    drill: textOf(detail, 'drill'),
    run: textOf(detail, 'run'),
    target: textOf(detail, 'target'),
    verdict: verdictOf(detail),
    trigger: detail.trigger === 'schedule' ? 'schedule' : 'demand',
    refusals: typeof refusals === 'number' ? refusals : 0,
    endedAt: instantOf(detail, 'endedAt'),
    reasons: Array.isArray(reasons) ? reasons.filter((reason): reason is string => typeof reason === 'string') : [],
  };
};
