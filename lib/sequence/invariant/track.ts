import { isWhole, type Ordinal, stepsBetween } from '../ordinal.ts';
import type { InvariantFault } from './observe.ts';

/** One value of a stream, in its place. */
export type Sighting = { readonly ordinal: Ordinal; readonly n: number };

/** What a rule remembers of one stream; it never grows with the length of a sound one. */
export type Track = {
  /** Takes the next value; answers the fault that it is. */
  next(sighting: Sighting): InvariantFault | undefined;
  /** Faults that only the end can tell: what comes until then may heal them. */
  remaining(): readonly InvariantFault[];
  /** Whether there were more gaps than it remembers. */
  overfull?(): boolean;
};

/** Values never go down; `strict` wants them to go up. `label` names field and stream in what it says. */
export const trackMonotonic = (label: string, strict: boolean): Track => {
  let previous: Sighting | undefined;
  return {
    next: (sighting) => {
      const before = previous;
      previous = sighting;
      if (!before) return undefined;
      const { ordinal, n } = sighting;
      const frames = [before.n, n];
      const where = `at frame #${n}, after #${before.n}`;
      if (ordinal < before.ordinal)
        return { sentence: `${label} went from ${before.ordinal} to ${ordinal} ${where}`, frames };
      return strict && !(ordinal > before.ordinal)
        ? { sentence: `${label} stayed at ${ordinal} ${where}`, frames }
        : undefined;
    },
    remaining: () => [],
  };
};

type Gap = { readonly after: Sighting; readonly at: Sighting; readonly late: Set<string>; missing: bigint };

/** With so many gaps open at once the stream is broken enough; further ones are not kept. */
const maxOpenGaps = 1_000;

const faultOf = (label: string, { after, at, missing }: Gap): InvariantFault => ({
  sentence: `${label} jumps from ${after.ordinal} to ${at.ordinal} at frame #${at.n}: ${missing} missing after #${after.n}`,
  frames: [after.n, at.n],
});

/** A value that comes late is out of order, which `monotonic` tells, but it is not missing. */
const fillGap = (gaps: Gap[], { ordinal }: Sighting): void => {
  const index = gaps.findIndex(({ after, at }) => ordinal > after.ordinal && ordinal < at.ordinal);
  const gap = gaps[index];
  const text = String(ordinal);
  if (!gap || gap.late.has(text)) return;
  gap.late.add(text);
  gap.missing -= 1n;
  if (gap.missing === 0n) gaps.splice(index, 1);
};

/** No whole number is left out between the first value and the highest. */
export const trackGaps = (label: string): Track => {
  let highest: Sighting | undefined;
  const gaps: Gap[] = [];
  let overfull = false;
  return {
    next: (sighting) => {
      const { ordinal, n } = sighting;
      if (!isWhole(ordinal))
        return { sentence: `${label} is ${ordinal} at frame #${n}, not a whole number`, frames: [n] };
      const before = highest;
      if (before && ordinal <= before.ordinal) {
        fillGap(gaps, sighting);
        return undefined;
      }
      highest = sighting;
      const steps = before ? stepsBetween(before.ordinal, ordinal) : 1n;
      if (!before || steps <= 1n) return undefined;
      if (gaps.length >= maxOpenGaps) overfull = true;
      else gaps.push({ after: before, at: sighting, late: new Set(), missing: steps - 1n });
      return undefined;
    },
    remaining: () => gaps.map((gap) => faultOf(label, gap)),
    overfull: () => overfull,
  };
};
