import { describeFault } from '../fault.ts';
import { parts, put } from '../parts.ts';
import type { Ports } from '../ports.ts';
import { DrillError } from '../ports.ts';
import type { DrillRecord } from '../record.ts';
import { end, type Step } from '../step.ts';

/** Whether nobody has asked before: a redrive and a retry come here, too. */
const mayAsk = async (record: DrillRecord, ports: Ports): Promise<boolean> =>
  ports.store.putOnce(record.request.runId, parts.restartAsked, { at: ports.clock.now(), owner: ports.owner });

const refuse = async (reason: string, record: DrillRecord, ports: Ports): Promise<never> => {
  const { runId } = record.request;
  await put(ports.store, runId, parts.restartProblem, { reason });
  throw new DrillError('Drill.RestartRefused', reason);
};

/**
 * Asks for the one restart of the drill. One that was surely refused makes it INVALID_NO_RESTART; where nobody can tell
 * whether it was accepted it is an ERROR.
 */
export const restart: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  if (record.receipt) return { next: 'go' };
  if (record.ending) return refuse(record.ending.reasons.join('; '), record, ports);
  if (!(await mayAsk(record, ports))) {
    const reason = 'a restart was asked for before in this run, and nobody noted what came of it';
    await end(ports, runId, { verdict: 'ERROR', reasons: [reason] });
    return refuse(reason, record, ports);
  }
  try {
    const receipt = await ports.restart({ drill: ports.drill, runId, signal });
    await put(ports.store, runId, parts.receipt, receipt);
    return { next: 'go' };
  } catch (fault) {
    const reason = `the restart failed: ${describeFault(fault)}`;
    const refused = fault instanceof Error && fault.name === 'Drill.RestartRefused';
    await end(ports, runId, { verdict: refused ? 'INVALID_NO_RESTART' : 'ERROR', reasons: [reason] });
    return refuse(reason, record, ports);
  }
};
