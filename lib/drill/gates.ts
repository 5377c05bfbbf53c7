import type { DrillPlan } from '../config/plan.ts';
import { firesBetween } from '../config/schedule.ts';
import { describeFault } from './fault.ts';
import type { DrillClock, DrillStore, GateMoment, Gates } from './ports.ts';
import type { EpochMs } from './record.ts';
import type { DrillReport } from './report.ts';
import { chainProblem } from './seal.ts';

/** `unknown`: nothing was judged, or too little: no grounds to restart anything. */
export type AlarmState = { readonly probe: string; readonly state: 'ok' | 'breached' | 'unknown' };

export type GateSources = {
  readonly drill: DrillPlan;
  readonly store: Pick<DrillStore, 'killSwitch' | 'reports'>;
  readonly clock: Pick<DrillClock, 'now'>;
  /** Of every probe of the service. What it throws closes the gate. */
  readonly alarms: (signal: AbortSignal) => Promise<readonly AlarmState[]>;
};

const killSwitchGate = async ({ store }: GateSources): Promise<readonly string[]> => {
  const { on, reason } = await store.killSwitch();
  return on ? [`drills are stopped: ${reason ?? 'nobody said why'}`] : [];
};

type Answer = { readonly closed: readonly string[]; readonly warnings: readonly string[] };

const unjudged = (probe: string): string => `nobody knows how ${probe} does: it has not been judged`;

/**
 * A probe that is named and that nobody has judged closes the gate before a drill; where all block, those that were never
 * judged only warn: a fresh install has nothing else.
 */
const alarmGate = async (
  { drill: { blockedBy }, alarms }: GateSources,
  signal: AbortSignal,
  moment: GateMoment,
): Promise<Answer> => {
  const states = await alarms(signal);
  const raised = states
    .filter(({ probe, state }) => state === 'breached' && (blockedBy === 'all' || blockedBy.includes(probe)))
    .map(({ probe }) => `the alarm of ${probe} is raised`);
  if (moment === 'under way') return { closed: raised, warnings: [] };
  if (blockedBy === 'all') {
    const unknown = states.filter(({ state }) => state === 'unknown');
    return { closed: raised, warnings: unknown.map(({ probe }) => unjudged(probe)) };
  }
  const judged = new Set(states.filter(({ state }) => state !== 'unknown').map(({ probe }) => probe));
  return { closed: [...raised, ...blockedBy.filter((probe) => !judged.has(probe)).map(unjudged)], warnings: [] };
};

const windowGate = ({ windows }: DrillPlan, now: EpochMs): readonly string[] => {
  const isOpen = windows.some(
    ({ expression, timezone, forMs }) =>
      firesBetween({ kind: 'cron', expression, timezone }, now - forMs, now, 1).length > 0,
  );
  if (windows.length === 0 || isOpen) return [];
  return [`outside its windows: ${windows.map(({ expression, timezone }) => `${expression} ${timezone}`).join(', ')}`];
};

const restarted = ({ receipt }: DrillReport): boolean => receipt !== null;

const intervalGate = async ({ drill, store }: GateSources, now: EpochMs): Promise<readonly string[]> => {
  if (drill.minIntervalMs === 0) return [];
  // Refusals and dry runs lie between; so many in a row that the last restart is not among them would be strange.
  const last = (await store.reports(drill.id, 50)).find(restarted);
  if (!last) return [];
  const sinceMs = now - Date.parse(last.endedAt);
  if (sinceMs >= drill.minIntervalMs) return [];
  const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)} min`;
  return [`the last drill ended ${minutes(sinceMs)} ago, and ${minutes(drill.minIntervalMs)} must lie between two`];
};

/** Evidence that was tampered with is no reason to put off a drill, and every reason to say so in the next report. */
const chainWarnings = async ({ drill, store }: GateSources): Promise<Answer> => {
  const problem = chainProblem(await store.reports(drill.id, 20));
  return {
    closed: [],
    warnings: problem === undefined ? [] : [`the earlier reports are not as they were: ${problem}`],
  };
};

/** One gate that fails is closed: what cannot be asked says no. */
const failClosed = async (name: string, gate: () => Promise<readonly string[] | Answer>): Promise<Answer> => {
  try {
    const answer = await gate();
    return 'closed' in answer ? answer : { closed: answer, warnings: [] };
  } catch (fault) {
    return { closed: [`${name} cannot be asked: ${describeFault(fault)}`], warnings: [] };
  }
};

/** The gates of a drill: kill switch and alarms at any moment; window, interval and the chain of reports before it starts. */
export const createGates =
  (sources: GateSources): Gates =>
  async (signal, moment) => {
    const now = sources.clock.now();
    const always = [
      failClosed('the kill switch', () => killSwitchGate(sources)),
      failClosed('the state of the alarms', () => alarmGate(sources, signal, moment)),
    ];
    const before = [
      failClosed('the window', async () => windowGate(sources.drill, now)),
      failClosed('the last drill', () => intervalGate(sources, now)),
      failClosed('the chain of reports', () => chainWarnings(sources)),
    ];
    const answers = await Promise.all(moment === 'start' ? [...always, ...before] : always);
    return {
      closed: answers.flatMap(({ closed }) => closed),
      warnings: answers.flatMap(({ warnings }) => warnings),
    };
  };
