import type { Place } from '../place.ts';
import type { AckStep, Json, Matcher, ReconnectStep, ReplayStep } from '../plan.ts';
import { compileBounded } from './bounds.ts';
import { compileFrameCaptures } from './capture.ts';
import { checkDistinct } from './expect.ts';
import { connectionOf, type StepOf } from './frames.ts';
import { compileMatcher } from './matcher.ts';
import type { StepDefaults } from './request.ts';
import { compileReplayUntil } from './until.ts';
import { given, readDuration } from './values.ts';

type Rejection = { readonly rejected: { readonly code: Matcher } };

type RejectionInput = Extract<NonNullable<StepOf<'ack'>['ack']['expect']>, object>;

/** An outcome by its name, or `{ rejected: 'CODE' }`. */
const readOutcome = <const Named extends string>(
  input: Named | RejectionInput | undefined,
  place: Place,
  otherwise: NoInfer<Named>,
): Named | Rejection => {
  if (typeof input !== 'object') return input ?? otherwise;
  // A matcher of the schema is JSON by now: `copyData` dropped what is undefined.
  return { rejected: { code: compileMatcher(input.rejected as Json, place.at('rejected'), 'word') } };
};

export const compileReconnect = (step: StepOf<'reconnect'>, place: Place, defaults: StepDefaults): ReconnectStep => {
  const { as, resume, expect, within, retryEvery, capture } = step.reconnect;
  const at = place.at('reconnect');
  const bounds = compileBounded(step, within, place, 'reconnect', defaults);
  const retryEveryMs = readDuration(retryEvery, at.at('retryEvery'), { min: 10 });
  if (retryEveryMs !== undefined && retryEveryMs > bounds.withinMs) {
    const remedy = 'try more often, or raise `within`';
    at.at('retryEvery').refuse('is longer than `within`: it would try once', { got: retryEvery, remedy });
  }
  return {
    type: 'reconnect',
    ...bounds,
    as: connectionOf(as),
    resume: resume ?? {},
    expect: readOutcome(expect, at.at('expect'), 'resumed'),
    ...given('retryEveryMs', retryEveryMs),
    capture: compileFrameCaptures(step.capture, capture, place, 'reconnect'),
  };
};

export const compileAck = (step: StepOf<'ack'>, place: Place, defaults: StepDefaults): AckStep => {
  const { as, stream, cursor, expect, within, capture } = step.ack;
  return {
    type: 'ack',
    ...compileBounded(step, within, place, 'ack', defaults),
    as: connectionOf(as),
    stream,
    cursor,
    expect: readOutcome(expect, place.at('ack', 'expect'), 'accepted'),
    capture: compileFrameCaptures(step.capture, capture, place, 'ack'),
  };
};

const checkAssertions = (assertions: StepOf<'replay'>['replay']['assert'], place: Place): void => {
  checkDistinct(assertions, place);
  if (!assertions.includes('exclusiveOfCursor') || !assertions.includes('inclusiveOfCursor')) return;
  place.refuse('asserts of the cursor that it is left out and that it comes again', {
    got: assertions,
    remedy: 'keep exclusiveOfCursor or inclusiveOfCursor',
  });
};

export const compileReplay = (step: StepOf<'replay'>, place: Place, defaults: StepDefaults): ReplayStep => {
  const { as, stream, from, until, assert, within, capture } = step.replay;
  const at = place.at('replay');
  const bounds = compileBounded(step, within, place, 'replay', defaults);
  checkAssertions(assert, at.at('assert'));
  if (typeof stream === 'object') checkDistinct(stream, at.at('stream'));
  return {
    type: 'replay',
    ...bounds,
    as: connectionOf(as),
    streams: [stream].flat(),
    from,
    until: compileReplayUntil(until, at.at('until'), bounds.withinMs),
    assert,
    capture: compileFrameCaptures(step.capture, capture, place, 'replay'),
  };
};
