import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import type { StepCommon } from '../plan.ts';
import type { StepCommonInput } from '../schema/config.ts';
import { compileCommon, type StepDefaults } from './request.ts';
import { readDuration } from './values.ts';

export type Bounded = StepCommon & { readonly withinMs: number };

/**
 * What every step says of itself, and the time it waits. `within` outlives a default timeout, which knows nothing of this
 * step; against one written here it is a mistake. `place` is the step's, `key` where its `within` stands.
 */
export const compileBounded = (
  step: StepCommonInput,
  within: string | undefined,
  place: Place,
  key: string,
  defaults: StepDefaults,
): Bounded => {
  const common = compileCommon(step, place, defaults);
  const at = place.at(key, 'within');
  const withinMs = readDuration(within, at) ?? common.timeoutMs;
  const explicit = step.timeout !== undefined;
  const limitMs = explicit ? common.timeoutMs : defaults.deadlineMs;
  if (withinMs > limitMs) {
    at.refuse(`is longer than the ${explicit ? 'timeout of the step' : 'deadline of the run'}`, {
      got: within,
      remedy: `lower it, or raise the limit, which is ${formatDurationMs(limitMs)}`,
    });
  }
  return { ...common, withinMs, timeoutMs: Math.max(common.timeoutMs, withinMs) };
};

/** How long nothing may come: reported where the step would be over before. */
export const readQuiet = (text: string | undefined, place: Place, withinMs: number): number | undefined => {
  const quietMs = readDuration(text, place);
  if (quietMs !== undefined && quietMs > withinMs) {
    const remedy = `lower it, or raise \`within\`, which is ${formatDurationMs(withinMs)}`;
    place.refuse('is longer than the step waits', { got: text, remedy });
  }
  return quietMs;
};
