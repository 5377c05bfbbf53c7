import { writeEntry } from '../entries.ts';
import { entryId } from '../entry-id.ts';
import { inconclusive, without } from '../finding.ts';
import { parts, put } from '../parts.ts';
import { each } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { DrillRecord, Entry, Finding } from '../record.ts';
import { newFrom, resend } from '../resend.ts';
import type { Step } from '../step.ts';

/** New writes on the recovered service. */
const newWrites = 3;

const writeNew = async (runId: string, ports: Ports, signal: AbortSignal): Promise<Finding> => {
  const written: Entry[] = [];
  for (let n = 1; n <= newWrites; n += 1)
    written.push(await writeEntry({ id: entryId(runId, 'after', n), phase: 'after' }, runId, ports, signal));
  const readings = await each(written, signal, (entry) => ports.target.read(entry, signal));
  const bad = written.flatMap(({ id, outcome, problem }, index) => {
    if (outcome !== 'acknowledged') return [`${id} is ${outcome}: ${problem ?? 'no reason'}`];
    const found = readings[index]?.found ?? 'unreadable';
    return found === 'present' ? [] : [`${id} reads as ${found}`];
  });
  const told = { area: 'liveness', check: 'new writes are taken, and read back' } as const;
  return without(told, bad, `${newWrites} of ${newWrites}`, `${bad.length} of ${newWrites} are not`);
};

/** Only what was acknowledged and is still there: a lost write that is sent again is rightly made anew. */
const resendSeeds = async (record: DrillRecord, ports: Ports, signal: AbortSignal): Promise<readonly Finding[]> => {
  const { runId } = record.request;
  if (!record.controls?.resend) {
    const why = 'sending a write again: the target made it twice before any restart';
    await put(ports.store, runId, parts.notExercised('VerifyLiveness'), [why]);
    return [];
  }
  const last = new Map(record.readings.map((reading) => [reading.id, reading.found]));
  const seeds = record.entries.filter(
    ({ id, phase, outcome }) => phase === 'seed' && outcome === 'acknowledged' && last.get(id) === 'present',
  );
  const told = { area: 'ledger', check: 'a write that is sent again makes nothing new' } as const;
  if (seeds.length === 0) return [inconclusive(told, 'no seed is there to be sent again')];
  const resent = await resend(seeds, runId, ports, signal);
  const fresh = newFrom(resent);
  if (!resent.showable) {
    const why = 'the target names nothing in its answers, and has no list and no stream that could show it';
    await put(ports.store, runId, parts.notExercised('VerifyLiveness'), [`sending a write again: ${why}`]);
    return [inconclusive(told, why)];
  }
  return [without(told, fresh, `${seeds.length} sent again, nothing new`, `${seeds.length} sent again`)];
};

/** It works, and it still knows what it has done. */
export const verifyLiveness: Step = async (record, ports, signal) => {
  const { runId } = record.request;
  const findings = [await writeNew(runId, ports, signal), ...(await resendSeeds(record, ports, signal))];
  await put(ports.store, runId, parts.findings('VerifyLiveness'), findings);
  return { next: 'go' };
};
