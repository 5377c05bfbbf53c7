import { fails } from './finding.ts';
import { within } from './patience.ts';
import type { DrillClock, Target } from './ports.ts';

/** How long a call may take, in ms: one of an entry, and one that replays a stream. */
export type CallLimits = { readonly callMs: number; readonly streamMs: number };

export const callLimits: CallLimits = { callMs: 15_000, streamMs: 60_000 };

/** Ends a call after so long, with what `late` makes of it. What ends by the caller's own signal, or fails, rejects. */
const boundBy =
  (clock: DrillClock) =>
  async <T>(
    limitMs: number,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
    late: (problem: string) => T,
  ): Promise<T> => {
    let isLate = false;
    try {
      return await within(clock, limitMs, signal, (limited) => {
        limited.addEventListener('abort', () => {
          isLate = true;
        });
        return call(limited);
      });
    } catch (fault) {
      if (signal.aborted || !isLate) throw fault;
      return late(`no answer within ${limitMs} ms`);
    }
  };

const problem = (text: string): { readonly problem: string } => ({ problem: text });

/**
 * The same target, each call of which ends: one that takes too long is a value, as a sick target always is. What the caller's
 * own signal ends rejects.
 */
export const boundTarget = (target: Target, clock: DrillClock, { callMs, streamMs }: CallLimits): Target => {
  const bound = boundBy(clock);
  return {
    write: (entry, signal) => {
      const invokedAt = clock.now();
      return bound(
        callMs,
        signal,
        (limited) => target.write(entry, limited),
        (text) => ({ ...entry, invokedAt, endedAt: clock.now(), outcome: 'unknown', captures: {}, problem: text }),
      );
    },
    read: (entry, signal) =>
      bound(
        callMs,
        signal,
        (limited) => target.read(entry, limited),
        (text) => ({ id: entry.id, at: clock.now(), found: 'unreadable', problem: text }),
      ),
    list: (signal) => bound(callMs, signal, target.list, problem),
    remove: (entry, signal) => bound(callMs, signal, (limited) => target.remove(entry, limited), problem),
    identify: (signal) => bound(callMs, signal, target.identify, () => ({ at: clock.now() })),
    ready: (signal) => bound(callMs, signal, target.ready, problem),
    projections: (signal) =>
      bound(streamMs, signal, target.projections, (text) => [
        fails({ area: 'projections', check: 'the read models answer' }, text),
      ]),
    head: (stream, signal) => bound(streamMs, signal, (limited) => target.head(stream, limited), problem),
    checkStream: (before, watched, signal) =>
      bound(
        streamMs,
        signal,
        (limited) => target.checkStream(before, watched, limited),
        (text) => ({ findings: [fails({ area: 'streams', check: `${before.stream} can be followed` }, text)] }),
      ),
    // It goes on in the background, and none of its calls waits for the target but `settle`, which has a limit of its own.
    observe: target.observe,
  };
};
