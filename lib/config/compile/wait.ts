import type { Place } from '../place.ts';
import type { BarrierStep, ConvergeStep, QuietStep } from '../plan.ts';
import { compileBounded, readQuiet } from './bounds.ts';
import { checkDistinct, connectionsOf } from './expect.ts';
import type { StepOf } from './frames.ts';
import type { StepDefaults } from './request.ts';

export const compileBarrier = (step: StepOf<'barrier'>, place: Place, defaults: StepDefaults): BarrierStep => {
  const at = place.at('barrier');
  const { barrier } = step;
  const within = 'as' in barrier ? barrier.within : undefined;
  const as = 'as' in barrier ? barrier.as : barrier;
  checkDistinct(as, 'as' in barrier ? at.at('as') : at);
  return { type: 'barrier', ...compileBounded(step, within, place, 'barrier', defaults), as };
};

export const compileQuiet = (step: StepOf<'quiet'>, place: Place, defaults: StepDefaults): QuietStep => {
  const at = place.at('quiet');
  const { quiet } = step;
  const short = typeof quiet === 'string';
  const { as, within } = short ? {} : quiet;
  const bounds = compileBounded(step, within, place, 'quiet', defaults);
  return {
    type: 'quiet',
    ...bounds,
    as: as === undefined ? [] : connectionsOf(as, at.at('as')),
    quietMs: readQuiet(short ? quiet : quiet.for, short ? at : at.at('for'), bounds.withinMs) ?? 0,
  };
};

export const compileConverge = (step: StepOf<'converge'>, place: Place, defaults: StepDefaults): ConvergeStep => {
  const { as, within } = step.converge;
  const at = place.at('converge', 'as');
  checkDistinct(as, at);
  if (as.length < 2 && at.isWhole(as))
    at.refuse('is one connection, which always agrees with itself', { got: as, remedy: 'name two' });
  return { type: 'converge', ...compileBounded(step, within, place, 'converge', defaults), as };
};
