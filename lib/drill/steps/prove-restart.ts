import { fails, inconclusive, passes } from '../finding.ts';
import { proveRestart as prove } from '../identity.ts';
import { parts, put } from '../parts.ts';
import { lookOften } from '../patience.ts';
import type { Step } from '../step.ts';
import { epochFindings } from '../streams.ts';

/** Fresh looks, once all is said to be well: who answers now must not be who answered before. */
export const proveRestart: Step = async (record, ports, signal) => {
  const { store, drill } = ports;
  const { runId } = record.request;
  const after = await lookOften(ports, signal);
  await put(store, runId, parts.after, after);
  const proof = prove(record.before, after, record.receipt, drill);
  await put(store, runId, parts.proof, proof);
  const told = { area: 'identity', check: 'it was restarted: nobody of before is there after it' } as const;
  const actual = proof.reasons.join('; ');
  const finding = { PROVEN: passes, PARTIAL: inconclusive, NOT_PROVEN: fails }[proof.proven](told, actual);
  await put(store, runId, parts.findings('ProveRestart'), [finding, ...epochFindings(record.before, after)]);
  return { next: 'go' };
};
