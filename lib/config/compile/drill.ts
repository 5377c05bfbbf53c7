import type { Place } from '../place.ts';
import type { DrillPlan, TargetPlan } from '../plan.ts';
import { nearest } from '../problem.ts';
import { parseCronSchedule } from '../schedule.ts';
import type { DrillInput } from '../schema/config.ts';
import { idPattern, idRemedy } from './probe.ts';
import { checkUrl } from './request.ts';
import { compileRestart } from './restart.ts';
import { given, readDuration, readSchedule } from './values.ts';

const drillDefaults = {
  severity: 'ticket',
  seeds: 20,
  streak: 3,
  everyMs: 250,
  leastOutageMs: 60_000,
  clockSkewMs: 2000,
} as const;

const longestWindowMs = 7 * 86_400_000;

type Window = NonNullable<DrillInput['windows']>[number];

const readWindow = (window: Window, place: Place): DrillPlan['windows'] => {
  const { cron, timezone = 'UTC' } = window;
  const forMs = readDuration(window.for, place.at('for'), { min: 60_000, max: longestWindowMs }) ?? 60_000;
  const schedule = parseCronSchedule(cron, timezone);
  if (schedule.ok) return [{ expression: cron, timezone, forMs }];
  place.at(schedule.field).refuse(schedule.message, { got: window[schedule.field], remedy: schedule.remedy });
  return [];
};

type Known = { readonly probes: readonly string[]; readonly lost: ReadonlySet<string> };

const readBlockers = (
  input: DrillInput['blockedBy'],
  place: Place,
  { probes, lost }: Known,
): DrillPlan['blockedBy'] => {
  if (input === undefined || input === 'all') return 'all';
  for (const [id, at] of place.items(input)) {
    if (probes.includes(id) || lost.has(id)) continue;
    const near = nearest(id, probes);
    const remedy = near === undefined ? 'write the id of a probe' : `did you mean \`${near}\`?`;
    at.refuse('is no probe', { got: id, remedy });
  }
  return input;
};

/** So fast that nobody sees more of it than of the sampler itself. */
const shortestTurnMs = 50;

const readTimes = (drill: DrillInput, place: Place) => {
  const time = (key: 'rto' | 'rpo' | 'every' | 'maxOutage' | 'minInterval' | 'clockSkew', min: number) =>
    readDuration(drill[key], place.at(key), { min });
  const rtoMs = time('rto', 1) ?? 0;
  const maxOutageMs = time('maxOutage', 1) ?? Math.max(4 * rtoMs, drillDefaults.leastOutageMs);
  if (maxOutageMs < rtoMs) {
    const remedy = 'raise it: what may take so long to recover must be waited for';
    place.at('maxOutage').refuse('is shorter than the rto', { got: drill.maxOutage, remedy });
  }
  return {
    rtoMs,
    rpoMs: time('rpo', 0) ?? 0,
    everyMs: time('every', shortestTurnMs) ?? drillDefaults.everyMs,
    maxOutageMs,
    minIntervalMs: time('minInterval', 0) ?? 0,
    clockSkewMs: time('clockSkew', 0) ?? drillDefaults.clockSkewMs,
  };
};

export const compileDrill = (drill: DrillInput, place: Place, known: Known): DrillPlan => {
  if (!idPattern.test(drill.id)) place.at('id').refuse('is not an id', { got: drill.id, remedy: idRemedy });
  if (drill.runbook !== undefined) checkUrl(drill.runbook, place.at('runbook'), ['http', 'https']);
  return {
    id: drill.id,
    target: drill.target,
    ...given('schedule', readSchedule(drill.schedule, place.at('schedule'))),
    severity: drill.severity ?? drillDefaults.severity,
    ...given('runbook', drill.runbook),
    restart: compileRestart(drill.restart, place.at('restart')),
    ...readTimes(drill, place),
    seeds: drill.seeds ?? drillDefaults.seeds,
    streak: drill.streak ?? drillDefaults.streak,
    windows: place
      .at('windows')
      .items(drill.windows)
      .flatMap(([window, at]) => readWindow(window, at)),
    blockedBy: readBlockers(drill.blockedBy, place.at('blockedBy'), known),
  };
};

/** What a drill cannot do without. What lost a part to a mistake that is reported already is not missing. */
export const checkDrillTarget = (drill: DrillPlan, target: TargetPlan, whole: boolean, place: Place): void => {
  if (!whole) return;
  const refuse = (what: string, remedy: string) =>
    place.at('target').refuse(`has no ${what}`, { got: drill.target, remedy });
  if (!target.identity) {
    const url = "identity: { url: '{{baseUrl}}/identity', boot: '$.bootId' }";
    refuse('identity: nothing could prove that it was restarted', `write targets.${drill.target}.${url}`);
  }
  if (!target.ledger) {
    const remedy = `write targets.${drill.target}.ledger: { write, read }, so that losses can be seen`;
    refuse('ledger: nothing could be lost, for nothing is written', remedy);
  }
  if (drill.restart.kind === 'process' && !target.start) {
    const remedy = `write targets.${drill.target}.start, or another kind of restart`;
    refuse('start command, and only a process that the drill has started can be killed by it', remedy);
  }
};
