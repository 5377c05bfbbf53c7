import type { DrillPlan } from '../config/plan.ts';
import { fails, inconclusive, passes } from './finding.ts';
import { type Measured, settleRecord } from './measure.ts';
import type { DrillRecord, Finding } from './record.ts';
import { type IntervalMs, recoveryPoint } from './recovery.ts';

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;

const showInterval = ({ lowerMs, upperMs }: IntervalMs): string =>
  upperMs === null ? `more than ${seconds(lowerMs)}` : `between ${seconds(lowerMs)} and ${seconds(upperMs)}`;

/** Away for too long is away for too long; that it was short shows a recovery only where there was a restart, and it was seen. */
const rtoFinding = ({ outage }: Measured, { proof }: DrillRecord, { rtoMs }: DrillPlan): Finding => {
  const told = { area: 'rto', check: `full function is back within ${seconds(rtoMs)}` } as const;
  if (outage.kind === 'unsampled') return inconclusive(told, 'nothing was sampled');
  if (outage.kind === 'unseen')
    return inconclusive(told, `no interruption was observed at a resolution of ${seconds(outage.resolutionMs)}`);
  const { lowerMs, upperMs } = outage.durationMs;
  const text = showInterval(outage.durationMs);
  if (lowerMs > rtoMs) return fails(told, text);
  if (proof?.proven !== 'PROVEN') return inconclusive(told, `${text}, and no restart is proven`);
  return upperMs !== null && upperMs <= rtoMs
    ? passes(told, text)
    : inconclusive(told, `${text}: the sampler cannot tell`);
};

const rpoCheck = (rpoMs: number): string =>
  rpoMs === 0 ? 'nothing may be lost' : `what is lost is at most ${seconds(rpoMs)} old`;

/** Why there is no recovery point. */
const unknown = ({ outage }: Measured, unread: number): string => {
  if (outage.kind !== 'seen') return 'no interruption was observed, so there is no point to count from';
  if (outage.recoveredAt === undefined) return 'full function never came back on a new identity';
  return unread > 0
    ? 'nothing could be read'
    : 'not exercised: no write was acknowledged shortly before the interruption';
};

/** A loss that an objective above zero may allow is one of the newest writes, with nothing newer left of before the outage. */
const rpoFinding = (measured: Measured, record: DrillRecord, { rpoMs }: DrillPlan): Finding => {
  const told = { area: 'rpo', check: rpoCheck(rpoMs) } as const;
  const { outage, rpa } = measured;
  const { lost, unread } = settleRecord(record);
  const ids = lost.map(({ id }) => id);
  // With nothing allowed there is nothing to date; but a service that is not back may yet have it all.
  if (outage.kind === 'unseen' && rpoMs === 0 && ids.length > 0) return fails(told, `${ids.length} are gone`, ids);
  if (!rpa) return inconclusive(told, unknown(measured, unread.length));
  const text = showInterval(rpa);
  // Beyond what may be lost in the best reading of the samples it is too old for sure; within doubt it is, too: data are gone.
  const mostMs = rpa.upperMs === null ? null : (recoveryPoint(lost, outage)?.upperMs ?? null);
  if (ids.length > 0 && (mostMs === null || mostMs > rpoMs)) return fails(told, text, ids);
  if (rpa.upperMs === null || rpa.upperMs > rpoMs)
    return inconclusive(told, `${text}: ${unread.length} acknowledged could not be read`, unread);
  return passes(told, ids.length === 0 ? 'nothing is lost' : text);
};

/** RTA and RPA against RTO and RPO. */
export const objectiveFindings = (measured: Measured, record: DrillRecord, drill: DrillPlan): readonly Finding[] => [
  rtoFinding(measured, record, drill),
  rpoFinding(measured, record, drill),
];
