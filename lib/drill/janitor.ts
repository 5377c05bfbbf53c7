import { describeFault } from './fault.ts';
import { parts } from './parts.ts';
import type { Ports } from './ports.ts';
import type { DrillState } from './states.ts';
import { takeStep } from './step.ts';
import { steps } from './steps.ts';

const concluding = [
  'Cleanup',
  'ConfirmSteadyState',
  'ReleaseLock',
  'PublishReport',
] as const satisfies readonly DrillState[];

/**
 * Concludes a run whose execution died: a stop and a timeout of an execution pass by every Catch. Cleans up by the record,
 * releases the lock that the dead one held, publishes INTERRUPTED. Each is tried though the one before it failed; answers what
 * failed. Does nothing to a run that never began or has ended.
 */
export const concludeOrphan = async (
  runId: string,
  why: string,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const record = await ports.store.read(runId);
  if (record?.status !== 'running') return [];
  await ports.store.putOnce(runId, parts.interruption, { reason: why });
  const failed: string[] = [];
  for (const state of concluding) {
    try {
      await takeStep(steps[state], { state, request: record.request }, ports, signal);
    } catch (fault) {
      failed.push(`${state}: ${describeFault(fault)}`);
    }
  }
  return failed;
};
