import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import type { SoakStep, Step } from '../plan.ts';
import type { StepInput } from '../schema/config.ts';
import type { StepOf } from './frames.ts';
import { compileCommon, type StepDefaults } from './request.ts';
import { given, readDuration } from './values.ts';

type SoakInput = StepOf<'soak'>['soak'];
type Length = Pick<SoakStep, 'iterations' | 'durationMs' | 'everyMs'>;

const readLength = (input: SoakInput, place: Place): Length => {
  const { iterations, duration, every } = input;
  if (iterations === undefined && duration === undefined && place.isWhole(input)) {
    place.refuse('has no end', { remedy: 'write iterations, duration, or both' });
  }
  return {
    ...given('iterations', iterations),
    ...given('durationMs', readDuration(duration, place.at('duration'))),
    ...given('everyMs', readDuration(every, place.at('every'))),
  };
};

/** A soak that the deadline of the run cuts short would never be judged whole. */
const checkLength = (input: SoakInput, length: Length, limit: Limit, place: Place): void => {
  const { iterations, durationMs, everyMs } = length;
  const remedy = `raise the ${limit.name}, which is ${formatDurationMs(limit.ms)}, or soak for less`;
  if (durationMs !== undefined && durationMs > limit.ms) {
    place.at('duration').refuse(`is longer than the ${limit.name}`, { got: input.duration, remedy });
  }
  if (everyMs === undefined) return;
  if (durationMs !== undefined && everyMs >= durationMs) {
    const often = 'make it shorter than the duration';
    place
      .at('every')
      .refuse('is as long as the soak: there would be one iteration', { got: input.every, remedy: often });
  }
  const lastMs = iterations === undefined ? 0 : (iterations - 1) * everyMs;
  if (durationMs === undefined && lastMs > limit.ms) {
    place
      .at('iterations')
      .refuse(`begin the last of them after ${formatDurationMs(lastMs)}, beyond the ${limit.name}`, {
        got: iterations,
        remedy,
      });
  }
};

type Limit = { readonly name: string; readonly ms: number };

/** Whether it could ever fail. */
const checkFailures = ({ iterations, maxFailures }: SoakInput, place: Place): void => {
  if (iterations === undefined || maxFailures === undefined || maxFailures < iterations) return;
  const remedy = `write less than ${iterations}, the number of iterations`;
  place.at('maxFailures').refuse('lets every iteration fail', { got: maxFailures, remedy });
};

/** A threshold is judged over the passes of a run: what is repeated within one would be let pass unseen. */
const checkThresholds = (steps: SoakInput['steps'], place: Place): void => {
  for (const [{ thresholds }, at] of place.items(steps)) {
    if (thresholds === undefined) continue;
    const remedy = 'write the invariant { latency: { since, until, p95 } }, which sees every iteration';
    at.at('thresholds').refuse('would not be judged within a soak', { got: thresholds, remedy });
  }
};

/** `compileInner` compiles one of its steps; `position` counts within the soak, from 1. */
export const compileSoak = (
  step: StepOf<'soak'>,
  place: Place,
  defaults: StepDefaults,
  compileInner: (step: StepInput, place: Place, position: number) => Step,
): SoakStep => {
  const { soak } = step;
  const at = place.at('soak');
  // The default timeout is that of one answer; a soak has as long as its run.
  const common = compileCommon(step, place, { ...defaults, timeoutMs: defaults.deadlineMs });
  const length = readLength(soak, at);
  const name = step.timeout === undefined ? 'deadline of the run' : 'timeout of the step';
  checkLength(soak, length, { name, ms: common.timeoutMs }, at);
  checkFailures(soak, at);
  checkThresholds(soak.steps, at.at('steps'));
  return {
    type: 'soak',
    ...common,
    ...length,
    fresh: soak.fresh ?? 'none',
    steps: at
      .at('steps')
      .items(soak.steps)
      .map(([inner, spot]) => compileInner(inner, spot, Number(spot.path.at(-1)) + 1)),
    maxFailures: soak.maxFailures ?? 0,
  };
};
