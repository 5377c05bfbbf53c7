import { describeFault } from '../fault.ts';
import { parts, put } from '../parts.ts';
import { isAnswering } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { DrillRecord } from '../record.ts';
import type { Step } from '../step.ts';
import { proveRestart } from './prove-restart.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyProjections } from './verify-projections.ts';
import { verifyStreams } from './verify-streams.ts';

/** What only looks: new writes would be asked of a target that somebody wants left alone. */
const looks = { ProveRestart: proveRestart, VerifyStreams: verifyStreams, VerifyProjections: verifyProjections };

/** As far as that goes: one that fails keeps none of the others from looking. */
const lookAround = async (record: DrillRecord, ports: Ports, signal: AbortSignal): Promise<void> => {
  const failed: string[] = [];
  for (const [state, look] of Object.entries(looks)) {
    try {
      if (!record.verified.some((seen) => seen === state)) await look(record, ports, signal);
    } catch (fault) {
      if (signal.aborted) throw fault;
      failed.push(`${state}: ${describeFault(fault)}`);
    }
  }
  if (failed.length > 0) await put(ports.store, record.request.runId, parts.notExercised('Abort'), failed);
};

/**
 * Notes why, where no state did. A restart cannot be undone; once one was asked for, what it cost is looked at as far as that
 * goes (field notes, §B.6, state 20).
 */
export const abort: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  const reasons = record.faults.length > 0 ? record.faults : ['a state ended without saying why'];
  await ports.store.putOnce(runId, parts.ending, { verdict: 'ERROR', reasons: [...reasons] });
  if (record.askedAt === undefined) return { next: 'go' };
  await verifyLedger(record, ports, signal);
  if (record.receipt && (await isAnswering(ports, signal))) await lookAround(record, ports, signal);
  return { next: 'go' };
};
