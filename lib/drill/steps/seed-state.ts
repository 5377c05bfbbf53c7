import { writeEntry } from '../entries.ts';
import { entryId } from '../entry-id.ts';
import { end, type Step } from '../step.ts';

/** Writes before the restart. Tried again, it goes on where it was: one that was begun is never begun again. */
export const seedState: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  const begun = new Set(record.entries.map(({ id }) => id));
  const problems: string[] = [];
  for (let n = 1; n <= ports.drill.seeds; n += 1) {
    const id = entryId(runId, 'seed', n);
    if (begun.has(id)) continue;
    signal.throwIfAborted();
    const { outcome, problem } = await writeEntry({ id, phase: 'seed' }, runId, ports, signal);
    if (outcome !== 'acknowledged') problems.push(`seed ${id} is ${outcome}: ${problem ?? 'no reason'}`);
  }
  return problems.length === 0 ? { next: 'go' } : end(ports, runId, { verdict: 'INVALID_BASELINE', reasons: problems });
};
