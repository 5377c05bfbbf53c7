import type { Place } from '../place.ts';
import type { ControlPlan, MaintenancePlan } from '../plan.ts';
import { parseCronSchedule } from '../schedule.ts';
import type { Config } from '../schema/config.ts';
import { checkUrl } from './request.ts';
import { isCalendarDay, readDuration } from './values.ts';

type WindowInput = NonNullable<Config['maintenance']>[number];
type When = MaintenancePlan['when'];

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

const readInstant = (text: string, place: Place): number => {
  const ms = instant.test(text) && isCalendarDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    place.refuse('is not a time with its zone', { got: text, remedy: "write such as '2027-01-31T22:00Z'" });
  return ms;
};

const readOnce = (input: Extract<WindowInput, { from: string }>, place: Place): When => {
  const [fromMs, toMs] = [readInstant(input.from, place.at('from')), readInstant(input.to, place.at('to'))];
  if (toMs <= fromMs) place.at('to').refuse('is not after from', { got: input.to });
  return { kind: 'once', fromMs, toMs };
};

const longestWindowMs = 7 * 86_400_000;

const readCron = (input: Extract<WindowInput, { cron: string }>, place: Place): When | undefined => {
  const forMs = readDuration(input.for, place.at('for'), { min: 60_000, max: longestWindowMs });
  const timezone = input.timezone ?? 'UTC';
  const schedule = parseCronSchedule(input.cron, timezone);
  if (schedule.ok) return { kind: 'cron', expression: input.cron, timezone, forMs: forMs ?? 60_000 };
  const { field, message, remedy } = schedule;
  place.at(field).refuse(message, { got: input[field], remedy });
  return undefined;
};

const readWindow = (
  input: WindowInput,
  place: Place,
  probes: readonly string[],
  lost: ReadonlySet<string>,
): readonly MaintenancePlan[] => {
  for (const [id, at] of place.at('probes').items(input.probes)) {
    if (!probes.includes(id) && !lost.has(id)) at.refuse('is no probe', { got: id, remedy: 'write the id of a probe' });
  }
  if (input.reason.trim() === '') place.at('reason').refuse('is empty', { remedy: 'say why: reports show it' });
  const when = 'from' in input ? readOnce(input, place) : readCron(input, place);
  return when ? [{ reason: input.reason, probes: input.probes ?? [], when }] : [];
};

export const compileMaintenance = (
  config: Config,
  place: Place,
  lost: ReadonlySet<string>,
): readonly MaintenancePlan[] => {
  const probes = (config.probes ?? []).map((probe) => probe.id);
  return place.items(config.maintenance).flatMap(([window, at]) => readWindow(window, at, probes, lost));
};

const longestControlMs = 30_000;

export const compileControl = (input: Config['control'], place: Place): ControlPlan | undefined => {
  if (input === undefined) return undefined;
  checkUrl(input.url, place.at('url'), ['http', 'https']);
  const timeoutMs = readDuration(input.timeout, place.at('timeout'), { max: longestControlMs });
  return { url: input.url, timeoutMs: timeoutMs ?? 5000 };
};
