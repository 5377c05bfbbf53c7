import { sample } from '../sampler.ts';
import type { Step } from '../step.ts';

/** Goes on sampling until full function is back on a new identity, or the longest outage that is waited for is over. */
export const awaitRecovery: Step = async (record, ports, signal) => {
  const over = await sample(record, ports, signal);
  if (over === 'slice') return { next: 'again' };
  return { next: over === 'stopped' || over === 'not restarted' ? 'abort' : 'go' };
};
