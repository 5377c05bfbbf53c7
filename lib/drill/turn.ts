import type { Turn } from './assemble.ts';
import { boundTarget } from './bounded.ts';
import { entryId } from './entry-id.ts';
import { identityOf } from './identity.ts';
import { parts, put } from './parts.ts';
import type { Ports, Target } from './ports.ts';
import type { Entry, Observation, Reading, Sighting, Tick } from './record.ts';

/** A turn that takes longer is a bad one: no full function. */
const longestTurnMs = 2_000;

export type TurnPlan = {
  readonly runId: string;
  /** Counts from 1, through all slices of the sampler. */
  readonly n: number;
  /** Of the first of its writes. */
  readonly firstWrite: number;
  /** An acknowledged entry that is read. */
  readonly probe: Entry;
  /** What the live client has seen since the turn before. */
  readonly drain: () => readonly Observation[];
};

/** Writes of one turn, so that a second has as many as the plan asks for. */
export const writesPerTurn = ({ drill, targetPlan }: Ports): number =>
  Math.max(1, Math.round(((targetPlan.ledger?.ratePerS ?? 5) * drill.everyMs) / 1000));

type Seen = { readonly entries: readonly Entry[]; readonly sighting: Sighting; readonly reading: Reading };

const problemOf = ({ entries, sighting, reading }: Seen): string | undefined => {
  const write = entries.find(({ outcome }) => outcome !== 'acknowledged');
  if (write) return `write ${write.outcome}: ${write.problem ?? 'no reason'}`;
  // Absent or another is an answer, and the ledger's affair; only what cannot be read is no function.
  if (reading.found === 'unreadable') return `read: ${reading.problem ?? 'no reason'}`;
  return identityOf(sighting) === undefined ? 'it does not say who it is' : undefined;
};

/** Notes the writes before they are sent: whatever happens, nothing of ours is there that the record does not know. */
const begin = async (plan: TurnPlan, ports: Ports): Promise<readonly Entry[]> => {
  const now = ports.clock.now();
  const entries = Array.from({ length: writesPerTurn(ports) }, (_, index) => ({
    id: entryId(plan.runId, 'through', plan.firstWrite + index),
    phase: 'through' as const,
    invokedAt: now,
    endedAt: now,
    outcome: 'unknown' as const,
    captures: {},
    problem: 'nobody noted an answer',
  }));
  await put(ports.store, plan.runId, parts.turn(plan.n), { entries, readings: [] } satisfies Turn);
  return entries;
};

const look = async (pending: readonly Entry[], probe: Entry, target: Target, signal: AbortSignal): Promise<Seen> => {
  const [sighting, reading, ...entries] = await Promise.all([
    target.identify(signal),
    target.read(probe, signal),
    ...pending.map(({ id }) => target.write({ id, phase: 'through' }, signal)),
  ]);
  return { sighting, reading, entries };
};

/** One turn: writes, a read and a look at the identity, side by side. */
export const takeTurn = async (
  plan: TurnPlan,
  ports: Ports,
  signal: AbortSignal,
): Promise<Turn & { readonly tick: Tick }> => {
  const { clock, drill, store } = ports;
  const pending = await begin(plan, ports);
  const startedAt = clock.now();
  const limitMs = Math.max(longestTurnMs, drill.everyMs * 4);
  const target = boundTarget(ports.target, clock, { callMs: limitMs, streamMs: limitMs });
  const seen = await look(pending, plan.probe, target, signal);
  const problem = problemOf(seen);
  const boot = identityOf(seen.sighting);
  const tick: Tick = {
    startedAt,
    endedAt: clock.now(),
    good: problem === undefined,
    ...(boot === undefined ? {} : { boot }),
    ...(problem === undefined ? {} : { problem }),
  };
  const observations = plan.drain();
  const turn = {
    tick,
    entries: seen.entries,
    readings: [seen.reading],
    ...(observations.length === 0 ? {} : { observations }),
  };
  await put(store, plan.runId, parts.turn(plan.n), turn);
  return turn;
};
