import { parts } from '../parts.ts';
import { sample } from '../sampler.ts';
import type { Step } from '../step.ts';

/** Beside the restart, and begun before it: it has to see the last good moment. */
export const sampleThroughRestart: Step = async (record, ports, signal) => {
  const over = await sample(record, ports, signal);
  if (over !== 'slice') return { next: 'go' };
  // Once the restart was accepted the recovery goes on with the same sampling.
  return { next: (await ports.store.parts(record.request.runId, [parts.receipt])).has(parts.receipt) ? 'go' : 'again' };
};
