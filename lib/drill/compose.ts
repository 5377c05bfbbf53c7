import type { LedgerOutcome } from './ledger.ts';
import { limitsOf } from './limits.ts';
import { backCheck, observedOf } from './live-client.ts';
import { measure, settleRecord } from './measure.ts';
import type { Ports } from './ports.ts';
import type { Area, DrillRecord, EpochMs } from './record.ts';
import type { DrillReport } from './report.ts';
import { seal } from './seal.ts';
import { decideVerdict, statusOf } from './verdict.ts';
import { writesOf } from './writes.ts';

const iso = (at: EpochMs): string => new Date(at).toISOString();

const countsOf = (record: DrillRecord, outcome: LedgerOutcome): DrillReport['ledger'] => {
  const { lost, recovered, unexpected, duplicated, stale, corrupt, attempted, acknowledged } = outcome;
  const duplicates = duplicated.length + record.copies.length;
  return {
    attempted,
    acknowledged,
    lost: lost.length,
    recovered: recovered.length,
    unexpected: unexpected.length,
    duplicated: duplicates,
    stale: stale.length,
    corrupt: corrupt.length,
  };
};

/** What these areas could not tell is as much unshown as what was never asked. */
const told: ReadonlySet<Area> = new Set<Area>(['streams', 'order', 'projections']);

const notExercised = (record: DrillRecord, ports: Ports): readonly string[] => {
  const open = record.findings.filter(
    ({ area, check, result }) => result === 'inconclusive' && (told.has(area) || check === backCheck),
  );
  const unshown = open.map(({ check, actual }) => `${check}: ${actual}`);
  return [...new Set([...record.notExercised, ...unshown, ...limitsOf(record, ports)])];
};

type Evidence =
  | 'identity'
  | 'askedAt'
  | 'receipt'
  | 'ledger'
  | 'writes'
  | 'findings'
  | 'notExercised'
  | 'leftovers'
  | 'trail'
  | 'ticks'
  | 'observed'
  | 'fence';

const evidenceOf = (record: DrillRecord, ports: Ports): Pick<DrillReport, Evidence> => {
  const { before, after, proof, findings, leftovers, trail, ticks } = record;
  const outcome = settleRecord(record);
  const observed = observedOf(record.observations, record.askedAt);
  return {
    identity: { before, after, proven: proof?.proven ?? 'NOT_PROVEN', reasons: proof?.reasons ?? [] },
    askedAt: record.askedAt ?? null,
    receipt: record.receipt ?? null,
    ledger: countsOf(record, outcome),
    writes: writesOf(record, outcome),
    findings,
    notExercised: notExercised(record, ports),
    leftovers,
    trail,
    ticks,
    ...(observed ? { observed } : {}),
    fence: record.fence ?? null,
  };
};

const measuredOf = (record: DrillRecord, { drill }: Ports): DrillReport['measured'] => {
  const { outage, rta, rpa, commandToRecovered, verifiedMs } = measure(record, drill);
  return {
    outage,
    rta: rta ?? null,
    rpa: rpa ?? null,
    commandToRecovered: commandToRecovered ?? null,
    verifiedMs: verifiedMs ?? null,
  };
};

const headOf = (
  { request, startedAt }: DrillRecord,
  { drill, service, environment, toolVersion, configHash, clock }: Ports,
) =>
  ({
    schema: 1,
    tool: toolVersion,
    service,
    environment,
    drill: drill.id,
    run: request.runId,
    target: drill.target,
    trigger: request.trigger,
    requester: request.requester,
    reason: request.reason,
    configHash,
    startedAt: iso(startedAt),
    endedAt: iso(clock.now()),
  }) as const;

/** Makes the report of a record. `previous`: hash of the newest report of the same drill. */
export const composeReport = (record: DrillRecord, ports: Ports, previous: string | null): DrillReport => {
  const { rtoMs, rpoMs } = ports.drill;
  const { verdict, reasons } = decideVerdict(record, measure(record, ports.drill));
  return seal({
    ...headOf(record, ports),
    status: statusOf(verdict),
    verdict,
    reasons,
    objectives: { rtoMs, rpoMs },
    measured: measuredOf(record, ports),
    ...evidenceOf(record, ports),
    previous,
  });
};
