import { promisesIdempotence } from '../entries.ts';
import { fails, inconclusive, passes } from '../finding.ts';
import { parts, put } from '../parts.ts';
import { each, isAnswering } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { DrillRecord, Entry, Finding } from '../record.ts';
import type { Step } from '../step.ts';

const told = { area: 'cleanup', check: 'nothing of the drill is left' } as const;

/** What may be there: all that was sent, but for what the target surely refused. */
const candidates = ({ entries, copies, readings }: DrillRecord): readonly Entry[] => {
  const found = new Set(readings.filter(({ found: what }) => what !== 'absent').map(({ id }) => id));
  return [...entries, ...copies].filter(({ id, outcome }) => outcome !== 'refused' || found.has(id));
};

/** Where nobody heard what the target called it, a resend with the same key tells. */
const learnName = async (entry: Entry, ports: Ports, signal: AbortSignal): Promise<Entry> => {
  const wanted = Object.keys(ports.targetPlan.ledger?.write.capture ?? {}).length > 0;
  const unnamed = wanted && Object.keys(entry.captures).length === 0;
  if (entry.outcome === 'acknowledged' || !unnamed || !promisesIdempotence(ports)) return entry;
  return ports.target.write({ id: entry.id, phase: entry.phase }, signal);
};

/** Removes one and reads it back; answers why it may still be there. */
const removeOne = async (entry: Entry, ports: Ports, signal: AbortSignal): Promise<string | undefined> => {
  const named = await learnName(entry, ports, signal);
  const { problem } = await ports.target.remove(named, signal);
  const { found } = await ports.target.read(named, signal);
  if (found === 'absent') return undefined;
  if (found === 'unreadable' && problem === undefined) return undefined;
  return `${entry.id}: ${problem ?? `it still reads as ${found}`}`;
};

const findingOf = (ours: readonly Entry[], left: readonly string[], ports: Ports): Finding => {
  if (ours.length === 0) return passes(told, 'nothing was written');
  if (left.length === 0) return passes(told, `${ours.length} removed`);
  const actual = `${left.length} of ${ours.length} may be left`;
  return ports.targetPlan.ledger?.remove
    ? fails(told, actual, left)
    : inconclusive(told, `${actual}: the plan says no way to remove them`, left);
};

/** Always, and only what the ledger knows: removes it, reads it back, and lists what is left. */
export const cleanup: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  const ours = candidates(record);
  const able = ports.targetPlan.ledger?.remove && ours.length > 0 && (await isAnswering(ports, signal));
  const answers = able
    ? await each(ours, signal, (entry) => removeOne(entry, ports, signal))
    : ours.map(({ id }) => id);
  const left = answers.flatMap((answer) => answer ?? []);
  await put(ports.store, runId, parts.leftovers, left);
  await put(ports.store, runId, parts.findings('Cleanup'), [findingOf(ours, left, ports)]);
  return { next: 'go' };
};
