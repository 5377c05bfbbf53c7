import type { Json } from '../../../config/plan.ts';
import { idsIn } from '../../../drill/entry-id.ts';
import type { Watch } from '../../../drill/ports.ts';
import type { Observation } from '../../../drill/record.ts';
import type { Message } from '../../../sequence/codec/codec.ts';
import type { ProbeContext } from '../../prober.ts';
import { digestJson } from '../digest.ts';
import type { Unfollowed } from './following.ts';

/** What a live client writes down, until somebody takes it away. */
export type Notebook = ReturnType<typeof createNotebook>;

export const createNotebook = ({ streams, idPrefix, generations, room }: Watch, context: ProbeContext) => {
  const { clock, redact } = context;
  const cursors = new Map(streams.flatMap(({ stream, cursor }) => (cursor === undefined ? [] : [[stream, cursor]])));
  const named = new Set<string>();
  let pages: Observation[] = [];
  let generation = generations;
  let isOpen = false;
  let left = room;
  let dropped = 0;
  let refusal: string | undefined;
  let busyMs = clock.monotonic();

  const note = (observation: Observation): void => void pages.push(observation);
  const touch = (): void => {
    busyMs = clock.monotonic();
  };
  return {
    cursorOf: (stream: string): Json | undefined => cursors.get(stream),
    /** Since when nothing has come, monotonic; `undefined`: it is not connected. */
    silentSinceMs: (): number | undefined => (isOpen ? busyMs : undefined),
    /** Whether events name writes, and not yet all of these. */
    lacks: (owed: readonly string[]): boolean => named.size > 0 && owed.some((id) => !named.has(id)),
    opened: (): void => {
      generation += 1;
      isOpen = true;
      refusal = undefined;
      touch();
      note({ kind: 'opened', at: clock.now(), generation });
    },
    /** Once for each connection that was opened. */
    closed: (code: number, reason: string, problem: string | undefined, own: boolean): void => {
      if (!isOpen) return;
      isOpen = false;
      const why = { ...(problem === undefined ? {} : { problem: redact(problem) }), ...(own ? { own } : {}) };
      note({ kind: 'closed', at: clock.now(), generation, code, reason: redact(reason), ...why });
    },
    /** A try like the one before says nothing new. */
    refused: ({ problem, ours }: Unfollowed): void => {
      if (problem === refusal) return;
      refusal = problem;
      note({ kind: 'refused', at: clock.now(), problem: redact(problem), ...(ours ? { ours } : {}) });
    },
    event: (stream: string, { body, cursor = null }: Message): void => {
      touch();
      if (cursor !== null) cursors.set(stream, cursor);
      if (left === 0) {
        dropped += 1;
        return;
      }
      left -= 1;
      const entries = idsIn(JSON.stringify(body), idPrefix);
      for (const id of entries) named.add(id);
      note({ kind: 'event', at: clock.now(), generation, stream, cursor, digest: digestJson(body), entries });
    },
    settled: (): void => note({ kind: 'settled', at: clock.now() }),
    drain: (): readonly Observation[] => {
      if (dropped > 0) note({ kind: 'dropped', at: clock.now(), events: dropped });
      dropped = 0;
      const drained = pages;
      pages = [];
      return drained;
    },
  };
};
