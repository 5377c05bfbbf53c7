import type { Place } from '../place.ts';
import type { CountExpectation, ExpectStep, FrameExpectation, OrderedExpectation } from '../plan.ts';
import { compileBounded } from './bounds.ts';
import { compileFrameCaptures } from './capture.ts';
import { readFieldName } from './field.ts';
import { connectionOf, type StepOf } from './frames.ts';
import { compilePattern, compileSomePattern } from './pattern.ts';
import type { StepDefaults } from './request.ts';
import { compileUntil } from './until.ts';
import { given, readDuration } from './values.ts';

type ExpectInput = StepOf<'expect'>['expect'];
type CountInput = NonNullable<ExpectInput['count']>;

/** One name or several, none of them twice; nothing: the default connection. */
export const connectionsOf = (as: string | readonly string[] | undefined, place: Place): readonly string[] => {
  if (typeof as !== 'object') return [connectionOf(as)];
  checkDistinct(as, place);
  return as;
};

export const checkDistinct = (list: readonly string[], place: Place): void => {
  for (const [name, at] of place.items(list)) {
    const own = at.path.at(-1);
    if (list.indexOf(name) !== list.lastIndexOf(name) && own !== list.indexOf(name))
      at.refuse('stands here twice', { got: name, remedy: 'remove one of the two' });
  }
};

const checkLimits = (input: CountInput, place: Place): void => {
  const { exactly, min, max } = input;
  if (exactly === undefined && min === undefined && max === undefined && place.isWhole(input)) {
    place.refuse('counts without a limit', { remedy: 'write exactly, min or max' });
  }
  if (exactly !== undefined && (min !== undefined || max !== undefined)) {
    place.refuse('has `exactly` beside min or max', { remedy: 'keep exactly, or min and max' });
  }
  if (min !== undefined && max !== undefined && min > max) place.refuse('min is over max', { got: { min, max } });
  if (min === 0 && max === undefined)
    place.at('min').refuse('holds whatever came', { remedy: 'write 1 or more, or max' });
  if (exactly === 0 || max === 0) {
    place.refuse('expects none', { remedy: 'write { absent: … }, which also proves that the connection was alive' });
  }
};

const compileCount = (input: CountInput, place: Place, withinMs: number): CountExpectation => {
  const { match, exactly, min, max, until } = input;
  checkLimits(input, place);
  return {
    kind: 'count',
    pattern: compilePattern(match, place.at('match')),
    ...given('exactly', exactly),
    ...given('min', min),
    ...given('max', max),
    ...given('until', until && compileUntil(until, place.at('until'), withinMs)),
  };
};

const compileInOrder = (input: ExpectInput, place: Place): OrderedExpectation => {
  const { inOrder, by, contiguous, groupBy } = input;
  return {
    kind: 'inOrder',
    patterns: place
      .at('inOrder')
      .items(inOrder)
      .map(([pattern, at]) => compilePattern(pattern, at)),
    by: by ?? 'arrival',
    contiguous: contiguous ?? false,
    ...given('groupBy', groupBy && readFieldName(groupBy, place.at('groupBy'))),
  };
};

const expectationKinds = ['one', 'inOrder', 'unordered', 'count', 'absent'] as const;

/** Keys that speak of one kind of expectation alone. */
const belongings = { by: 'inOrder', groupBy: 'inOrder', contiguous: 'inOrder', afterSeen: 'absent' } as const;

const checkKinds = (input: ExpectInput, place: Place): void => {
  const kinds = expectationKinds.filter((kind) => input[kind] !== undefined);
  if (kinds.length > 1 || (kinds.length === 0 && place.isWhole(input))) {
    const message =
      kinds.length === 0 ? 'expects nothing' : `expects one thing at a time: it has ${kinds.join(' and ')}`;
    place.refuse(message, { remedy: `write one of ${expectationKinds.join(', ')}` });
  }
  for (const [key, kind] of Object.entries(belongings)) {
    if (input[key as keyof typeof belongings] === undefined || input[kind] !== undefined) continue;
    const remedy = kind === 'absent' ? 'expect something absent' : 'expect frames in order';
    place.at(key).refuse(`belongs to \`${kind}\``, { remedy: `remove it, or ${remedy}` });
  }
};

const compileFrameExpectation = (input: ExpectInput, place: Place, withinMs: number): FrameExpectation => {
  checkKinds(input, place);
  const { one = {}, unordered, count, absent, afterSeen } = input;
  if (input.inOrder !== undefined) return compileInOrder(input, place);
  if (unordered !== undefined) {
    const items = place.at('unordered').items(unordered);
    return { kind: 'unordered', patterns: items.map(([pattern, at]) => compileSomePattern(pattern, at)) };
  }
  if (count !== undefined) return compileCount(count, place.at('count'), withinMs);
  if (absent === undefined) return { kind: 'one', pattern: compilePattern(one, place.at('one')) };
  return {
    kind: 'absent',
    pattern: compilePattern(absent, place.at('absent')),
    ...given('afterSeen', afterSeen && compilePattern(afterSeen, place.at('afterSeen'))),
  };
};

const readLatency = (latency: ExpectInput['latency'], place: Place): ExpectStep['latency'] =>
  latency && { since: latency.since, maxMs: readDuration(latency.max, place.at('max')) ?? 0 };

/** What is absent has neither a value nor a time. */
const checkAbsent = ({ expectation, capture, latency }: ExpectStep, place: Place): void => {
  if (expectation.kind !== 'absent') return;
  if (Object.keys(capture).length > 0) {
    place.refuse('captures from a frame that is to be absent', { remedy: 'remove the capture' });
  }
  if (latency !== undefined) {
    place.at('expect', 'latency').refuse('is that of a frame that is to be absent', { remedy: 'remove it' });
  }
};

export const compileExpect = (step: StepOf<'expect'>, place: Place, defaults: StepDefaults): ExpectStep => {
  const { expect } = step;
  const at = place.at('expect');
  const bounds = compileBounded(step, expect.within, place, 'expect', defaults);
  const compiled: ExpectStep = {
    type: 'expect',
    ...bounds,
    as: connectionsOf(expect.as, at.at('as')),
    expectation: compileFrameExpectation(expect, at, bounds.withinMs),
    ...given('from', expect.from),
    capture: compileFrameCaptures(step.capture, expect.capture, place, 'expect'),
    ...given('latency', readLatency(expect.latency, at.at('latency'))),
  };
  checkAbsent(compiled, place);
  return compiled;
};
