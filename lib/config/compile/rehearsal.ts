import type { Place } from '../place.ts';
import type { RehearsalEffect, RehearsalIncident, RehearsalPlan } from '../plan.ts';
import type { Config } from '../schema/config.ts';
import { readDuration, readPercent } from './values.ts';

type IncidentInput = NonNullable<Config['rehearsal']>['incidents'][number];

export const rehearsalDefaults = { spanMs: 90 * 86_400_000, seed: 1 } as const;

const remedy = "write a percentage such as '20%'";

const readEffect = (input: IncidentInput, place: Place): RehearsalEffect => {
  if ('down' in input) return { kind: 'down' };
  if ('blind' in input) return { kind: 'blind' };
  const percent = (text: string, key: string, below: number) =>
    readPercent(text, place.at(key), { above: 0, below, remedy }) ?? 0;
  // 100 % errors is written as down: a share below one leaves answers to compare with.
  if ('errors' in input) return { kind: 'errors', share: percent(input.errors, 'errors', 1) };
  if ('tail' in input) return { kind: 'tail', share: percent(input.tail, 'tail', 1) };
  if ('slower' in input) return { kind: 'slower', by: percent(input.slower, 'slower', 100) };
  return { kind: 'creep', byPerDay: percent(input.creep, 'creep', 100) };
};

const readIncident = (
  input: IncidentInput,
  place: Place,
  spanMs: number,
  scheduled: readonly string[],
  lost: ReadonlySet<string>,
): RehearsalIncident => {
  for (const [id, at] of place.at('probes').items(input.probes)) {
    if (!scheduled.includes(id) && !lost.has(id))
      at.refuse('is no probe with a schedule', { got: id, remedy: 'write the id of one that has' });
  }
  const startMs = readDuration(input.after, place.at('after')) ?? 0;
  const forMs = readDuration(input.for, place.at('for')) ?? 0;
  if (startMs + forMs > spanMs)
    place.at('after').refuse('ends after the rehearsal', { got: input.after, remedy: 'rehearse for longer' });
  return {
    probes: input.probes ?? scheduled,
    startMs,
    forMs,
    effect: readEffect(input, place),
    expect: input.expect,
    withinMs: readDuration(input.within, place.at('within')) ?? forMs,
  };
};

export const compileRehearsal = (
  config: Config,
  place: Place,
  lost: ReadonlySet<string>,
): RehearsalPlan | undefined => {
  const input = config.rehearsal;
  if (input === undefined) return undefined;
  const spanMs = readDuration(input.for, place.at('for'), { min: 3_600_000 }) ?? rehearsalDefaults.spanMs;
  const scheduled = (config.probes ?? []).filter((probe) => probe.schedule !== undefined).map((probe) => probe.id);
  return {
    spanMs,
    seed: input.seed ?? rehearsalDefaults.seed,
    incidents: place
      .at('incidents')
      .items(input.incidents)
      .map(([incident, at]) => readIncident(incident, at, spanMs, scheduled, lost)),
  };
};
