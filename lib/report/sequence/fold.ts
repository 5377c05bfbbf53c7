import type { Rung } from '../../result/result.ts';
import type { BrokenLink } from './links.ts';

/** A rung with the link that broke there. `named`: a broken link speaks of it, or blames it. */
export type LinkedRung = { readonly rung: Rung; readonly link?: BrokenLink; readonly named: boolean };

/** Rungs kept before the first broken link, for each that is kept behind it. */
const BEFORE = 3;

/** What was left out already counts with it. */
const elide = (rungs: readonly Rung[]): Rung => ({
  kind: 'elided',
  frames: rungs.reduce((sum, rung) => sum + (rung.kind === 'elided' ? rung.frames : 1), 0),
});

/**
 * At most about `most` rungs: those around the first broken link, else the last ones, and all that a broken link
 * speaks of. What is left out is counted; a frame alone is not, for its count would take as much room.
 */
export function foldRungs(rungs: readonly Rung[], links: readonly BrokenLink[], most: number): readonly LinkedRung[] {
  const first = links[0]?.rung ?? rungs.length;
  const start = Math.max(0, Math.min(first - Math.floor((most * BEFORE) / (BEFORE + 1)), rungs.length - most));
  const folded: LinkedRung[] = [];
  const hidden: Rung[] = [];
  const close = (): void => {
    const [only, ...more] = hidden.splice(0);
    if (only) folded.push({ rung: more.length === 0 ? only : elide([only, ...more]), named: false });
  };
  for (const [index, rung] of rungs.entries()) {
    const link = links.find((one) => one.rung === index);
    const named =
      rung.kind === 'frame' && (rung.broken === true || links.some(({ frames }) => frames.includes(rung.n)));
    const kept = link !== undefined || named || (index >= start && index < start + most);
    if (rung.kind === 'elided' || !kept) {
      hidden.push(rung);
      continue;
    }
    close();
    folded.push({ rung, named, ...(link === undefined ? {} : { link }) });
  }
  close();
  return folded;
}
