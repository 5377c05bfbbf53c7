import { parts, put } from '../parts.ts';
import { end, type Step } from '../step.ts';

/** Kill switch, window, interval, alarms: one that is closed refuses the drill. */
export const checkGates: Step = async ({ request: { runId } }, ports, signal) => {
  const { closed, warnings } = await ports.gates(signal, 'start');
  if (warnings.length > 0) await put(ports.store, runId, parts.notExercised('CheckGates'), warnings);
  return closed.length === 0 ? { next: 'go' } : end(ports, runId, { verdict: 'REFUSED', reasons: closed });
};
