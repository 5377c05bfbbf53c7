import { idPrefix } from '../entry-id.ts';
import { ledgerFindings, unanswered } from '../ledger-findings.ts';
import { settleRecord, softenLoss } from '../measure.ts';
import { parts, put } from '../parts.ts';
import { each, isAnswering } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { DrillRecord, Entry, Reading } from '../record.ts';
import type { Step } from '../step.ts';

/** What is acknowledged and not there is looked for again for so long: late is not lost. */
const settleMs = 10_000;
const pauseMs = 500;

const unsettled = (entries: readonly Entry[], readings: readonly Reading[]): readonly Entry[] => {
  const last = new Map(readings.map((reading) => [reading.id, reading]));
  return entries.filter(
    ({ id, phase, outcome }) => phase !== 'ghost' && outcome === 'acknowledged' && last.get(id)?.found !== 'present',
  );
};

/** Reads all, then again those that are missing, until none is or the time for that is over. */
const readUntilSettled = async (
  entries: readonly Entry[],
  { target, clock }: Ports,
  signal: AbortSignal,
): Promise<readonly Reading[]> => {
  const read = (some: readonly Entry[]) => each(some, signal, (entry) => target.read(entry, signal));
  const endsAt = clock.now() + settleMs;
  const readings = [...(await read(entries))];
  for (;;) {
    const missing = unsettled(entries, readings);
    if (missing.length === 0 || clock.now() >= endsAt) return readings;
    await clock.sleep(pauseMs, signal);
    readings.push(...(await read(missing)));
  }
};

const listOurs = async (
  record: DrillRecord,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> => {
  if (!record.controls?.listing) return undefined;
  const listing = await ports.target.list(signal);
  const ours = new Set(record.entries.map(({ id }) => id));
  const prefix = idPrefix(record.request.runId);
  return Array.isArray(listing)
    ? (listing as readonly string[]).filter((id) => ours.has(id) || id.startsWith(prefix))
    : undefined;
};

/** Every write of the ledger, read back: lost, changed, twice, unexpected, recovered, late. */
export const verifyLedger: Step = async (record, ports, signal) => {
  const { store, drill } = ports;
  const { runId } = record.request;
  if (!(await isAnswering(ports, signal))) {
    await put(store, runId, parts.findings('VerifyLedger'), unanswered());
    return { next: 'go' };
  }
  const last = await readUntilSettled(record.entries, ports, signal);
  await put(store, runId, parts.readings, last);
  const listing = await listOurs(record, ports, signal);
  if (listing) await put(store, runId, parts.listing, listing);
  const settled = { ...record, readings: [...record.readings, ...last], ...(listing ? { listing } : {}) };
  const outcome = settleRecord(settled);
  const findings = softenLoss(ledgerFindings(outcome, record.controls), outcome, settled, drill);
  await put(store, runId, parts.findings('VerifyLedger'), findings);
  return { next: 'go' };
};
