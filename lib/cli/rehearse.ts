import type { ProbePlan, RehearsalPlan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { keysOf, rulesOf } from '../judge/judge.ts';
import { runsToDetect } from '../judge/regression.ts';
import { usualIncidents } from '../judge/rehearsal.ts';
import { playRehearsal } from '../local/rehearsal/play.ts';
import { formatCount } from '../report/format.ts';
import { type RehearsalReport, renderRehearsalJson, renderRehearsalText } from '../report/rehearsal.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes, environmentOf, loadPlan } from './load-plan.ts';
import type { Terminal } from './terminal.ts';

export type RehearseOptions = { readonly config: string; readonly json: boolean };

const dayMs = 86_400_000;
const usualSpanMs = 90 * dayMs;

/** Ninety days of minutes are a coffee break and not a command: without a word in the config, no more than this. */
const mostRuns = 20_000;

const spanOf = (probes: readonly ProbePlan[]): number => {
  const runsPerMs = probes.reduce((sum, { schedule }) => sum + (schedule ? 1 / cadenceMs(schedule) : 0), 0);
  return Math.max(dayMs, Math.min(usualSpanMs, Math.floor(mostRuns / runsPerMs / dayMs) * dayMs));
};

const usualPlan = (probes: readonly ProbePlan[]): RehearsalPlan => {
  const spanMs = spanOf(probes);
  const keys = keysOf(probes);
  const incidents = probes.flatMap((probe) => {
    const { regression } = rulesOf(probe, keys);
    const runsToSee = (ratio: number) => (regression ? runsToDetect(regression.rule, probe.samples, ratio) : null);
    return usualIncidents(probe, spanMs, runsToSee);
  });
  return { spanMs, seed: 1, incidents };
};

const tellEveryMs = 2000;

/** How far it is, on stderr, where it takes longer than two seconds. */
const progressOf = (spanMs: number, terminal: Terminal) => {
  let toldMs = systemClock.monotonic();
  return (playedMs: number, runs: number): void => {
    const nowMs = systemClock.monotonic();
    if (nowMs - toldMs < tellEveryMs) return;
    toldMs = nowMs;
    const [played, all] = [playedMs, spanMs].map((ms) => Math.round(ms / dayMs));
    terminal.err(`rehearsing: day ${played} of ${all}, ${formatCount(runs)} runs\n`);
  };
};

const rehearse = async (
  ids: readonly string[],
  options: RehearseOptions,
  terminal: Terminal,
): Promise<RehearsalReport> => {
  const plan = await loadPlan(options.config, terminal);
  const probes = chooseProbes(plan, ids).filter(({ schedule }) => schedule !== undefined);
  if (probes.length === 0) throw new CommandError('no probe has a schedule to rehearse: give one a schedule');
  const rehearsal = plan.rehearsal ?? usualPlan(probes);
  const played = await playRehearsal(probes, rehearsal, {
    service: plan.service,
    environment: environmentOf(terminal),
    variables: Object.keys(plan.variables),
    maintenance: plan.maintenance,
    concurrency: probes.length,
    signal: terminal.signal,
    tell: progressOf(rehearsal.spanMs, terminal),
  });
  const { incidents, falseAlarms, passed, runs } = played;
  const { spanMs, seed } = rehearsal;
  const ran = probes.map(({ id }) => id);
  const usual = plan.rehearsal === undefined;
  return { service: plan.service, probes: ran, spanMs, seed, runs, usual, incidents, falseAlarms, passed };
};

/** `plimsoll backtest --rehearse [id]`: 0 when those were told who had to be, and nobody else. */
export const rehearseCommand = async (
  ids: readonly string[],
  options: RehearseOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const report = await rehearse(ids, options, terminal);
  const { outColour: colour, columns: width } = terminal;
  terminal.out(options.json ? renderRehearsalJson(report) : renderRehearsalText(report, { colour, width }));
  return report.passed ? exitCodes.good : exitCodes.bad;
};
