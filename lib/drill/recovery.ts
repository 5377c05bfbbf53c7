import type { Loss } from './ledger.ts';
import type { EpochMs, Tick } from './record.ts';

/** A duration between what samples show for sure and what they cannot rule out. `null`: no end was seen. */
export type IntervalMs = { readonly lowerMs: number; readonly upperMs: number | null };

/** When the service was away, as the sampler saw it. */
export type Outage =
  | {
      readonly kind: 'seen';
      /** Between the last good turn and the first bad one. */
      readonly interruptedAt: { readonly earliest: EpochMs; readonly latest: EpochMs };
      /** Of the first good turn of those that count; absent: it did not come back. */
      readonly recoveredAt?: EpochMs;
      readonly durationMs: IntervalMs;
    }
  /** No turn was bad: an interruption shorter than the time between two of them cannot be seen. */
  | { readonly kind: 'unseen'; readonly resolutionMs: number }
  | { readonly kind: 'unsampled' };

/** Where the restart's own time begins, and who was there before it. */
export type Since = {
  /** Just before the restart was asked for: an adapter may answer long after the service has gone. */
  readonly askedAt: EpochMs;
  readonly before: ReadonlySet<string>;
  /** Good turns in a row that count as recovered. */
  readonly streak: number;
};

/** The first of `streak` good turns in a row on an identity that is not of before, at or after the turn `from`. */
const recoveryIn = (ticks: readonly Tick[], from: number, { before, streak }: Since): number => {
  let run = 0;
  for (const [index, tick] of ticks.entries()) {
    if (index < from) continue;
    run = tick.good && tick.boot !== undefined && !before.has(tick.boot) ? run + 1 : 0;
    if (run === streak) return index - streak + 1;
  }
  return -1;
};

const firstSince = (ticks: readonly Tick[], { askedAt }: Since): number =>
  ticks.findIndex(({ endedAt }) => endedAt >= askedAt);

/** When full function on a new identity was there for sure; `undefined`: not yet. */
export const recoveredAt = (ticks: readonly Tick[], since: Since): EpochMs | undefined => {
  const from = firstSince(ticks, since);
  return from < 0 ? undefined : ticks[recoveryIn(ticks, from, since)]?.endedAt;
};

/** Whether the target works at the end, whoever it is: the last `streak` turns are good. */
export const isAlive = (ticks: readonly Tick[], streak: number): boolean =>
  ticks.length >= streak && ticks.slice(-streak).every(({ good }) => good);

const longestStepMs = (ticks: readonly Tick[]): number =>
  ticks
    .slice(1)
    .reduce((most, tick, index) => Math.max(most, tick.endedAt - (ticks[index]?.startedAt ?? tick.startedAt)), 0);

/**
 * The outage: from the last good turn before the first bad one to the first of `streak` good turns in a row on a new
 * identity (field notes, §B.4). Turns that end once the restart was asked for count: what went wrong before is not its doing.
 */
export const findOutage = (ticks: readonly Tick[], since: Since): Outage => {
  const from = firstSince(ticks, since);
  if (from < 0) return { kind: 'unsampled' };
  const firstBad = ticks.findIndex(({ good }, index) => index >= from && !good);
  const bad = ticks[firstBad];
  if (!bad) return { kind: 'unseen', resolutionMs: longestStepMs(ticks) };
  const lastGood = ticks.slice(0, firstBad).findLast(({ good }) => good);
  const earliest = lastGood?.startedAt ?? Math.min(since.askedAt, bad.startedAt);
  const interruptedAt = { earliest, latest: bad.endedAt };
  const back = recoveryIn(ticks, firstBad, since);
  const recovered = ticks[back];
  if (!recovered) {
    const lastBad = ticks.findLast(({ good }) => !good) ?? bad;
    return {
      kind: 'seen',
      interruptedAt,
      durationMs: { lowerMs: between(bad.endedAt, lastBad.startedAt), upperMs: null },
    };
  }
  const lastBad = ticks.slice(0, back).findLast(({ good }) => !good) ?? bad;
  const durationMs = { lowerMs: between(bad.endedAt, lastBad.startedAt), upperMs: recovered.endedAt - earliest };
  return { kind: 'seen', interruptedAt, recoveredAt: recovered.endedAt, durationMs };
};

const between = (from: EpochMs, to: EpochMs): number => Math.max(0, to - from);

/**
 * From the command to full function: longer than the outage where the old process drains. Beside the RTA, which runs from
 * the interruption (AWS Well-Architected: RTO is the delay between interruption and restoration).
 */
export const commandToRecovered = (
  ticks: readonly Tick[],
  since: Since,
  acceptedAt: EpochMs,
): IntervalMs | undefined => {
  const back = recoveredAt(ticks, since);
  const last = ticks.at(-1);
  if (!last) return undefined;
  if (back === undefined) return { lowerMs: between(acceptedAt, last.startedAt), upperMs: null };
  const before = ticks.findLast(({ endedAt }) => endedAt < back);
  return { lowerMs: between(acceptedAt, before?.startedAt ?? acceptedAt), upperMs: back - since.askedAt };
};

/** RPA: how far back the oldest lost write lies from the interruption; 0 where none is lost. */
export const recoveryPoint = (losses: readonly Loss[], outage: Outage): IntervalMs | undefined => {
  if (outage.kind !== 'seen') return undefined;
  if (losses.length === 0) return { lowerMs: 0, upperMs: 0 };
  const oldest = Math.min(...losses.map(({ acknowledgedAt }) => acknowledgedAt));
  const { earliest, latest } = outage.interruptedAt;
  return { lowerMs: between(oldest, earliest), upperMs: between(oldest, latest) };
};
