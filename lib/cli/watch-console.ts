import { formatDurationMs } from '../config/duration.ts';
import type { ProbePlan } from '../config/plan.ts';
import { describeSchedule } from '../config/schedule.ts';
import type { Watch, WatchListener } from '../local/watch.ts';
import type { AlarmStep } from '../monitor.ts';
import { formatInstant, plural } from '../report/format.ts';
import { type Outcome, outcomeOf } from '../report/outcome.ts';
import { plainLine } from '../report/plain.ts';
import { renderStateLine, renderWatchLine } from '../report/text/watch.ts';
import type { Terminal } from './terminal.ts';

/** Up to here a line for each run can be read. */
const mostProbesInFull = 12;

const nameWidthOf = (probes: readonly ProbePlan[]): number =>
  Math.min(40, Math.max(0, ...probes.map(({ id }) => id.length)));

const scheduleLine = (probe: ProbePlan, watch: Pick<Watch, 'next'>, width: number): string => {
  const next = watch.next(probe.id);
  const when = next === undefined ? 'never again' : `next ${formatInstant(new Date(next.startMs).toISOString())}`;
  return `  ${probe.id.padEnd(width)}  ${probe.schedule ? describeSchedule(probe.schedule) : 'on demand'}, ${when}`;
};

/** The plan in short: each probe with its next start where they are few, else those that are waited for long. */
export const describeWatch = (probes: readonly ProbePlan[], watch: Pick<Watch, 'next'>): readonly string[] => {
  const few = probes.length <= mostProbesInFull;
  const shown = few ? probes : probes.filter(({ schedule }) => schedule?.kind === 'cron').slice(0, mostProbesInFull);
  const more = few ? 0 : probes.length - shown.length;
  const width = nameWidthOf(shown);
  return [
    ...shown.map((probe) => scheduleLine(probe, watch, width)),
    ...(more > 0 ? [`  ${shown.length > 0 ? 'and ' : ''}${plural(more, shown.length > 0 ? 'other' : 'probe')}`] : []),
  ];
};

/** What a watch prints: every run where the probes are few (or `verbose`), else what is not good or has changed. */
export type WatchConsole = Pick<WatchListener, 'ended' | 'moved' | 'told' | 'clockStepped' | 'failed'>;

export const openWatchConsole = (
  probes: () => readonly ProbePlan[],
  verbose: boolean,
  terminal: Terminal,
): WatchConsole => {
  const outcomes = new Map<string, Outcome>();
  const broken = new Map<string, string>();
  const options = () => ({ colour: terminal.outColour, nameWidth: nameWidthOf(probes()) });
  const print = (line: string | undefined): void => {
    if (line !== undefined) terminal.out(`${line}\n`);
  };
  const printAlarm = ({ before, after, events }: AlarmStep): void => {
    if (after) print(renderStateLine(before, after, options()));
    for (const { text } of events) print(text.replaceAll(/^(?=.)/gm, '    '));
  };
  return {
    ended: (run, alarm) => {
      const outcome = outcomeOf(run);
      const isNews = outcome !== (outcomes.get(run.probe) ?? 'pass') || (outcome !== 'pass' && outcome !== 'skipped');
      if (run.status === 'done') broken.delete(run.probe);
      outcomes.set(run.probe, outcome);
      if (verbose || isNews || probes().length <= mostProbesInFull) print(renderWatchLine(run, options()));
      printAlarm(alarm);
    },
    moved: (_, alarm) => printAlarm(alarm),
    told: (event, line) => print(`    ${plainLine(`${event.probe} ${event.kind}: ${line}`)}`),
    clockStepped: (stepMs) => {
      const [way, then] =
        stepMs < 0
          ? ['back', 'slots that were run are not run again']
          : ['ahead', 'slots in between are told as missed (a machine that slept looks the same)'];
      terminal.err(`plimsoll: the clock went ${way} by ${formatDurationMs(Math.abs(stepMs))}: ${then}\n`);
    },
    failed: (probe, error) => {
      const message = error instanceof Error ? error.message : String(error);
      // Once, and not at each slot.
      if (broken.get(probe) === message) return;
      broken.set(probe, message);
      terminal.err(`plimsoll: ${probe}: our own side failed, and the watch goes on: ${message}\n`);
    },
  };
};
