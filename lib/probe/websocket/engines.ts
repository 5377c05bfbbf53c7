import type { Invariant, Matcher, Step } from '../../config/plan.ts';
import { loadMatchEngines, type MatchEngines } from '../../match/engines.ts';
import { usesPatterns } from '../../match/json-path.ts';

const isTerm = (part: unknown): boolean => typeof part === 'object' && part !== null && 'op' in part;

/** Every matcher in a part of the plan, however deep: the plan is plain JSON. */
const matchersIn = (part: unknown): readonly Matcher[] => {
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part) && part.length > 0 && part.every(isTerm)) return [part as Matcher];
  return Object.values(part).flatMap(matchersIn);
};

/** Engines for the frame steps among these, those inside a soak too, and for the invariants. */
export const loadFrameEngines = (steps: readonly Step[], invariants: readonly Invariant[]): Promise<MatchEngines> => {
  const part = [steps.filter(({ type }) => type !== 'request'), invariants];
  const text = JSON.stringify(part);
  // A payload that reads like one loads an engine for nothing, which is before anything is timed.
  const patterns = usesPatterns(text) || text.includes('"from":"body"');
  return loadMatchEngines(matchersIn(part), { patterns });
};
