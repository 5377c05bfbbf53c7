import { formatDurationMs } from '../../config/duration.ts';
import type { EpochMs } from '../../drill/record.ts';
import type { IntervalMs, Outage } from '../../drill/recovery.ts';
import type { DrillReport } from '../../drill/report.ts';
import type { Verdict } from '../../drill/verdict.ts';
import { formatCount, formatMs, plural } from '../format.ts';
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

/** What became of the live client's connection, once the restart was asked for. */
export type Comeback = { readonly closedAt: EpochMs; readonly code?: number; readonly againAt?: EpochMs };

/** `undefined`: its connection held all along, as far as anybody saw. */
export const comebackOf = ({ observed, askedAt }: DrillReport): Comeback | undefined => {
  const connections = observed?.connections ?? [];
  const { closedAt, code } =
    connections.find((one) => one.own !== true && (one.closedAt ?? 0) >= (askedAt ?? Number.POSITIVE_INFINITY)) ?? {};
  if (closedAt === undefined) return undefined;
  const again = connections.find(({ openedAt }) => openedAt >= closedAt);
  return { closedAt, ...(code === undefined ? {} : { code }), ...(again ? { againAt: again.openedAt } : {}) };
};

/** Writes that the target acknowledged through the restart, and how many of them the live client was told of. */
export const seenLive = ({ writes }: DrillReport): { readonly seen: number; readonly acknowledged: number } => {
  const some = writes.filter(({ phase, outcome }) => phase === 'through' && outcome === 'acknowledged');
  return { seen: some.filter(({ seenAt }) => seenAt !== undefined).length, acknowledged: some.length };
};

/** What a live client of the streams went through; `undefined`: nobody watched. */
export const liveWords = (report: DrillReport): string | undefined => {
  const { observed } = report;
  if (!observed) return undefined;
  const events = observed.streams.reduce((sum, one) => sum + one.events, 0);
  const { seen, acknowledged } = seenLive(report);
  const back = comebackOf(report);
  const parts = [
    plural(events, 'event'),
    `told of ${formatCount(seen)} of ${plural(acknowledged, 'write')} acknowledged ${report.receipt ? 'through the restart' : 'before it ended'}`,
    ...(observed.connections.length === 0 ? ['never connected'] : []),
    ...(back ? [back.againAt === undefined ? 'cut off, and never back' : awayWords(back, back.againAt)] : []),
  ];
  const { silence } = observed;
  if (silence && silence.to !== null) parts.push(`${formatMs(silence.to - silence.from)} without an event`);
  return parts.join(', ');
};

const awayWords = ({ closedAt, code }: Comeback, againAt: EpochMs): string =>
  `cut off${code === undefined ? '' : ` (${code})`}, back after ${formatMs(againAt - closedAt)}`;
