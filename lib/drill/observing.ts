import type { Turn } from './assemble.ts';
import { idPrefix } from './entry-id.ts';
import { isEvent } from './live-client.ts';
import { parts, put } from './parts.ts';
import { within } from './patience.ts';
import type { Observer, Ports, Watch } from './ports.ts';
import type { DrillRecord, Observation } from './record.ts';

/** Events that a drill keeps: beyond that it is a load test, and they are counted. */
const mostEvents = 10_000;

/** Once the service works again its clients have so long to come back and be told all. */
const settleMs = 10_000;

/** The live client of one slice of the sampler. */
export type Observing = {
  drain(): readonly Observation[];
  /** Hangs up, and writes the rest down as turn `n`. `owed`: it is waited for until it was told of these. */
  end(n: number, owed: readonly string[] | undefined, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Goes on where the record ends: from the last event that was seen, else from where the stream stood before. */
const watchOf = ({ heads, observations, request }: DrillRecord, { drill }: Ports): Watch => {
  const events = observations.filter(isEvent);
  return {
    streams: heads.map(({ stream, events: before }) => {
      const seen = events.findLast((one) => one.stream === stream && one.cursor !== null);
      const cursor = seen?.cursor ?? before.at(-1)?.cursor ?? null;
      return { stream, ...(cursor === null ? {} : { cursor }) };
    }),
    idPrefix: idPrefix(request.runId),
    generations: observations.reduce((most, one) => Math.max(most, one.kind === 'opened' ? one.generation : 0), 0),
    room: Math.max(0, mostEvents - events.length),
    everyMs: drill.everyMs,
  };
};

const settle = async (observer: Observer, owed: readonly string[], ports: Ports, signal: AbortSignal): Promise<void> =>
  within(ports.clock, settleMs, signal, (limited) => observer.settle(owed, limited));

/** Begins to watch what the record has heads of, where the target can be followed. */
export const openObserving = (from: DrillRecord, ports: Ports, signal: AbortSignal): Observing => {
  const observer = from.heads.length === 0 ? undefined : ports.target.observe(watchOf(from, ports), signal);
  const drain = (): readonly Observation[] => observer?.drain() ?? [];
  return {
    drain,
    close: async () => observer?.close(),
    end: async (n, owed, during) => {
      if (!observer) return;
      if (owed) await settle(observer, owed, ports, during);
      await observer.close();
      const observations = drain();
      if (observations.length === 0) return;
      await put(ports.store, from.request.runId, parts.turn(n), {
        entries: [],
        readings: [],
        observations,
      } satisfies Turn);
    },
  };
};
