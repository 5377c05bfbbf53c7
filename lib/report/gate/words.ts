import {
  type Deferral,
  type GateInput,
  type GateObjective,
  type GateReport,
  type GateScenario,
  limitWords,
} from '../../judge/gate.ts';
import type { Run } from '../../result/result.ts';
import { suspectWords } from '../facts.ts';
import { formatActual, formatAge, formatFraction, formatInstant, formatShareInterval } from '../format.ts';
import { OUTCOME_WORDS, type Outcome } from '../outcome.ts';

const resultOrder = ['pass', 'fail', 'inconclusive', 'skipped', 'deferred'] as const satisfies readonly Outcome[];

/** `2 scenarios passed, 1 failed, 1 deferred`. */
export const tallyWords = ({ scenarios }: GateReport): string => {
  const counts = resultOrder.flatMap((result) => {
    const count = scenarios.filter((one) => one.result === result).length;
    return count === 0 ? [] : [`${count} ${OUTCOME_WORDS[result]}`];
  });
  return `scenarios: ${counts.join(', ')}`;
};

/** Which ones decided: `broken by api-write, input queue_lag_p99_s; undecided: api-read`. */
export const causeWords = ({ result, broken, undecided }: GateReport): string => {
  const open = undecided.length === 0 ? [] : [`undecided: ${undecided.join(', ')}`];
  if (broken.length > 0) return [`broken by ${broken.join(', ')}`, ...open].join('; ');
  if (open.length > 0) return open.join('');
  return result === 'inconclusive' ? 'no scenario was judged' : 'nothing broke it';
};

/** `runs of the last 24 h, thresholds by statistics`. */
export const termsWords = ({ maxAgeMs, confident }: GateReport): string =>
  `runs of the last ${formatAge(maxAgeMs)}${confident ? ', statistics decide' : ''}`;

export const advisoryWords = 'advisory: it stops nothing, whatever it says (exit 0)';

/** Nothing while a deferral is not overdue. */
export const overdueWords = ({ until, overdueMs }: Deferral): string | undefined =>
  until === undefined || overdueMs === undefined
    ? undefined
    : `OVERDUE: it was put off until ${until}, which is ${formatAge(overdueMs)} past; lift it, or say a new day and why`;

/** `put off until 2027-01-31: the worker does not exist yet`. */
export const deferralWords = ({ reason, until }: Deferral): string =>
  `put off${until === undefined ? '' : ` until ${until}`}: ${reason}`;

/** What stands against a scenario, or for its having no result. */
export const reasonsOf = ({ deferral, reasons }: GateScenario): readonly string[] => {
  if (deferral === undefined) return reasons;
  const overdue = overdueWords(deferral);
  return [...(overdue === undefined ? [] : [overdue]), deferralWords(deferral)];
};

/** What the baseline has to say, unless the reasons or the notes say it. */
export const baselineWords = ({ baseline, reasons, notes }: GateScenario): readonly string[] =>
  baseline === null || reasons.includes(baseline.words) || notes.includes(baseline.words) ? [] : [baseline.words];

/** Whose fault it looks like, of a scenario that did not pass. */
export const suspectOf = ({ run, result }: GateScenario): readonly string[] =>
  run?.attribution === undefined || result === 'pass' ? [] : [suspectWords(run.attribution)];

export const runbookOf = ({ run, result }: GateScenario): readonly string[] =>
  run?.runbook === undefined || result !== 'fail' ? [] : [run.runbook];

const triggerWords = {
  schedule: 'by its schedule',
  demand: 'on demand',
  confirm: 'to confirm a failure',
} as const satisfies Record<Run['trigger'], string>;

/** `run api-read/…, 2026-04-07 13:00:05 UTC (12 min ago), dev, on demand`. */
export const proofWords = (run: Run, ageMs: number): string =>
  `run ${run.runId}, ${formatInstant(run.startedAt)} (${formatAge(ageMs)} ago), ${run.environment}, ${triggerWords[run.trigger]}`;

/** `18.0 ms, 0 of 20 bad, budget 5 %, 95 % interval 0–16.8 %`. */
export const objectiveWords = (one: GateObjective): string =>
  [
    formatActual(one),
    one.bad === undefined || one.total === undefined ? [] : `${one.bad} of ${one.total} bad`,
    one.budget === undefined ? [] : `budget ${formatFraction(one.budget)}`,
    one.interval === undefined ? [] : `95 % interval ${formatShareInterval(one.interval)}`,
    one.judged === null ? 'not judged by one run' : [],
  ]
    .flat()
    .join(', ');

/** `8` and `at most 15`. */
export const inputWords = (input: GateInput): { readonly value: string; readonly limit: string } => ({
  value: input.value === null ? 'not given' : String(input.value),
  limit: limitWords(input),
});
