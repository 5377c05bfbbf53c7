import { formatDurationMs } from '../../config/duration.ts';
import type { IntervalMs, Outage } from '../../drill/recovery.ts';
import type { DrillReport } from '../../drill/report.ts';
import type { Verdict } from '../../drill/verdict.ts';
import { formatCount, formatMs } from '../format.ts';
import type { Outcome } from '../outcome.ts';

/** How a verdict reads beside those of runs: its mark and its colour. */
export const outcomeOfVerdict = (verdict: Verdict): Outcome => {
  if (verdict === 'PASS') return 'pass';
  if (verdict === 'DRY_RUN') return 'skipped';
  return verdict.startsWith('FAIL_') ? 'fail' : 'inconclusive';
};

const meanings: Readonly<Record<Verdict, string>> = {
  PASS: 'the restart lost nothing',
  DRY_RUN: 'nothing was restarted: this is what would be',
  REFUSED: 'nothing was restarted: something stands against it',
  FAIL_NO_RECOVERY: 'the target did not come back',
  FAIL_LOST: 'writes that were acknowledged are gone',
  FAIL_INTEGRITY: 'what is there is not what was written',
  FAIL_ORDER: 'the streams are not what they were',
  FAIL_PROJECTION: 'the read models do not agree with the events',
  FAIL_LIVENESS: 'the target is back, and does not do its work',
  FAIL_RPO: 'more was lost than the RPO allows',
  FAIL_RTO: 'the recovery took longer than the RTO allows',
  INVALID_NO_RESTART: 'no restart was proven: whatever else was good proves nothing',
  INVALID_BASELINE: 'the target was not sound before: nothing was restarted',
  ABORTED: 'it was ended before it was over',
  INTERRUPTED: 'its runner was killed, and somebody else cleaned up',
  ERROR: 'the drill itself failed: nothing is said of the target',
};

export const verdictWords = (verdict: Verdict): string => meanings[verdict];

/** `1.20 s to 1.45 s`, or `> 30.0 s` where no end was seen. */
export const intervalWords = ({ lowerMs, upperMs }: IntervalMs): string => {
  if (upperMs === null) return `> ${formatMs(lowerMs)}`;
  const [lower, upper] = [formatMs(lowerMs), formatMs(upperMs)];
  return lower === upper ? lower : `${lower} to ${upper}`;
};

/** `1.20 s to 1.45 s of 30s`, the objective behind it. */
export const againstWords = (measured: IntervalMs | null, objectiveMs: number): string => {
  const objective = objectiveMs === 0 ? '0s' : formatDurationMs(objectiveMs);
  return `${measured === null ? 'not measured' : intervalWords(measured)}, objective ${objective}`;
};

export const outageWords = (outage: Outage): string => {
  if (outage.kind === 'unsampled') return 'not sampled';
  if (outage.kind === 'unseen') return `none seen at a resolution of ${formatMs(outage.resolutionMs)}`;
  return intervalWords(outage.durationMs);
};

/** The verb of each figure of the ledger; those that must be none come with their mark. */
export const ledgerWords = ({ ledger }: DrillReport): string => {
  const { attempted, acknowledged, ...fates } = ledger;
  const rest = Object.entries(fates).map(([fate, count]) => `${formatCount(count)} ${fate}`);
  return [`${formatCount(attempted)} attempted`, `${formatCount(acknowledged)} acknowledged`, ...rest].join(', ');
};

/** The whole answer in one line. */
export const answerWords = ({ verdict, measured, objectives, reasons }: DrillReport): string => {
  const because = reasons[0];
  if (measured.rta === null || measured.rpa === null) {
    return because === undefined ? verdictWords(verdict) : `${verdictWords(verdict)}: ${because}`;
  }
  const rta = `RTA ${againstWords(measured.rta, objectives.rtoMs)}`;
  return `${verdictWords(verdict)}; ${rta}; RPA ${againstWords(measured.rpa, objectives.rpoMs)}`;
};
