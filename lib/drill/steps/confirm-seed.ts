import { areSteady } from '../digests.ts';
import { promisesIdempotence, writeEntry } from '../entries.ts';
import { entryId } from '../entry-id.ts';
import { parts, put } from '../parts.ts';
import { each } from '../patience.ts';
import type { Ports } from '../ports.ts';
import type { Controls, DrillRecord, Ending, Entry, Reading, StreamHead } from '../record.ts';
import { newFrom, resend } from '../resend.ts';
import { describeRestart } from '../restart-call.ts';
import { end, type Step } from '../step.ts';
import { compareHeads } from '../streams.ts';
import { captureHeads } from './capture-baseline.ts';

const seedsOf = ({ entries }: DrillRecord): readonly Entry[] =>
  entries.filter(({ phase, outcome }) => phase === 'seed' && outcome === 'acknowledged');

const readAll = (entries: readonly Entry[], ports: Ports, signal: AbortSignal): Promise<readonly Reading[]> =>
  each(entries, signal, (entry) => ports.target.read(entry, signal));

const unseen = (readings: readonly Reading[]): readonly string[] =>
  readings
    .filter(({ found }) => found !== 'present')
    .map(
      ({ id, found, problem }) =>
        `seed ${id} reads as ${found} before any restart${problem === undefined ? '' : `: ${problem}`}`,
    );

/** What was never written must read as absent: else the reader cannot say no. */
const askForGhost = async (runId: string, ports: Ports, signal: AbortSignal): Promise<Reading['found']> => {
  const now = ports.clock.now();
  const never = { phase: 'ghost', invokedAt: now, endedAt: now, outcome: 'refused', captures: {} } as const;
  const ghost: Entry = { id: entryId(runId, 'ghost', 1), ...never };
  await put(ports.store, runId, parts.entry(ghost.id), ghost);
  return (await readAll([ghost], ports, signal))[0]?.found ?? 'unreadable';
};

/** Where the target gives out its own ids nobody can ask for one that is not: one that is removed again stands for it. */
const askForRemoved = async (runId: string, ports: Ports, signal: AbortSignal): Promise<Reading['found']> => {
  if (!ports.targetPlan.ledger?.remove) return 'unreadable';
  const written = await writeEntry({ id: entryId(runId, 'ghost', 2), phase: 'ghost' }, runId, ports, signal);
  await ports.target.remove(written, signal);
  return (await readAll([written], ports, signal))[0]?.found ?? 'unreadable';
};

const readerProblem = async (runId: string, ports: Ports, signal: AbortSignal): Promise<string | undefined> => {
  const never = await askForGhost(runId, ports, signal);
  const found = never === 'unreadable' ? await askForRemoved(runId, ports, signal) : never;
  if (found === 'absent') return undefined;
  if (found !== 'unreadable') return `an id that is not there reads as ${found}: the reader cannot say no`;
  const doubt = 'whether the reader can say no: no id could be asked for that is surely absent';
  await put(ports.store, runId, parts.notExercised('ConfirmSeed'), [doubt]);
  return undefined;
};

const control = async (
  record: DrillRecord,
  first: readonly Reading[],
  ports: Ports,
  signal: AbortSignal,
): Promise<Controls> => {
  const seeds = seedsOf(record);
  const second = await readAll(seeds, ports, signal);
  const listing = await ports.target.list(signal);
  const shown = new Set(Array.isArray(listing) ? (listing as readonly string[]) : []);
  const promised = promisesIdempotence(ports);
  return {
    digests: areSteady(first, second),
    listing: seeds.every(({ id }) => shown.has(id)),
    resend: promised || newFrom(await resend(seeds.slice(0, 1), record.request.runId, ports, signal)).length === 0,
  };
};

/** Since the baseline the seeds alone were written: a log that already lost something is no log to judge a restart by. */
const streamProblems = async (record: DrillRecord, ports: Ports, signal: AbortSignal): Promise<readonly string[]> => {
  const { runId } = record.request;
  const problems = await captureHeads(ports, runId, signal);
  const now = (await ports.store.read(runId))?.heads ?? [];
  const moved = record.heads.flatMap((before) => {
    const after = now.find(({ stream }: StreamHead) => stream === before.stream);
    return after ? compareHeads(before, after) : [];
  });
  return [
    ...problems,
    ...moved.filter(({ result }) => result === 'fail').map(({ check, actual }) => `${check}: ${actual}`),
  ];
};

const dryRun = (ports: Ports): Ending => ({
  verdict: 'DRY_RUN',
  reasons: [`it would have asked: ${describeRestart(ports.drill)}`],
});

/** The seeds are there before the restart, the reader can say no, and what else can be shown without one; then they are frozen. */
export const confirmSeed: Step = async (record, ports, signal) => {
  const { runId, dryRun: isDry } = record.request;
  const first = await readAll(seedsOf(record), ports, signal);
  await put(ports.store, runId, parts.seedReadings, first);
  const problems = [
    ...(first.length === 0 ? ['no seed was acknowledged'] : unseen(first)),
    ...[await readerProblem(runId, ports, signal)].flatMap((problem) => problem ?? []),
  ];
  if (problems.length > 0) return end(ports, runId, { verdict: 'INVALID_BASELINE', reasons: problems });
  await put(ports.store, runId, parts.controls, await control(record, first, ports, signal));
  const streams = await streamProblems(record, ports, signal);
  if (streams.length > 0) return end(ports, runId, { verdict: 'INVALID_BASELINE', reasons: streams });
  if (!isDry) return { next: 'go' };
  await end(ports, runId, dryRun(ports));
  return { next: 'skip' };
};
