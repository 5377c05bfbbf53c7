import { progressOf } from './assemble.ts';
import { sliceMs } from './machine.ts';
import { sinceOf } from './measure.ts';
import { type Observing, openObserving } from './observing.ts';
import { underWay } from './parts.ts';
import type { Ports } from './ports.ts';
import type { DrillRecord, Ending, Entry, EpochMs, Tick } from './record.ts';
import { recoveredAt } from './recovery.ts';
import { end } from './step.ts';
import { takeTurn, writesPerTurn } from './turn.ts';

/** Why the sampler stops: `slice`: only its time is over, and it wants to be asked again. */
export type SampleEnd = 'recovered' | 'not restarted' | 'stopped' | 'too long' | 'slice';

/** Between two looks at what the other branch did and at what stands against the drill. */
const lookEveryMs = 1_000;

/** The restart's own task has 600 s; one that has said nothing by then says nothing any more. */
const restartPatienceMs = 620_000;

/** What stands against going on: asked for by somebody, or a gate that closed under way. */
const stopOf = async (record: DrillRecord, ports: Ports, signal: AbortSignal): Promise<Ending | undefined> => {
  if (record.ending) return record.ending;
  if (record.stop !== undefined) return { verdict: 'ABORTED', reasons: [record.stop] };
  const { closed } = await ports.gates(signal, 'under way');
  return closed.length > 0 ? { verdict: 'ABORTED', reasons: closed } : undefined;
};

/** What ends the sampling for good, as far as the record tells. */
const endOf = (record: DrillRecord, ticks: readonly Tick[], { drill, clock }: Ports): SampleEnd | undefined => {
  const now = clock.now();
  if (record.restartProblem !== undefined) return 'not restarted';
  const begun = ticks[0]?.startedAt ?? now;
  if (!record.receipt) return now - begun > restartPatienceMs ? 'not restarted' : undefined;
  if (recoveredAt(ticks, sinceOf(record, drill)) !== undefined) return 'recovered';
  return now - record.receipt.acceptedAt > drill.maxOutageMs ? 'too long' : undefined;
};

const seedToRead = ({ entries }: DrillRecord, n: number): Entry => {
  const seeds = entries.filter(({ phase, outcome }) => phase === 'seed' && outcome === 'acknowledged');
  const seed = seeds[n % seeds.length];
  if (!seed) throw new Error('there is no acknowledged seed to read');
  return seed;
};

/** How long it has been away, as far as the ticks show: since the first bad one of those at the end. */
const downMs = (ticks: readonly Tick[]): number => {
  const lastGood = ticks.findLastIndex(({ good }) => good);
  const firstBad = ticks[lastGood + 1];
  return firstBad ? (ticks.at(-1)?.endedAt ?? firstBad.endedAt) - firstBad.startedAt : 0;
};

/** The sampler of one slice: its ticks go on where the record's end. */
const openSampler = (from: DrillRecord, ports: Ports) => {
  const { runId } = from.request;
  let observing: Observing | undefined;
  const ticks = [...from.ticks];
  const written = from.entries.filter(({ phase }) => phase === 'through');
  const counts = { turns: from.turns, writes: written.length };
  let acknowledged = from.entries.filter(({ outcome }) => outcome === 'acknowledged').length;
  const owed = acknowledgedOf(written);
  const turn = async (signal: AbortSignal): Promise<void> => {
    counts.turns += 1;
    const firstWrite = counts.writes + 1;
    counts.writes += writesPerTurn(ports);
    const probe = seedToRead(from, counts.turns);
    observing ??= openObserving(from, ports, signal);
    const { drain } = observing;
    const { tick, entries } = await takeTurn({ runId, n: counts.turns, firstWrite, probe, drain }, ports, signal);
    ticks.push(tick);
    acknowledged += entries.filter(({ outcome }) => outcome === 'acknowledged').length;
    owed.push(...acknowledgedOf(entries));
    ports.progress({ kind: 'tick', good: tick.good, acknowledged, downMs: downMs(ticks) });
  };
  return {
    ticks,
    turn,
    /**
     * Once it has recovered, its clients get the time to come back and be told of what was written: also where an earlier
     * slice saw the recovery, and was over before they had it.
     */
    end: async (over: SampleEnd, signal: AbortSignal) => {
      const isBack = over === 'recovered';
      if (isBack && !from.observations.some(({ kind }) => kind === 'settled'))
        observing ??= openObserving(from, ports, signal);
      await observing?.end(counts.turns + 1, isBack ? owed : undefined, signal);
    },
    close: async () => observing?.close(),
  };
};

type Sampler = ReturnType<typeof openSampler>;

const acknowledgedOf = (entries: readonly Entry[]): string[] =>
  entries.filter(({ outcome }) => outcome === 'acknowledged').map(({ id }) => id);

const untilNext = (last: Tick | undefined, { drill, clock }: Ports): number =>
  Math.max(1, (last?.startedAt ?? clock.now()) + drill.everyMs - clock.now());

/** Turn after turn, until something ends it. */
const takeTurns = async (
  from: DrillRecord,
  { ticks, turn }: Sampler,
  ports: Ports,
  signal: AbortSignal,
): Promise<SampleEnd> => {
  const { clock, store } = ports;
  const sliceEndsAt = clock.now() + sliceMs;
  let record = from;
  let lookedAt: EpochMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    if (clock.now() - lookedAt >= lookEveryMs) {
      record = { ...from, ...progressOf(await store.parts(from.request.runId, underWay)) };
      const ending = await stopOf(record, ports, signal);
      if (ending) {
        await end(ports, from.request.runId, ending);
        return 'stopped';
      }
      lookedAt = clock.now();
    }
    const over = endOf(record, ticks, ports);
    if (over) return over;
    if (clock.now() >= sliceEndsAt) return 'slice';
    await turn(signal);
    await clock.sleep(untilNext(ticks.at(-1), ports), signal);
  }
};

/**
 * Writes, reads and looks, turn after turn at most `everyMs` apart, until the target has recovered from its restart or it is
 * clear that it will not: the one clock of a drill. Beside it a live client follows the streams. What both see is in the
 * record turn by turn.
 */
export const sample = async (from: DrillRecord, ports: Ports, signal: AbortSignal): Promise<SampleEnd> => {
  const sampler = openSampler(from, ports);
  try {
    const over = await takeTurns(from, sampler, ports, signal);
    await sampler.end(over, signal);
    return over;
  } finally {
    await sampler.close();
  }
};
