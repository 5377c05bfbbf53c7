import type { DataFrame, Frame, Journal } from '../../sequence/journal.ts';
import type { SeenFrame } from '../seen.ts';

/** A frame that a step claimed. */
export type Claim = { readonly step: string; readonly frame: SeenFrame };

const isReceived = (frame: Frame): frame is DataFrame & { readonly direction: 'in' } => frame.direction === 'in';

/** Whether both are the same frame, as far as the journal still has it. */
const isSame = ({ raw, bytes }: DataFrame, { text, bytes: length }: SeenFrame): boolean =>
  bytes === length && (typeof raw !== 'string' || raw === text);

/** Where the frames of a journal begin among those of one websocket: the first of them may be forgotten. */
const offsetOf = (held: readonly DataFrame[], seen: readonly SeenFrame[]): number | undefined => {
  for (let offset = 0; offset + held.length <= seen.length; offset += 1) {
    const fits = held.every((frame, index) => {
      const other = seen[offset + index];
      return other !== undefined && isSame(frame, other);
    });
    if (fits) return offset;
  }
  return undefined;
};

const claimsIn = (held: readonly DataFrame[], seen: readonly SeenFrame[], offset: number): readonly Claim[] =>
  held.flatMap(({ entries }, index) => {
    const step = entries.find(({ claimedBy }) => claimedBy !== undefined)?.claimedBy;
    const frame = seen[offset + index];
    return step === undefined || !frame ? [] : [{ step, frame }];
  });

/**
 * The frames that steps claimed, in the order in which they came. The journal knows who claimed what, and the proxy where
 * it passed: the first websocket whose frames fit is the one that was meant, for both tell them in the order of opening.
 */
export const claimsOf = (journal: Pick<Journal, 'held'>, frames: readonly SeenFrame[]): readonly Claim[] => {
  const opened = Map.groupBy(journal.held().filter(isReceived), ({ connection, generation }) =>
    JSON.stringify([connection, generation]),
  );
  const sockets = [...Map.groupBy(frames, ({ origin, connection }) => `${connection} ${origin}`).values()];
  const claims: Claim[] = [];
  for (const held of opened.values()) {
    const fit = sockets.findIndex((socket) => offsetOf(held, socket) !== undefined);
    const [socket = []] = fit < 0 ? [] : sockets.splice(fit, 1);
    claims.push(...claimsIn(held, socket, offsetOf(held, socket) ?? 0));
  }
  return claims.toSorted((a, b) => frames.indexOf(a.frame) - frames.indexOf(b.frame));
};
