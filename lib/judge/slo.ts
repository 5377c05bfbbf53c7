import { report, type SloFinding } from './slo/finding.ts';
import { judge } from './slo/judgment.ts';
import { count, emptyMemory, forget, gapsWith, type SloCount, type SloMemory, sceneOf } from './slo/memory.ts';
import { isBadRun, type SloRule } from './slo/pair.ts';

export { type ConfirmationQuestion, needsConfirmation } from './slo/confirmation.ts';
export type { SloFinding } from './slo/finding.ts';
export type { SloCount, SloMemory } from './slo/memory.ts';
export { type BurnSeverity, isRare, type SloRule } from './slo/pair.ts';

export type SloAdvance = { readonly memory: SloMemory; readonly finding: SloFinding };

/** Time passed without a run: what is too old leaves the window. No alarm begins by it, nor ends while anything is left. */
export const tickSlo = (rule: SloRule, memory: SloMemory, atMs: number): SloAdvance => {
  const scene = sceneOf(rule, memory.gapsMs, Math.max(atMs, memory.lastMs));
  const kept = forget(memory, scene);
  return { memory: kept, finding: report(scene, { memory: kept }) };
};

/**
 * Takes in one run and says how the objective stands. Runs come in the order of their time: one that is not newer than
 * the last, or that counted nothing, changes nothing.
 *
 * It fires when both windows of a pair burn (detection.md §9: the SRE workbook's, scaled to window, budget and cadence)
 * and neither chance nor a single run explains it, and when runs in a row had no good event at all. Then it fires until
 * a good run ends it, or nothing is left to go by: silence is no recovery. After that a new alarm takes new evidence.
 *
 * @param before `undefined` for the first run.
 */
export const advanceSlo = (rule: SloRule, before: SloMemory | undefined, run: SloCount): SloAdvance => {
  if (run.total === 0 || (before && run.atMs <= before.lastMs)) {
    return tickSlo(rule, before ?? emptyMemory(run.atMs, rule.samples), run.atMs);
  }
  const gapsMs = gapsWith(before, run.atMs);
  const scene = sceneOf(rule, gapsMs, run.atMs);
  const turn = judge(scene, count(before, run, scene, gapsMs), run);
  const isBad = isBadRun(run.bad, run.total, rule.budget);
  return { memory: turn.memory, finding: report(scene, turn, isBad ? run : undefined) };
};
